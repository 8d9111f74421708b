import { isPlainObject } from '../core/json/json-value';
import type { HistoryEntry, RunContext } from '../core/model';
import type { CheckItem, CheckVerdict, CommitItem, CommitVerdict, LedgerStore, RecheckReason } from './ledger-store';
import { REMEMBERED_SECONDS, type RecentWrites } from './redis/recent-writes';

/** Rechecks of a Commit that stored nothing. */
const NOT_STORED: readonly RecheckReason[] = ['version', 'lease', 'hint', 'link_claimed', 'match_key_claimed', 'stale'];

type ChangedRow = NonNullable<Extract<CheckVerdict, { kind: 'Changed' }>['row']>;

/**
 * A ledger whose `recent` commits come from Redis, so that a Check does not read its history. Nothing else is ever asked of
 * Redis: when it is down or has been emptied, the ledger answers, and no call fails or waits long for it.
 */
export function withRedis(store: LedgerStore, writes: RecentWrites, clock: () => Date, closeRedis: () => Promise<void>): LedgerStore {
  return {
    start: (request) => store.start(request),
    note: (request) => store.note(request),
    take: (request) => store.take(request),
    check: (run, items) => check(store, writes, clock(), run, items),
    reserve: (run, items, guards) => store.reserve(run, items, guards),
    commit: async (run, items) => {
      const verdicts = await store.commit(run, items);
      if (!run.dry_run) await remember(writes, clock(), run, items, verdicts);
      return verdicts;
    },
    holds: (scope) => store.holds(scope),
    hold: (scope, request) => store.hold(scope, request),
    release: (scope, request) => store.release(scope, request),
    tellHolds: (scope) => store.tellHolds(scope),
    finish: (run, items) => store.finish(run, items),
    pending: (scope, limit) => store.pending(scope, limit),
    missing: (scope, system, seen) => store.missing(scope, system, seen),
    reviews: (scope, page) => store.reviews(scope, page),
    decide: (request) => store.decide(request),
    writesOf: (scope, run_id) => store.writesOf(scope, run_id),
    undo: (scope, drafts) => store.undo(scope, drafts),
    issues: (scope, limit) => store.issues(scope, limit),
    history: (scope, record_key, limit) => store.history(scope, record_key, limit),
    runs: (scope, limit) => store.runs(scope, limit),
    cursor: (scope, system) => store.cursor(scope, system),
    saveCursor: (scope, system, cursor) => store.saveCursor(scope, system, cursor),
    prune: (scope, retention) => store.prune(scope, retention),
    // What Redis holds of it (which fields moved when, no values) is gone within a minute.
    erase: (scope, record_key) => store.erase(scope, record_key),
    migrate: () => store.migrate(),
    close: async () => {
      await closeRedis();
      await store.close();
    },
  };
}

async function check(store: LedgerStore, writes: RecentWrites, now: Date, run: RunContext, items: readonly CheckItem[]): Promise<readonly CheckVerdict[]> {
  const seconds = Math.max(0, ...items.map((item) => item.recent_seconds));
  const since = (window: number): Date => new Date(now.getTime() - window * 1000);
  // Asked before: the ledger has to know whether to attach its own. A dry run writes nothing, Redis included.
  const known = run.dry_run || seconds === 0 || seconds > REMEMBERED_SECONDS ? null : await writes.read(run.sync, [], since(seconds), now);
  if (known === null) return store.check(run, items);
  const verdicts = await store.check(run, items.map((item) => ({ ...item, recent_seconds: 0 })));
  const rows = verdicts.flatMap((verdict) => (verdict.kind === 'Changed' && verdict.row !== null ? [verdict.row] : []));
  const lists = rows.length === 0 ? [] : await writes.read(run.sync, rows.map((row) => row.record_key), since(seconds), now);
  const recent = new Map<ChangedRow, readonly HistoryEntry[]>();
  for (const [index, row] of rows.entries()) recent.set(row, lists?.[index] ?? await fromLedger(store, run, row, since(seconds)));
  return verdicts.map((verdict, index) => {
    if (verdict.kind !== 'Changed' || verdict.row === null) return verdict;
    const from = since(items[index]?.recent_seconds ?? 0).toISOString();
    return { ...verdict, row: { ...verdict.row, recent: (recent.get(verdict.row) ?? []).filter((entry) => entry.at > from) } };
  });
}

/** Redis went away between the two questions. */
async function fromLedger(store: LedgerStore, run: RunContext, row: ChangedRow, since: Date): Promise<readonly HistoryEntry[]> {
  const { entries } = await store.history(run, row.record_key, 12);
  return entries.filter((entry) => entry.field_hash !== '' && entry.at > since.toISOString())
    .map(({ direction, field_hash, fields, at }) => ({ direction, field_hash, fields, at }));
}

async function remember(writes: RecentWrites, now: Date, run: RunContext, items: readonly CommitItem[], verdicts: readonly CommitVerdict[]): Promise<void> {
  const entries = items.flatMap((item, index) => {
    const verdict = verdicts[index];
    if (verdict === undefined || (verdict.kind === 'Recheck' && NOT_STORED.includes(verdict.reason))) return [];
    return item.journal.map(({ direction, field_hash, change_set }) => ({
      record_key: item.record_key,
      entry: { direction, field_hash, fields: isPlainObject(change_set) ? Object.keys(change_set).sort() : [], at: now.toISOString() },
    }));
  });
  if (entries.length > 0) await writes.push(run.sync, entries, now);
}
