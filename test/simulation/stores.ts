/** The stores a history can be played on. */
import { openLedger } from '../../ledger/open-ledger';
import type { LedgerStore } from '../../ledger/ledger-store';
import { RecentWrites } from '../../ledger/redis/recent-writes';
import { withRedis } from '../../ledger/with-redis';
import { MemoryLedger } from '../support/memory-ledger/memory-ledger';
import { clockOf } from './history';
import { RedisDouble } from './redis-double';
import type { OpenedLedger } from './world';

export const STORES = ['memory', 'sqlite', 'sqlite-file', 'postgres'] as const;
export type StoreName = (typeof STORES)[number];

const BEGIN = new Date('2026-03-01T10:00:00.000Z');

function assembled(make: (clock: () => Date) => { readonly store: LedgerStore; readonly dump: () => unknown }, sync: string, record_type: string, redis: RedisDouble | null): OpenedLedger {
  const clock = (): Date => (clockOf.get(opened) ?? (() => BEGIN))();
  const { store, dump } = make(clock);
  const opened: OpenedLedger = {
    store: redis === null ? store : withRedis(store, new RecentWrites(redis, 'simulation'), clock, () => redis.close()),
    redis, sync, record_type, dump,
  };
  return opened;
}

export function memoryLedger(redis: boolean): OpenedLedger {
  return assembled((clock) => {
    const store = new MemoryLedger(clock);
    return {
      store,
      dump: () => {
        const { records, links, notes, journal, history, issues, cursors } = store.state;
        // Which numbers a note has only says when somebody last looked, as the log of runs does.
        const waiting = Object.values(notes).map(({ system, native_id, record_key, hint_seq, handled_seq }) => ({ system, native_id, record_key, waits: hint_seq > handled_seq }));
        return { records, links, waiting, journal, history, issues, cursors };
      },
    };
  }, 'contacts', 'contact', redis ? new RedisDouble() : null);
}

/** One file (or memory) for many histories, kept apart by sync and record type; the store is the caller's to close. */
export function sharedLedger(settings: Parameters<typeof openLedger>[0]): { readonly open: (history: number) => OpenedLedger; readonly close: () => Promise<void> } {
  let now = (): Date => BEGIN;
  const store = openLedger(settings, { clock: () => now() });
  return {
    open: (history) => assembled((clock) => {
      now = clock;
      return { store, dump: () => null };
    }, `sync${history}`, `contact${history}`, null),
    close: () => store.close(),
  };
}
