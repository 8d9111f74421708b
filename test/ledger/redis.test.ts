import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerRow } from '../../core/model';
import type { LedgerStore } from '../../ledger/ledger-store';
import { openLedger } from '../../ledger/open-ledger';
import { hasRedis, startRedis, type RedisServer } from '../../tools/redis';
import { checkItem, commitItem, startRequest } from './items';

let folder: string;
let files = 0;
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'two-way-sync-redis-ledger-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));

const open = (file: string, redisUrl: string, clock: () => Date): LedgerStore => openLedger({ kind: 'sqlite', file, redisUrl }, { clock });
const newFile = (): string => join(folder, `${(files += 1)}.sqlite`);
const recentOf = async (store: LedgerStore): Promise<LedgerRow['recent']> => {
  const { run } = await store.start(startRequest('c1'));
  const [verdict] = await store.check(run, [checkItem({ full: true, recent_seconds: 60 })]);
  if (verdict?.kind !== 'Changed' || verdict.row === null) throw new Error('no row');
  return verdict.row.recent;
};
const commit = async (store: LedgerStore): Promise<void> => {
  const { run } = await store.start(startRequest('c1'));
  expect(await store.commit(run, [commitItem()])).toMatchObject([{ kind: 'Committed' }]);
};

describe('a ledger whose Redis is down', () => {
  it('gives the same answers, and no call fails', async () => {
    const store = open(newFile(), 'redis://127.0.0.1:1', () => new Date());
    await commit(store);
    expect(await recentOf(store)).toMatchObject([{ direction: 'crm-to-support', fields: ['name'] }]);
    await store.close();
  });

  it('an address that is none is no reason to fail either', async () => {
    const store = open(newFile(), 'not a url', () => new Date());
    await commit(store);
    expect(await recentOf(store)).toHaveLength(1);
    await store.close();
  });
});

describe.runIf(hasRedis())('a ledger with Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => { redis = await startRedis(); });
  afterAll(() => redis.stop());

  it('asks Redis only from when on its memory is complete, and both say the same', async () => {
    const file = newFile();
    let now = new Date('2026-03-01T10:00:00.000Z');
    const store = open(file, redis.url, () => now);
    await commit(store);
    expect(await recentOf(store)).toMatchObject([{ at: '2026-03-01T10:00:00.000Z' }]);
    now = new Date('2026-03-01T10:00:50.000Z');
    const fromLedger = await recentOf(store);
    now = new Date('2026-03-01T10:01:01.000Z');
    expect(await recentOf(store)).toEqual([]);
    expect(fromLedger).toHaveLength(1);
    await store.close();
  });

  it('reads recent commits from Redis once it knows the whole window', async () => {
    const file = newFile();
    let now = new Date('2026-03-01T10:00:00.000Z');
    const store = open(file, redis.url, () => now);
    await store.start(startRequest('c1')).then(({ run }) => store.check(run, [checkItem()]));
    now = new Date('2026-03-01T10:05:00.000Z');
    await commit(store);
    // The ledger's own history is taken away: what is answered now can only come from Redis.
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(file);
    database.exec('DELETE FROM sync_history');
    database.close();
    expect(await recentOf(store)).toMatchObject([{ direction: 'crm-to-support', fields: ['name'], at: '2026-03-01T10:05:00.000Z' }]);
    await store.close();
  });

  it('asks the ledger where Redis was emptied since, as after a restart', async () => {
    const own = await startRedis();
    let now = new Date('2026-03-01T10:00:00.000Z');
    const store = open(newFile(), own.url, () => now);
    await recentOf(store).catch(() => null);
    now = new Date('2026-03-01T10:05:00.000Z');
    await commit(store);
    const other = new Redis(own.url);
    await other.flushall();
    await other.quit();
    now = new Date('2026-03-01T10:05:30.000Z');
    expect(await recentOf(store)).toMatchObject([{ at: '2026-03-01T10:05:00.000Z' }]);
    await store.close();
    await own.stop();
  });

  it('a dry run is not remembered', async () => {
    let now = new Date('2026-03-01T11:00:00.000Z');
    const store = open(newFile(), redis.url, () => now);
    await commit(store);
    now = new Date('2026-03-01T11:05:00.000Z');
    const { run } = await store.start({ ...startRequest(), dry_run: true });
    expect(await store.commit(run, [commitItem({ version: 1, journal: commitItem().journal.map((tuple) => ({ ...tuple, field_hash: 'v1:newer' })) })])).toMatchObject([{ kind: 'Committed' }]);
    expect(await recentOf(store)).toEqual([]);
    await store.close();
  });

  it('goes on when Redis goes away in the middle', async () => {
    const own = await startRedis();
    const store = open(newFile(), own.url, () => new Date());
    await commit(store);
    await own.stop();
    expect(await recentOf(store)).toHaveLength(1);
    await store.close();
  });
});
