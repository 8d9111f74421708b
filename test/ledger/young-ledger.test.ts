/** What a batch costs PostgreSQL while its planner knows no sizes yet, as in the first minute of a ledger: counted in rows looked at, not timed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { fingerprint } from '../../core/json/fingerprint';
import type { LedgerStore } from '../../ledger/ledger-store';
import { openLedger } from '../../ledger/open-ledger';
import { startPostgres, type PostgresServer } from '../../tools/postgres';
import { checkItem, commitItem, intent, record, reserveItem, snapshot, startRequest } from './items';

const RECORDS = 600;
const BATCH = 200;
/** Rows and index entries that one item may look at in all four steps. A hundred and forty are; to go through one table for each would be hundreds more. */
const MOST = 200;

let server: PostgresServer;
beforeAll(async () => { server = await startPostgres(['autovacuum=off']); });
afterAll(() => server.stop());

const ids = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => String(index));
const keyed = (id: string): { readonly record_key: string; readonly links: { readonly crm: string; readonly support: string } } => ({ record_key: `contact_${id}`, links: { crm: `c${id}`, support: `s${id}` } });

/** Each record is known afterwards, with a note, a line of history and a tuple of the journal. */
async function fill(store: LedgerStore): Promise<void> {
  const { run } = await store.start(startRequest(...ids(RECORDS).map((id) => `c${id}`)));
  const committed = await store.commit(run, ids(RECORDS).map((id) => commitItem(keyed(id))));
  expect(committed.every(({ kind }) => kind === 'Committed')).toBe(true);
}

async function oneBatch(store: LedgerStore): Promise<void> {
  const newer = record({ name: 'newer' });
  const { run } = await store.start(startRequest(...ids(BATCH).map((id) => `c${id}`)));
  const checked = await store.check(run, ids(BATCH).map((id) => checkItem({ native_id: `c${id}`, proposed_key: `contact_${id}`, fingerprint: fingerprint(newer) })));
  expect(checked.every(({ kind }) => kind === 'Changed')).toBe(true);
  const reserved = await store.reserve(run, ids(BATCH).map((id) => reserveItem({ ...keyed(id), version: 1, intents: [intent({ to: newer, native_id: `s${id}`, idempotency_key: `key-${id}` })] })));
  const tokens = reserved.map((verdict) => (verdict.kind === 'Reserved' ? verdict.fencing_token : null));
  expect(tokens).not.toContain(null);
  const committed = await store.commit(run, ids(BATCH).map((id, place) => commitItem({ ...keyed(id), version: 1, fencing_token: tokens[place] ?? null, snapshots: { crm: snapshot(newer), support: snapshot(newer) }, written: ['support'] })));
  expect(committed.every(({ kind }) => kind === 'Committed')).toBe(true);
}

/** Lets a store work, waits until its connections are gone, which then have told what they read, and says how much that was. */
async function looksAt(connectionString: string, work: (store: LedgerStore) => Promise<void>): Promise<number> {
  const client = new Client({ connectionString });
  await client.connect();
  const counted = async (sql: string): Promise<number> => z.object({ n: z.coerce.number() }).parse((await client.query(sql)).rows[0]).n;
  const looked = 'SELECT (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes) + (SELECT sum(seq_tup_read) FROM pg_stat_user_tables) AS n';
  try {
    const before = await counted(looked);
    const store = openLedger({ kind: 'postgres', connectionString, schema: 'public' });
    await store.migrate();
    await work(store);
    await store.close();
    while ((await counted(`SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'n8n-two-way-sync'`)) > 0) await sleep(20);
    return (await counted(looked)) - before;
  } finally {
    await client.end();
  }
}

async function asked(connectionString: string, sql: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  await client.query(sql);
  await client.end();
}

it('each item of a batch is looked up by its key, however many records there are', async () => {
  const connectionString = await server.createDatabase('young');
  await looksAt(connectionString, fill);
  expect((await looksAt(connectionString, oneBatch)) / BATCH).toBeLessThan(MOST);
});

it('a sweep looks at what is open, and not at all records', async () => {
  const connectionString = await server.createDatabase('swept');
  await looksAt(connectionString, fill);
  // What the index of unhandled notes still holds of those that are handled by now would count too.
  await asked(connectionString, 'VACUUM sync_notes');
  const looked = await looksAt(connectionString, async (store) => { expect((await store.pending(startRequest('c0'), 10)).hints).toEqual([]); });
  expect(looked).toBeLessThan(RECORDS / 2);
});

/** So many that to look through the listing for each of them does not end within the time of a test. */
const LISTED = 60_000;

it('a long listing is joined with the records that are known', async () => {
  const connectionString = await server.createDatabase('listed');
  const store = openLedger({ kind: 'postgres', connectionString, schema: 'public' });
  await store.migrate();
  await asked(connectionString, `INSERT INTO sync_links (sync, system, native_id, record_key) SELECT 'contacts', 'crm', 'c' || i, 'contact_' || i FROM generate_series(0, ${String(LISTED)}) i`);
  const missing = await store.missing(startRequest('c0'), 'crm', ids(LISTED).map((id) => `c${id}`));
  expect(missing).toEqual([{ system: 'crm', native_id: `c${String(LISTED)}` }]);
  await store.close();
});
