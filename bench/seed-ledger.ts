/** Ledgers that already know many people: filled by the databases themselves, since a million commits would take an hour. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import { openLedger } from '../ledger/open-ledger';
import { canonicalText, MAPPINGS, PLACE } from './people';

export const SYNC = { sync: 'contacts', record_type: 'contact', source: 'crm', target: 'support' } as const;
const SYSTEMS = [['crm', 'c'], ['support', 's']] as const;

const REGISTER = `INSERT INTO sync_syncs (sync, first_system, second_system, record_type, created_at) VALUES ('contacts', 'crm', 'support', 'contact', '2026-01-01T00:00:00.000Z')`;

/** The tables are those of the migrations; what is stored is what a first sync followed by one commit leaves behind. */
export async function seedPostgres(connectionString: string, people: number): Promise<void> {
  const ledger = openLedger({ kind: 'postgres', connectionString, schema: 'public' });
  await ledger.migrate();
  await ledger.close();
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(REGISTER);
    await client.query(`SELECT setval('sync_sequence', $1)`, [people + 10]);
    await client.query(`INSERT INTO sync_records (sync, record_key, version, committed_version, changed_seq, fencing_token, committed_token)
      SELECT 'contacts', 'contact_c' || i, 2, 1, i, i, i FROM generate_series(1, $1::int) i`, [people]);
    for (const [system, letter] of SYSTEMS) {
      await client.query(`INSERT INTO sync_links (sync, system, native_id, record_key) SELECT 'contacts', $2, $3 || i, 'contact_c' || i FROM generate_series(1, $1::int) i`, [people, system, letter]);
      await client.query(`INSERT INTO sync_snapshots (sync, record_key, system, native_id, presence, record, fingerprint, mapping_fingerprint, observed_at)
        SELECT 'contacts', 'contact_c' || i, $2, $3 || i, 'present', r, 'v1:' || encode(sha256(convert_to(r, 'UTF8')), 'hex'), $4, now()
        FROM (SELECT i, replace($5, $6, i::text) AS r FROM generate_series(1, $1::int) i) AS people`, [people, system, letter, MAPPINGS[system].schema.mapping_fingerprint, canonicalText(), PLACE]);
    }
    await client.query(`INSERT INTO sync_ledger (record_key, source_system, target_system, field_hash, direction, seq)
      SELECT record_key, 'crm', 'support', fingerprint, 'crm-to-support', row_number() OVER () FROM sync_snapshots WHERE system = 'crm'`);
    await client.query('ANALYZE');
    await vacuumed(client);
    await client.query('CHECKPOINT');
  } finally {
    await client.end();
  }
}

/** As a ledger that has grown: all of it known to be visible to everybody, which statistics that are gathered meanwhile can put off. */
async function vacuumed(client: Client): Promise<void> {
  for (;;) {
    await client.query('VACUUM');
    const { rowCount } = await client.query(`SELECT FROM pg_class WHERE relname IN ('sync_records', 'sync_links', 'sync_snapshots', 'sync_ledger') AND relkind = 'r' AND relallvisible < relpages`);
    if (rowCount === 0) return;
    await sleep(500);
  }
}

export async function seedSqlite(file: string, people: number): Promise<void> {
  const ledger = openLedger({ kind: 'sqlite', file });
  await ledger.migrate();
  await ledger.close();
  const database = new DatabaseSync(file);
  try {
    database.function('fingerprint', { deterministic: true }, (text) => `v1:${createHash('sha256').update(String(text)).digest('hex')}`);
    database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; BEGIN');
    database.exec(REGISTER);
    const numbers = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)';
    database.prepare('UPDATE sync_sequence SET value = ?').run(people + 10);
    database.prepare(`INSERT INTO sync_records (sync, record_key, version, committed_version, changed_seq, fencing_token, committed_token) ${numbers} SELECT 'contacts', 'contact_c' || i, 2, 1, i, i, i FROM n`).run(people);
    for (const [system, letter] of SYSTEMS) {
      database.prepare(`INSERT INTO sync_links (sync, system, native_id, record_key) ${numbers} SELECT 'contacts', ?2, ?3 || i, 'contact_c' || i FROM n`).run(people, system, letter);
      database.prepare(`INSERT INTO sync_snapshots (sync, record_key, system, native_id, presence, record, fingerprint, mapping_fingerprint, observed_at) ${numbers}
        SELECT 'contacts', 'contact_c' || i, ?2, ?3 || i, 'present', replace(?5, ?6, i), fingerprint(replace(?5, ?6, i)), ?4, '2026-01-01T00:00:00.000Z' FROM n`)
        .run(people, system, letter, MAPPINGS[system].schema.mapping_fingerprint, canonicalText(), PLACE);
    }
    database.exec(`INSERT INTO sync_ledger (record_key, source_system, target_system, field_hash, direction, synced_at, seq)
      SELECT record_key, 'crm', 'support', fingerprint, 'crm-to-support', '2026-01-01T00:00:00.000Z', rowid FROM sync_snapshots WHERE system = 'crm'`);
    database.exec('COMMIT; ANALYZE');
  } finally {
    database.close();
  }
  await onDisk(file);
}

/** What has been filled in is on disk before anything is measured: its commits would wait for it. */
async function onDisk(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.sync();
  await handle.close();
}
