import { mkdtemp, rm } from 'node:fs/promises';
import { StatementSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RunContext } from '../../core/model';
import { undoDrafts } from '../../core/policies/undo';
import type { LedgerStore, RunWrites, WriteEffect } from '../../ledger/ledger-store';
import { openLedger } from '../../ledger/open-ledger';
import { startPostgres, type PostgresServer } from '../../tools/postgres';
import { type CountingProxy, startCountingProxy } from '../support/counting-proxy';
import { checkItem, commitItem, intent, record, reserveItem, scope, startRequest } from './items';

const SIZES = [1, 100, 1000] as const;
const STEPS = ['note', 'take', 'start', 'check', 'reserve', 'commit with a lease', 'commit without writes', 'finish', 'pending', 'missing', 'reviews', 'decide', 'writesOf', 'undo', 'issues', 'history', 'runs', 'saveCursor', 'cursor'] as const;
type Step = (typeof STEPS)[number];

const question = { kind: 'conflict' as const, subject: 'name', fields: ['name'], reason: 'both changed', values: { crm: record({ name: 'a' }), support: record({ name: 'b' }) }, base: { crm: record({}), support: record({}) } };
const effect: WriteEffect = { writes: 1, before: { crm: record({ name: 'old' }), support: record({ name: 'old' }) }, after: { crm: record({ name: 'new' }), support: record({ name: 'new' }) }, obstacles: {} };
const keyed = (id: string): { readonly record_key: string; readonly links: { readonly crm: string; readonly support: string } } => ({ record_key: `contact_${id}`, links: { crm: `c${id}`, support: `s${id}` } });

/** Every step of the port once, on a batch of `size` records, in the order in which a run makes them. */
async function everyStep(store: LedgerStore, size: number, measured: (step: Step, work: () => Promise<unknown>) => Promise<void>): Promise<void> {
  const ids = Array.from({ length: size }, (_, index) => `${size}-${index}`);
  await measured('note', () => store.note({ ...scope, hints: ids.map((id) => ({ system: 'crm', native_id: `n${id}` })), order_seconds: 30 }));
  await measured('take', async () => {
    const taken = await store.take({ ...scope, drain: 'one', limit: size, hold_seconds: 60, drains_at_once: 1, execution_id: null });
    expect(taken.kind === 'Taken' && taken.noted.length).toBe(size);
  });
  let run: RunContext | undefined;
  await measured('start', async () => { ({ run } = await store.start(startRequest(...ids.map((id) => `c${id}`)))); });
  if (run === undefined) throw new Error('not started');
  const held = run;
  await measured('check', () => store.check(held, ids.map((id) => checkItem({ native_id: `c${id}`, proposed_key: `contact_${id}` }))));
  let tokens: readonly (number | null)[] = [];
  await measured('reserve', async () => {
    const verdicts = await store.reserve(held, ids.map((id) => reserveItem({ ...keyed(id), intents: [intent({ native_id: `s${id}` })] })));
    tokens = verdicts.map((verdict) => (verdict.kind === 'Reserved' ? verdict.fencing_token : null));
  });
  expect(tokens).not.toContain(null);
  await measured('commit with a lease', async () => {
    const verdicts = await store.commit(held, ids.map((id, index) => commitItem({ ...keyed(id), fencing_token: tokens[index] ?? null, open_reviews: [question], effect })));
    expect(verdicts.every(({ kind }) => kind === 'Committed')).toBe(true);
  });
  await measured('commit without writes', () => store.commit(held, ids.map((id) => commitItem({ ...keyed(id), version: 2 }))));
  await measured('finish', () => store.finish(held, ids.map((id) => ({ record_key: `contact_${id}`, hints: [{ system: 'crm', native_id: `c${id}` }], outcome: 'issue' as const, issues: [{ record_key: null, system: 'crm', native_id: `c${id}`, code: 'rejected_record', reasons: ['no name'] }] }))));
  await measured('pending', () => store.pending(scope, size));
  await measured('missing', () => store.missing(scope, 'crm', ids.map((id) => `c${id}`)));
  const { items } = await store.reviews(scope, { limit: 1, offset: 0, id: null });
  await measured('reviews', () => store.reviews(scope, { limit: size, offset: 0, id: null }));
  await measured('decide', () => store.decide({ ...scope, review_id: items[0]?.id ?? '', decision: { kind: 'keep_apart', by: 'ann' }, shown: question.values }));
  let writes: RunWrites | undefined;
  await measured('writesOf', async () => { writes = await store.writesOf(scope, held.run_id); });
  await measured('undo', async () => { expect(await store.undo(scope, undoDrafts(writes?.records ?? [], held.run_id, 'ann'))).toHaveLength(size); });
  await measured('issues', () => store.issues(scope, size));
  await measured('history', () => store.history(scope, `contact_${size}-0`, size));
  await measured('runs', () => store.runs(scope, size));
  await measured('saveCursor', () => store.saveCursor(scope, 'crm', '2026-03-01'));
  await measured('cursor', () => store.cursor(scope, 'crm'));
}

const once = Object.fromEntries(STEPS.map((step) => [step, 1]));

describe('PostgreSQL: round trips, counted on the wire', () => {
  let server: PostgresServer;
  let proxy: CountingProxy;
  let store: LedgerStore;
  beforeAll(async () => {
    server = await startPostgres();
    proxy = await startCountingProxy(server.host, server.port);
    store = openLedger({ kind: 'postgres', host: server.host, port: proxy.port, database: 'postgres', user: server.user, password: server.password, schema: 'counted' });
  });
  afterAll(async () => {
    await store.close();
    await proxy.close();
    await server.stop();
  });

  it('the first step of a process pays for the schema, and no later one does', async () => {
    await store.start(startRequest());
    expect(proxy.take()).toBeGreaterThan(1);
    await store.start(startRequest());
    expect(proxy.take()).toBe(1);
  });

  it('a new process on a schema that is complete pays three statements and their transaction, once', async () => {
    const other = openLedger({ kind: 'postgres', host: server.host, port: proxy.port, database: 'postgres', user: server.user, password: `${server.password}2`, schema: 'counted' });
    proxy.take();
    await other.start(startRequest());
    expect(proxy.take()).toBe(5);
    await other.start(startRequest());
    expect(proxy.take()).toBe(1);
    await other.close();
  });

  it.each(SIZES)('each step is one round trip for a batch of %i', async (size) => {
    const trips = new Map<string, number>();
    await everyStep(store, size, async (step, work) => {
      proxy.take();
      await work();
      trips.set(step, proxy.take());
    });
    expect(Object.fromEntries(trips)).toEqual(once);
  });
});

describe('SQLite: transactions', () => {
  it.each(SIZES)('each step is one transaction for a batch of %i', async (size) => {
    const folder = await mkdtemp(join(tmpdir(), 'two-way-sync-trips-'));
    const store = openLedger({ kind: 'sqlite', file: join(folder, 'ledger.sqlite') });
    await store.migrate();
    const run = vi.spyOn(StatementSync.prototype, 'run');
    const transactions = new Map<string, number>();
    await everyStep(store, size, async (step, work) => {
      run.mockClear();
      await work();
      transactions.set(step, run.mock.contexts.filter((statement) => statement instanceof StatementSync && /^BEGIN/u.test(statement.sourceSQL)).length);
    });
    run.mockRestore();
    await store.close();
    await rm(folder, { recursive: true, force: true });
    expect(Object.fromEntries(transactions)).toEqual(once);
  }, 60_000);
});
