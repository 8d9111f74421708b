/** The steps of a store with batches of one; what a test does not say is nothing special (`items.ts`). */
import type { RunContext } from '../../core/model';
import type { CheckItem, CheckVerdict, CommitItem, CommitVerdict, LedgerStore, ReserveItem, ReserveVerdict } from '../../ledger/ledger-store';
import { checkItem, commitItem, reserveItem, scope, startRequest } from './items';

export function only<T>(list: readonly T[]): T {
  const [first] = list;
  if (first === undefined || list.length !== 1) throw new Error(`expected one, got ${list.length}`);
  return first;
}

/** @param store asked at each step: every test has a store of its own. */
export function oneAtATime(store: () => LedgerStore) {
  return {
    begin: async (...ids: string[]): Promise<RunContext> => (await store().start(startRequest(...ids))).run,
    check: async (run: RunContext, over: Partial<CheckItem> = {}): Promise<CheckVerdict> => only(await store().check(run, [checkItem(over)])),
    reserve: async (run: RunContext, over: Partial<ReserveItem> = {}): Promise<ReserveVerdict> => only(await store().reserve(run, [reserveItem(over)])),
    commit: async (run: RunContext, over: Partial<CommitItem> = {}): Promise<CommitVerdict> => only(await store().commit(run, [commitItem(over)])),
    /** What waits, as `system:native id`. */
    pending: async (): Promise<readonly string[]> => (await store().pending(scope, 100)).hints.map((hint) => `${hint.system}:${hint.native_id}`),
  };
}
