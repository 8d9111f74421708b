/** A new, empty ledger for each test of a contract, on a clock that stands until the test moves it. */
import { afterEach, beforeEach } from 'vitest';
import type { LedgerStore } from '../../ledger/ledger-store';
import { oneAtATime } from './one-at-a-time';

export interface TestLedger {
  readonly store: LedgerStore;
  /** Everything the ledger holds but its log of runs, in a fixed order. */
  dump(): Promise<unknown>;
  /** Rows per table of `LEDGER_TABLES` (`contract.ts`). */
  sizes(): Promise<{ readonly [table: string]: number }>;
}

/** Opens an empty ledger that tells time by `clock`. */
export type MakeStore = (clock: () => Date) => Promise<TestLedger>;

const BEGIN = '2026-03-01T10:00:00.000Z';

export function freshLedger(makeStore: MakeStore) {
  let now: Date;
  let ledger: TestLedger;
  beforeEach(async () => {
    now = new Date(BEGIN);
    ledger = await makeStore(() => now);
    await ledger.store.migrate();
  });
  const store = (): LedgerStore => ledger.store;
  afterEach(() => store().close());
  return {
    now: (): Date => now,
    later: (seconds: number): void => { now = new Date(now.getTime() + seconds * 1000); },
    store,
    ledger: (): TestLedger => ledger,
    ...oneAtATime(store),
  };
}
