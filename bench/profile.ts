/** What a batch costs PostgreSQL at least: the parts that no step can do without, each as one statement of its own, beside the steps. */
import { Client } from 'pg';
import type { Observation } from '../core/model';
import { openLedger } from '../ledger/open-ledger';
import { startBenchPostgres } from './bench-postgres';
import { playBatch, readBatch, STEPS, type StepTimes } from './ledger-batch';
import type { Section } from './section';
import { seedPostgres } from './seed-ledger';
import { median, timed } from './side-by-side';

const ITEMS = `jsonb_to_recordset($1::jsonb) AS e(system text, native_id text, record_key text, fingerprint text, mapping_fingerprint text)`;
const FOUND = `FROM (SELECT * FROM ${ITEMS} ORDER BY system, native_id) e CROSS JOIN LATERAL (SELECT l.record_key FROM sync_links l WHERE l.sync = 'contacts' AND l.system = e.system AND l.native_id = e.native_id LIMIT 1) l`;
const HELD = `${FOUND} CROSS JOIN LATERAL (SELECT r.version FROM sync_records r WHERE r.sync = 'contacts' AND r.record_key = l.record_key LIMIT 1 FOR UPDATE) r`;
const SEEN = `${HELD} CROSS JOIN LATERAL (SELECT s.fingerprint FROM sync_snapshots s WHERE s.sync = 'contacts' AND s.record_key = l.record_key AND s.system = e.system LIMIT 1) s`;

/** In the order in which they build on each other; each is rolled back. */
const PARTS: readonly (readonly [what: string, sql: string])[] = [
  ['items there, one row each back', `SELECT e.native_id, e.record_key FROM ${ITEMS}`],
  ['and whose record it is (links)', `SELECT e.native_id, l.record_key ${FOUND}`],
  ['and its row, locked', `SELECT e.native_id, r.version ${HELD}`],
  ['and what was seen of it (snapshots)', `SELECT e.native_id, r.version, s.fingerprint = e.fingerprint AS same ${SEEN}`],
  ['a note of each', `INSERT INTO sync_notes (sync, system, native_id, hint_seq, handled_seq) SELECT 'contacts', e.system, e.native_id, nextval('sync_sequence'), 0 FROM (SELECT * FROM ${ITEMS} ORDER BY system, native_id) e
    ON CONFLICT (sync, system, native_id) DO UPDATE SET hint_seq = excluded.hint_seq`],
  ['each note finished', `UPDATE sync_notes n SET handled_seq = n.hint_seq FROM ${ITEMS} WHERE n.sync = 'contacts' AND n.system = e.system AND n.native_id = e.native_id`],
];

async function rolledBack(client: Client, sql: string, batch: string): Promise<number> {
  await client.query('BEGIN');
  const ms = await timed(() => client.query(sql, [batch]));
  await client.query('ROLLBACK');
  return ms;
}

const textOf = (observations: readonly Observation[]): string =>
  JSON.stringify(observations.map(({ native_id, record_key, fingerprint, schema }) => ({ system: 'crm', native_id, record_key, fingerprint, mapping_fingerprint: schema.mapping_fingerprint })));

export async function benchProfile({ batch, known, runs }: { readonly batch: number; readonly known: number; readonly runs: number }): Promise<Section> {
  const server = await startBenchPostgres();
  try {
    const connectionString = await server.createDatabase('bench_profile');
    await seedPostgres(connectionString, known);
    const ledger = openLedger({ kind: 'postgres', connectionString, schema: 'public' });
    const client = new Client({ connectionString });
    await client.connect();
    const parts = new Map<string, number[]>(PARTS.map(([what]) => [what, []]));
    const steps: StepTimes[] = [];
    try {
      for (let turn = 0; turn <= runs; turn += 1) {
        // The steps come first: their notes are what the parts write again.
        const observations = readBatch(known, batch, turn + 1);
        const times = await playBatch(ledger, observations);
        const text = textOf(observations);
        for (const [what, sql] of PARTS) {
          const ms = await rolledBack(client, sql, text);
          if (turn > 0) parts.get(what)?.push(ms);
        }
        if (turn > 0) steps.push(times);
      }
    } finally {
      await client.end();
      await ledger.close();
    }
    const perItem = (ms: number): number => (ms * 1000) / batch;
    const rows = [...parts].map(([what, values]) => [what, median(values), perItem(median(values))]);
    const step = (name: (typeof STEPS)[number]): readonly [string, number, number] => {
      const ms = median(steps.map((times) => times[name]));
      return [`step: ${name}`, ms, perItem(ms)];
    };
    return {
      id: 'profile', title: 'Where the time of a batch goes on PostgreSQL',
      about: `${String(batch)} items in a ledger of ${String(known)}, 5 % changed (Reserve and Commit are about those alone); medians of ${String(runs)} turns. The first four rows build on each other: what a Check must at least ask. Then what is written for each item whatever became of it: Start notes it, Check or Commit finishes the note. Beside them the steps of the ledger as they are. Each part by the bare driver, with pages and keys warm from the step before.`,
      columns: ['what', 'ms', 'µs an item'], rows: [...rows, ...STEPS.map(step)], targets: [],
    };
  } finally {
    await server.stop();
  }
}
