import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunContext } from '../../core/model';
import { DEFAULT_RETENTION } from '../../ledger/retention';
import type { LedgerStore, ReserveItem } from '../../ledger/ledger-store';
import { migrations } from '../../ledger/postgres/migrations';
import { openLedger, testLedger, type PostgresSettings } from '../../ledger/open-ledger';
import { startPostgres, type PostgresServer } from '../../tools/postgres';
import { LEDGER_TABLES, ledgerContract } from './contract';
import { checkItem, commitItem, intent, record, reserveItem, scope, snapshot, startRequest } from './items';

let server: PostgresServer;
let schemas = 0;
beforeAll(async () => { server = await startPostgres(); });
afterAll(() => server.stop());

const newSchema = (): string => `ledger_${(schemas += 1)}`;

async function withClient<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: server.connectionString() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const dumpOf = (schema: string): Promise<unknown> => withClient(async (client) => {
  const { rows } = await client.query<{ tablename: string }>(`SELECT tablename FROM pg_tables WHERE schemaname = $1 AND tablename NOT IN ('sync_runs', 'sync_migrations') ORDER BY tablename`, [schema]);
  const tables = [];
  for (const { tablename } of rows) tables.push([tablename, (await client.query(`SELECT to_jsonb(t) FROM "${schema}"."${tablename}" t ORDER BY to_jsonb(t)::text`)).rows]);
  return tables;
});

const sizesOf = (schema: string): Promise<{ readonly [table: string]: number }> => withClient(async (client) => {
  const sizes: { [table: string]: number } = {};
  for (const table of LEDGER_TABLES) sizes[table] = Number((await client.query<{ n: string }>(`SELECT count(*) AS n FROM "${schema}"."${table}"`)).rows[0]?.n);
  return sizes;
});

ledgerContract('PostgreSQL', (clock) => {
  const schema = newSchema();
  return Promise.resolve({ store: openLedger({ kind: 'postgres', connectionString: server.connectionString(), schema }, { clock }), dump: () => dumpOf(schema), sizes: () => sizesOf(schema) });
});

/** A pool of its own, as another process would have: pools are shared by connection string. */
const asProcess = (schema: string, name: string): PostgresSettings => ({ kind: 'postgres', connectionString: `${server.connectionString()}?keepalives=${encodeURIComponent(name)}`, schema });

describe('PostgreSQL: steps that meet', () => {
  let schema: string;
  let store: LedgerStore;
  let other: Client;

  beforeEach(async () => {
    schema = newSchema();
    store = openLedger({ kind: 'postgres', connectionString: server.connectionString(), schema });
    await store.migrate();
    other = new Client({ connectionString: server.connectionString() });
    await other.connect();
    await other.query('BEGIN');
  });
  afterEach(async () => {
    await other.query('ROLLBACK');
    await other.end();
    await store.close();
  });

  const begin = async (...ids: string[]): Promise<RunContext> => (await store.start(startRequest(...ids))).run;
  const wired = (item: ReserveItem): unknown => ({ ...item, intents: item.intents.map((one) => ({ ...one, to: JSON.stringify(one.to), from: JSON.stringify(one.from), used: JSON.stringify(one.used) })) });
  /** A step of another worker that has done its work but is not committed yet. */
  const underWay = (step: string, ...values: unknown[]): Promise<unknown> => other.query(`SELECT * FROM "${schema}".${step}(${values.map((_, index) => `$${index + 1}::jsonb`).join(', ')}, NULL)`, values.map((value) => JSON.stringify(value)));
  const waits = async (step: Promise<unknown>): Promise<void> => {
    const first = await Promise.race([step.then(() => 'done'), sleep(250, 'waiting')]);
    expect(first).toBe('waiting');
  };

  it('a Start waits for the Reserve that is testing its note; its run is then Busy, and the holder goes back [F1]', async () => {
    const run = await begin('c1');
    await underWay('sync_reserve', run, [wired(reserveItem())]);
    const starting = store.start(startRequest('c1'));
    await waits(starting);
    await other.query('COMMIT');
    const second = (await starting).run;
    expect(await store.check(second, [checkItem()])).toMatchObject([{ kind: 'Busy' }]);
    const { rows } = await other.query<{ token: string }>(`SELECT fencing_token AS token FROM "${schema}".sync_records`);
    expect(await store.commit(run, [commitItem({ fencing_token: Number(rows[0]?.token) })])).toMatchObject([{ kind: 'Recheck', reason: 'newer_hints' }]);
  });

  it('a Reserve that waits for a Start sees its note', async () => {
    const run = await begin('c1');
    await underWay('sync_start', startRequest('c1'));
    const reserving = store.reserve(run, [reserveItem()]);
    await waits(reserving);
    await other.query('COMMIT');
    expect(await reserving).toMatchObject([{ kind: 'Recheck', reason: 'hint' }]);
  });

  it('a Commit tests the notes as they are when its wait for the row is over, not as they were when it was called', async () => {
    const run = await begin('c1');
    const [reserved] = await store.reserve(run, [reserveItem()]);
    if (reserved?.kind !== 'Reserved') throw new Error('not reserved');
    await other.query(`SELECT 1 FROM "${schema}".sync_records FOR UPDATE`);
    const committing = store.commit(run, [commitItem({ fencing_token: reserved.fencing_token })]);
    await waits(committing);
    await other.query(`SELECT "${schema}".sync_note('contacts', 'support', 's1', NULL)`);
    await other.query('COMMIT');
    expect(await committing).toMatchObject([{ kind: 'Recheck', reason: 'newer_hints' }]);
  });

  it('a Check waits for the Commit of its record, and then reads again', async () => {
    const run = await begin('c1');
    const [reserved] = await store.reserve(run, [reserveItem()]);
    const second = await begin();
    await underWay('sync_commit', run, [{ ...commitItem({ fencing_token: reserved?.kind === 'Reserved' ? reserved.fencing_token : 0 }), snapshots: {}, journal: [], overrides: '[]' }]);
    const checking = store.check(second, [checkItem()]);
    await waits(checking);
    await other.query('COMMIT');
    expect(await checking).toMatchObject([{ kind: 'Recheck', reason: 'committed_since_read' }]);
  });

  it('a record that is deleted while its row is being made is not called unknown', async () => {
    await underWay('sync_reserve', await begin('c1'), [wired(reserveItem({ links: { crm: 'c1' } }))]);
    const checking = begin().then((run) => store.check(run, [checkItem({ fingerprint: null, proposed_key: null })]));
    await waits(checking);
    await other.query('COMMIT');
    expect(await checking).toMatchObject([{ kind: 'Busy', record_key: 'contact_1' }]);
  });

  it('of two creates with one match key at the same moment, one is made [L8]', async () => {
    const create = intent({ op: 'create', native_id: null, match_key: 'a@b.c' });
    const run = await begin('c1', 'c2');
    await underWay('sync_reserve', run, [wired(reserveItem({ links: { crm: 'c1' }, intents: [create] }))]);
    const reserving = store.reserve(run, [reserveItem({ record_key: 'contact_2', links: { crm: 'c2' }, intents: [create] })]);
    await waits(reserving);
    await other.query('COMMIT');
    expect(await reserving).toMatchObject([{ kind: 'Recheck', reason: 'match_key_claimed', claimed_by: 'contact_1' }]);
  });

  it('of two rows that claim one native id at the same moment, one gets it [L1]', async () => {
    const run = await begin('c1', 'c2');
    await underWay('sync_reserve', run, [wired(reserveItem())]);
    const reserving = store.reserve(run, [reserveItem({ record_key: 'contact_2', links: { crm: 'c2', support: 's1' } })]);
    await waits(reserving);
    await other.query('COMMIT');
    expect(await reserving).toMatchObject([{ kind: 'Recheck', reason: 'link_claimed', claimed_by: 'contact_1' }]);
  });

  describe('a row that would give way to another one, in the same moment in which its own run reserves it', () => {
    const own = reserveItem({ record_key: 'contact_2', version: 1, links: { support: 's1' } });
    const begun = async (): Promise<RunContext> => {
      await store.commit(await begin(), [commitItem({ record_key: 'contact_2', version: 0, fencing_token: null, links: { support: 's1' }, snapshots: {}, journal: [] })]);
      return begin('c1');
    };

    it('keeps its record where its own run was first', async () => {
      const run = await begun();
      await underWay('sync_reserve', run, [wired(own)]);
      const taking = store.reserve(run, [reserveItem()]);
      await waits(taking);
      await other.query('COMMIT');
      expect(await taking).toMatchObject([{ kind: 'Recheck', reason: 'link_claimed', claimed_by: 'contact_2' }]);
    });

    it('is gone where the other one was first, and its run is sent to that row', async () => {
      const run = await begun();
      await underWay('sync_reserve', run, [wired(reserveItem())]);
      const reserving = store.reserve(run, [own]);
      await waits(reserving);
      await other.query('COMMIT');
      expect(await reserving).toMatchObject([{ kind: 'Recheck', record_key: 'contact_2' }]);
      expect(await store.check(await begin(), [checkItem({ system: 'support', native_id: 's1', full: true })])).toMatchObject([{ kind: 'Busy', record_key: 'contact_1' }]);
    });
  });

  it('records that have nothing to do with each other do not wait', async () => {
    const run = await begin();
    await underWay('sync_reserve', await begin('c1'), [wired(reserveItem({ links: { crm: 'c1' }, intents: [] }))]);
    const verdicts = await Promise.all(['c3', 'c4', 'c5', 'c6'].map((id) => Promise.race([store.check(run, [checkItem({ native_id: id, proposed_key: id })]), sleep(3000, 'waiting')])));
    // 128 lock numbers: a few may share one by chance, most do not.
    expect(verdicts.filter((verdict) => verdict !== 'waiting').length).toBeGreaterThanOrEqual(3);
    await other.query('COMMIT');
  });
});

describe('PostgreSQL: many at once', () => {
  it('twenty processes that start at once make one schema', async () => {
    const schema = newSchema();
    const stores = Array.from({ length: 20 }, (_, index) => openLedger(asProcess(schema, `m${index}`)));
    await Promise.all(stores.map((store) => store.migrate()));
    const { rows } = await withClient((client) => client.query<{ n: number }>(`SELECT count(*)::integer AS n FROM "${schema}".sync_migrations`));
    expect(rows[0]?.n).toBe(migrations.length);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('eight workers on overlapping batches: no deadlock, and no commit is lost', async () => {
    const schema = newSchema();
    const stores = Array.from({ length: 8 }, (_, index) => openLedger(asProcess(schema, `w${index}`)));
    await stores[0]?.migrate();
    const deadlocks = async (): Promise<number> => Number((await withClient((client) => client.query<{ deadlocks: string }>('SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()'))).rows[0]?.deadlocks);
    const before = await deadlocks();
    const committed = new Map<string, number>();
    const worker = async (store: LedgerStore, seed: number): Promise<void> => {
      for (let round = 0; round < 12; round += 1) {
        // Every worker in another order, so that locks taken in the order of the items would meet head-on.
        const ids = Array.from({ length: 10 }, (_, index) => (index * (seed % 2 === 0 ? 3 : 7) + seed * 5 + round) % 12).filter((id, index, all) => all.indexOf(id) === index);
        const { run } = await store.start({ ...startRequest(...ids.map((id) => `c${id}`)), hints: ids.flatMap((id) => [{ system: 'crm', native_id: `c${id}` }, { system: 'support', native_id: `s${id}` }]) });
        const verdicts = await store.check(run, ids.map((id) => checkItem({ native_id: `c${id}`, proposed_key: `contact_${id}`, fingerprint: `v1:${seed}-${round}`, full: true })));
        const items = ids.flatMap((id, index) => {
          const verdict = verdicts[index];
          return verdict?.kind === 'Changed' ? [reserveItem({ record_key: `contact_${id}`, version: verdict.row?.version ?? 0, links: { crm: `c${id}`, support: `s${id}` }, intents: [intent({ native_id: `s${id}` })] })] : [];
        });
        const reserved = await store.reserve(run, items);
        const commits = reserved.flatMap((verdict, index) => (verdict.kind === 'Reserved' ? [commitItem({ record_key: verdict.record_key, fencing_token: verdict.fencing_token, links: items[index]?.links ?? {} })] : []));
        for (const verdict of await store.commit(run, commits)) committed.set(verdict.record_key, (committed.get(verdict.record_key) ?? 0) + 1);
        await store.finish(run, [{ record_key: null, hints: ids.map((id) => ({ system: 'crm', native_id: `c${id}` })), outcome: 'unchanged', issues: [] }]);
      }
    };
    await Promise.all(stores.map((store, seed) => worker(store, seed)));
    const { rows } = await withClient((client) => client.query<{ record_key: string; n: number }>(`SELECT record_key, committed_version::integer AS n FROM "${schema}".sync_records WHERE committed_version > 0`));
    expect(new Map(rows.map((row) => [row.record_key, row.n]))).toEqual(committed);
    expect(committed.size).toBeGreaterThan(0);
    expect(await deadlocks()).toBe(before);
    await Promise.all(stores.map((store) => store.close()));
  }, 120_000);

  it('each step is one round trip, whatever the size of its batch', async () => {
    const schema = newSchema();
    const store = openLedger(asProcess(schema, 'counted'));
    const { run } = await store.start(startRequest('c1'));
    const query = vi.spyOn(Client.prototype, 'query');
    const trips = async (step: () => Promise<unknown>): Promise<number> => {
      query.mockClear();
      await step();
      return query.mock.calls.length;
    };
    const many = Array.from({ length: 50 }, (_, index) => index);
    expect(await trips(() => store.start(startRequest(...many.map((id) => `c${id}`))))).toBe(1);
    expect(await trips(() => store.check(run, many.map((id) => checkItem({ native_id: `c${id}`, proposed_key: `contact_${id}` }))))).toBe(1);
    expect(await trips(() => store.reserve(run, many.map((id) => reserveItem({ record_key: `contact_${id}`, links: { crm: `c${id}` } }))))).toBe(1);
    expect(await trips(() => store.commit(run, many.map((id) => commitItem({ record_key: `contact_${id}`, links: { crm: `c${id}` } }))))).toBe(1);
    expect(await trips(() => store.finish(run, []))).toBe(1);
    expect(await trips(() => store.pending(scope, 10))).toBe(1);
    expect(await trips(() => store.prune(scope, DEFAULT_RETENTION))).toBe(1);
    expect(await trips(() => store.reviews(scope, { limit: 10, offset: 0, id: null }))).toBe(1);
    query.mockRestore();
    await store.close();
  });
});

describe('PostgreSQL: what may go wrong', () => {
  it('a native id with NUL or half a surrogate pair blocks no batch and stays itself', async () => {
    const store = openLedger(asProcess(newSchema(), 'odd'));
    const odd = ['a\u0000b', '\ud800', '\u001a0000', "'; DROP TABLE sync_notes; --", 'ключ 🔑'];
    await store.start(startRequest(...odd));
    expect((await store.pending(scope, 10)).hints.map((hint) => hint.native_id).sort()).toEqual([...odd].sort());
    await store.close();
  });

  it('a schema that is newer than the package is refused', async () => {
    const schema = newSchema();
    const store = openLedger(asProcess(schema, 'newer'));
    await store.migrate();
    await store.close();
    await withClient((client) => client.query(`INSERT INTO "${schema}".sync_migrations (number, name) VALUES (99, 'later')`));
    await expect(testLedger(asProcess(schema, 'older'))).rejects.toMatchObject({ code: 'ledger_schema', message: expect.stringContaining('99') as unknown });
  });

  it('a schema name that is no identifier is refused', () => {
    expect(() => openLedger({ kind: 'postgres', connectionString: server.connectionString(), schema: 'a"; DROP SCHEMA public; --' })).toThrow(/schema/);
  });

  it('a user without the right to make the schema is told so', async () => {
    await withClient((client) => client.query('CREATE ROLE poor LOGIN'));
    await expect(testLedger({ kind: 'postgres', host: server.host, port: server.port, database: 'postgres', user: 'poor', schema: newSchema() })).rejects.toMatchObject({ code: 'ledger_schema' });
  });

  it('an unreachable server is told without secrets, and a database that is missing by what it is', async () => {
    const closed = testLedger({ kind: 'postgres', connectionString: 'postgresql://me:topsecret@127.0.0.1:1/db', schema: 'public' });
    await expect(closed).rejects.toMatchObject({ code: 'ledger_unreachable' });
    await expect(closed).rejects.not.toThrow(/topsecret|postgresql:/);
    await expect(testLedger({ kind: 'postgres', connectionString: server.connectionString('nowhere'), schema: 'public' })).rejects.toThrow(/does not exist/);
  });

  it('a test of the credential says what is ready', async () => {
    expect(await testLedger(asProcess(newSchema(), 'tested'))).toContain('ready');
  });

  it('a lease runs by the clock of the database when no other clock is given', async () => {
    const store = openLedger(asProcess(newSchema(), 'clock'));
    const { run } = await store.start(startRequest('c1'));
    const [verdict] = await store.reserve(run, [reserveItem({ lease_seconds: 60 })]);
    if (verdict?.kind !== 'Reserved') throw new Error('not reserved');
    expect(Math.abs(Date.parse(verdict.lease_expires_at) - Date.now() - 60_000)).toBeLessThan(30_000);
    expect(await store.commit(run, [commitItem({ fencing_token: verdict.fencing_token, snapshots: { crm: snapshot(record({ a: 'b' })) } })])).toMatchObject([{ kind: 'Committed' }]);
    await store.close();
  });
});
