/** Note and Take on a real PostgreSQL, where they meet each other and the steps of other runs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerStore, NoteRequest, TakeRequest, TakeResult } from '../../ledger/ledger-store';
import { openLedger } from '../../ledger/open-ledger';
import { startPostgres, type PostgresServer } from '../../tools/postgres';
import { commitItem, reserveItem, scope, startRequest } from './items';

let server: PostgresServer;
let schemas = 0;
beforeAll(async () => { server = await startPostgres(); });
afterAll(() => server.stop());

/** Each with a pool of its own, as other processes have: pools are shared by connection string. */
const openAs = (schema: string, name: string): LedgerStore => openLedger({ kind: 'postgres', connectionString: `${server.connectionString()}?keepalives=${encodeURIComponent(name)}`, schema });
const noting = (...ids: readonly string[]): NoteRequest => ({ ...scope, hints: ids.map((native_id) => ({ system: 'crm', native_id })), order_seconds: 30 });
const taking = (drain: string, over: Partial<TakeRequest> = {}): TakeRequest => ({ ...scope, drain, limit: 100, hold_seconds: 120, drains_at_once: 100, execution_id: null, ...over });
const ids = (result: TakeResult): readonly string[] => (result.kind === 'Taken' ? result.noted.map(({ native_id }) => native_id) : []);

describe('PostgreSQL: Note and Take that meet', () => {
  let schema: string;
  let store: LedgerStore;
  let other: Client;
  beforeEach(async () => {
    schema = `drain_${(schemas += 1)}`;
    store = openAs(schema, 'one');
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
  const underWay = (step: string, request: unknown): Promise<unknown> => other.query(`SELECT "${schema}".${step}($1::jsonb, NULL)`, [JSON.stringify(request)]);
  const waits = async (step: Promise<unknown>): Promise<void> => {
    expect(await Promise.race([step.then(() => 'done'), sleep(250, 'waiting')])).toBe('waiting');
  };

  it('a Take waits for a Note under way and takes its hint: a hint that was told "somebody drains" is left to nobody', async () => {
    await store.note(noting('c1'));
    await underWay('sync_note_hints', noting('c2'));
    const take = store.take(taking('one'));
    await waits(take);
    await other.query('COMMIT');
    expect(ids(await take)).toEqual(['c1', 'c2']);
  });

  it('a Note that waits for the Take which finds nothing left orders the next drain', async () => {
    await underWay('sync_take', taking('one'));
    const note = store.note(noting('c1'));
    await waits(note);
    await other.query('COMMIT');
    expect(await note).toEqual({ noted: 1, order: true });
  });

  it('Notes do not wait for each other, and of two at the same moment one orders the drain', async () => {
    const others = Array.from({ length: 8 }, (_, index) => openAs(schema, `note${index}`));
    const answers = await Promise.all(others.map((one, index) => one.note(noting(`c${index}`))));
    expect(answers.filter(({ order }) => order)).toHaveLength(1);
    await Promise.all(others.map((one) => one.close()));
  });

  it('a Take waits for no step of a run, whatever that has locked', async () => {
    const run = (await store.start(startRequest('c1'))).run;
    const [reserved] = await store.reserve(run, [reserveItem()]);
    await store.note(noting('c1', 'c2'));
    await other.query(`SELECT * FROM "${schema}".sync_commit($1::jsonb, $2::jsonb, NULL)`, [JSON.stringify(run), JSON.stringify([{ ...commitItem({ fencing_token: reserved?.kind === 'Reserved' ? reserved.fencing_token : 0 }), snapshots: {}, journal: [], overrides: '[]' }])]);
    expect(ids(await store.take(taking('one')))).toEqual(['c2']);
  });
});

it('PostgreSQL: many drains and many hints at once: no record is taken twice at the same time, and no hint is lost', async () => {
  const schema = `drain_${(schemas += 1)}`;
  const RECORDS = 60;
  const stores = Array.from({ length: 16 }, (_, index) => openAs(schema, `${index}`));
  const [noters, drains] = [stores.slice(0, 6), stores.slice(6)];
  await Promise.all(stores.map((store) => store.migrate()));
  const heldNow = new Set<string>();
  /** What a system's record holds, and what a run has seen of it: the last hint must be followed by a read. */
  const written = new Map<string, number>();
  const seen = new Map<string, number>();
  let noting_ = true;
  let batches = 0;

  const noter = async (store: LedgerStore, seed: number): Promise<void> => {
    for (let round = 0; round < 25; round += 1) {
      const names = Array.from({ length: 8 }, (_, index) => `c${(seed * 7 + round * 11 + index * 13) % RECORDS}`);
      for (const name of names) written.set(name, (written.get(name) ?? 0) + 1);
      await store.note(noting(...names));
    }
  };
  const drain = async (store: LedgerStore, name: string): Promise<void> => {
    for (;;) {
      const over = !noting_;
      const result = await store.take(taking(name, { limit: 7 }));
      if (result.kind !== 'Taken') {
        if (over) return;
        await sleep(5);
        continue;
      }
      batches += 1;
      for (const { native_id } of result.noted) {
        expect(heldNow.has(native_id), `${native_id} is taken twice at once`).toBe(false);
        heldNow.add(native_id);
      }
      for (const { native_id } of result.noted) seen.set(native_id, written.get(native_id) ?? 0);
      await sleep(3);
      await store.finish(result.run, result.noted.map(({ system, native_id, record_key }) => ({ record_key, hints: [{ system, native_id }], outcome: 'unchanged', issues: [] })));
      for (const { native_id } of result.noted) heldNow.delete(native_id);
    }
  };

  const draining = Promise.all(drains.map((store, index) => drain(store, `drain ${index}`)));
  await Promise.all(noters.map(noter));
  noting_ = false;
  await draining;
  expect(batches).toBeGreaterThan(drains.length);
  expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(written));
  const [first] = stores;
  expect((await first?.pending(scope, 100))?.hints).toEqual([]);
  await Promise.all(stores.map((store) => store.close()));
}, 60_000);
