import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type PostgresServer } from '../../tools/postgres';
import { Choices, seeded, seedOf } from './choices';
import { FAULT_KINDS, type FaultKind } from './fault-kinds';
import { playHistory } from './history';
import { inMemory, simulate, type Tally } from './simulate';
import { memoryLedger, sharedLedger } from './stores';
import type { OpenedLedger } from './world';

const SEED = 40;
/** So rare that a short run has none of them. */
const RARE: readonly FaultKind[] = ['write answered with 409', 'write timed out before landing', 'write refused with 412', 'lease expired during a slow write'];

const told = ({ violations }: Tally): readonly string[] => violations.map((violation) => [`history ${violation.history}`, ...violation.violations, ...violation.trace].join('\n'));
const play = (count: number, open: (history: number) => OpenedLedger): Promise<Tally> => simulate({ seed: SEED, from: 0, count, open, most_violations: 1 });

/** Without what each store draws for itself: numbers of the sequence, and the names that keep histories apart in one database. */
const alike = (line: string): string => line.replace(/token \d+/u, 'token').replace(/\|(?:contacts|sync\d+)\|contact\d*_(\w+)\|\d+\|/gu, '|$1|').replace(/contact\d*_/gu, '');

async function traceOf(history: number, open: (history: number) => OpenedLedger): Promise<readonly string[]> {
  const { trace } = await playHistory(new Choices([], seeded(seedOf(SEED, history))), () => open(history));
  return trace.map(alike);
}

describe('histories of users, faults and crashes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'two-way-sync-simulation-'));
  const file = sharedLedger({ kind: 'sqlite', file: join(folder, 'ledger.sqlite') });
  let server: PostgresServer;
  let postgres: ReturnType<typeof sharedLedger>;
  beforeAll(async () => {
    server = await startPostgres();
    postgres = sharedLedger({ kind: 'postgres', connectionString: server.connectionString(), schema: 'public' });
  });
  afterAll(async () => {
    await file.close();
    await postgres.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('keep every promise in memory, and every kind of fault but the rarest has happened', async () => {
    const tally = await play(250, inMemory);
    expect(told(tally)).toEqual([]);
    expect(FAULT_KINDS.filter((kind) => !RARE.includes(kind) && (tally.faults[kind] ?? 0) === 0)).toEqual([]);
  }, 120_000);

  it('keep every promise on a SQLite file', async () => {
    expect(told(await play(20, file.open))).toEqual([]);
  }, 120_000);

  it('keep every promise on PostgreSQL', async () => {
    expect(told(await play(8, postgres.open))).toEqual([]);
  }, 120_000);

  it('the same seed gives the same trace on every store', async () => {
    let lines = 0;
    for (const history of [1000, 1001, 1002, 1003]) {
      const first = await traceOf(history, () => memoryLedger(false));
      lines += first.length;
      expect(await traceOf(history, () => memoryLedger(false))).toEqual(first);
      expect(await traceOf(history, file.open)).toEqual(first);
      expect(await traceOf(history, postgres.open)).toEqual(first);
    }
    expect(lines).toBeGreaterThan(40);
  }, 120_000);
});
