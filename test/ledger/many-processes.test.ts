import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { LedgerStore } from '../../ledger/ledger-store';
import { openLedger, type LedgerSettings } from '../../ledger/open-ledger';
import { migrations as postgresMigrations } from '../../ledger/postgres/migrations';
import { migrations as sqliteMigrations } from '../../ledger/sqlite/migrations';
import { startPostgres, type PostgresServer } from '../../tools/postgres';
import { checkItem, scope, startRequest } from './items';

const hammeredSchema = z.object({ committed: z.array(z.object({ record_key: z.string(), fencing_token: z.number() })), refused: z.number() });
type Hammered = z.infer<typeof hammeredSchema>;
const numberRow = z.tuple([z.object({ n: z.coerce.number() })]);

/** A process of its own, with a connection of its own. */
async function worker(...args: readonly string[]): Promise<Hammered> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', join(__dirname, 'ledger-worker.ts'), ...args], { maxBuffer: 10_000_000 });
  return hammeredSchema.parse(JSON.parse(stdout));
}

const times = <T>(count: number, make: (index: number) => T): readonly T[] => Array.from({ length: count }, (_, index) => make(index));

let server: PostgresServer;
let folder: string;
beforeAll(async () => {
  server = await startPostgres();
  folder = await mkdtemp(join(tmpdir(), 'two-way-sync-processes-'));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function numberOf(sql: string): Promise<number> {
  const client = new Client({ connectionString: server.connectionString() });
  await client.connect();
  try {
    return numberRow.parse((await client.query(sql)).rows)[0].n;
  } finally {
    await client.end();
  }
}

/** What a record's commits must have come to, and that nothing was left held. */
async function expectNothingLost(store: LedgerStore, results: readonly Hammered[]): Promise<void> {
  const commits = results.flatMap(({ committed }) => committed);
  const tokens = commits.map(({ fencing_token, record_key }) => `${record_key} ${fencing_token}`);
  expect(new Set(tokens).size, 'one holder per lease').toBe(tokens.length);
  const keys = [...new Set(commits.map(({ record_key }) => record_key))];
  expect(keys).toHaveLength(6);
  const { run } = await store.start(startRequest());
  const verdicts = await store.check(run, keys.map((key) => checkItem({ native_id: key.replace('contact_', 'c'), proposed_key: key, full: true })));
  expect(verdicts.map((verdict) => (verdict.kind === 'Changed' ? [verdict.row?.record_key, verdict.row?.committed_version, verdict.row?.version, verdict.row?.intents] : verdict)))
    .toEqual(keys.map((key) => {
      const own = commits.filter(({ record_key }) => record_key === key).length;
      // A Reserve and a Commit each move the version, and no Reserve was left without its Commit.
      return [key, own, 2 * own, []];
    }));
  // Every process noted both sides of each record: what its own run did not handle is still waiting, and nothing else.
  const hints = (await store.pending(scope, 1000)).hints;
  expect(hints.every(({ native_id }) => /^[cs][0-5]$/u.test(native_id))).toBe(true);
}

describe.each([
  ['PostgreSQL', (name: string): LedgerSettings => ({ kind: 'postgres', connectionString: server.connectionString(), schema: name })],
  ['SQLite', (name: string): LedgerSettings => ({ kind: 'sqlite', file: join(folder, name, 'ledger.sqlite') })],
] as const)('%s: many processes at once', (kind, settingsFor) => {
  it('twenty that start at once on an empty database make one schema', async () => {
    const settings = settingsFor('migrated');
    await Promise.all(times(20, () => worker('migrate', JSON.stringify(settings))));
    if (settings.kind === 'postgres') {
      expect(await numberOf('SELECT count(*) AS n FROM migrated.sync_migrations')).toBe(postgresMigrations.length);
    } else {
      const database = new DatabaseSync(settings.file, { readOnly: true });
      expect(numberRow.parse([{ ...database.prepare('SELECT count(*) AS n FROM sync_migrations').get() }])[0].n).toBe(sqliteMigrations.length);
      database.close();
    }
  }, 120_000);

  it(`${kind === 'SQLite' ? 'eight' : 'fifty'} on six records: no deadlock, no commit lost, one holder per lease`, async () => {
    const settings = settingsFor('hammered');
    const store = openLedger(settings);
    await store.migrate();
    const deadlocks = (): Promise<number> => (settings.kind === 'postgres' ? numberOf('SELECT deadlocks AS n FROM pg_stat_database WHERE datname = current_database()') : Promise.resolve(0));
    const before = await deadlocks();
    const processes = settings.kind === 'postgres' ? 50 : 8;
    const results = await Promise.all(times(processes, (seed) => worker('hammer', JSON.stringify(settings), String(seed), '10')));
    await expectNothingLost(store, results);
    expect(await deadlocks()).toBe(before);
    await store.close();
  }, 180_000);
});
