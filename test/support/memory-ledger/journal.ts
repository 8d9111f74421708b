import { isPlainObject } from '../../../core/json/json-value';
import { directionOf, type LedgerRow, type RecordKey, type ReviewItem } from '../../../core/model';
import type { CommitItem, JournalTuple, RecordHistory, SyncScope } from '../../../ledger/ledger-store';
import { effectSchema, overridesSchema } from '../../../ledger/json-column';
import { keptJson } from './kept';
import { executionOf } from './runs';
import { keyOf } from './state';
import type { Step } from './step';
import type { Tables } from './tables';

const KEPT = 200;
const RECENT = 12;

/** Over both directions: the newest of one direction alone would call a set-back an echo. */
export function latestTuple(tables: Tables, { source, target }: Pick<SyncScope, 'source' | 'target'>, record_key: RecordKey): LedgerRow['latest'] {
  const directions = [directionOf(source, target), directionOf(target, source)];
  const newest = tables.journal.get(keyOf(record_key))?.findLast((tuple) => directions.includes(tuple.direction));
  return newest === undefined ? null : { direction: newest.direction, field_hash: newest.field_hash };
}

export function recentHistory(tables: Tables, sync: string, record_key: RecordKey, since: string): LedgerRow['recent'] {
  const lines = tables.history.get(keyOf(sync, record_key)) ?? [];
  return lines.filter((line) => line.at > since && line.field_hash !== '').reverse().slice(0, RECENT)
    .map(({ direction, field_hash, fields, at }) => ({ direction, field_hash, fields, at }));
}

export function historyOf(tables: Tables, scope: SyncScope, record_key: RecordKey, limit: number): RecordHistory {
  const lines = tables.history.get(keyOf(scope.sync, record_key)) ?? [];
  return { entries: lines.toReversed().slice(0, limit).map(({ closed_reviews: _closed, effect: _effect, ...entry }) => entry) };
}

/** What lost and what a person decided stand with the first tuple; without a tuple they get a line of their own. */
export function writeJournal(step: Step, item: CommitItem, closed: readonly ReviewItem[]): void {
  const { tables, run } = step;
  item.journal.forEach((tuple, index) => {
    tables.nextNumber();
    putOnTop(step, item.record_key, tuple);
    remember(step, item, tuple, index === 0 ? { ...item, closed } : NOTHING_MORE);
  });
  if (item.journal.length === 0 && (item.overrides.length > 0 || closed.length > 0)) {
    tables.nextNumber();
    remember(step, item, { direction: directionOf(run.source, run.target), field_hash: '', change_set: {}, cause: item.reason }, { ...item, closed });
  }
}

/** A repeated tuple moves to the top, so that "already synced" means the latest value. */
function putOnTop({ tables, run, now }: Step, record_key: RecordKey, tuple: JournalTuple): void {
  const { direction, source_system, target_system, field_hash, idempotency_key, cause } = tuple;
  const others = (tables.journal.get(keyOf(record_key)) ?? []).filter((other) => other.direction !== direction || other.field_hash !== field_hash);
  const top = { direction, source_system, target_system, field_hash, synced_at: now, change_set: keptJson(tuple.change_set), idempotency_key, execution_id: executionOf(tables, run), cause };
  tables.journal.put(keyOf(record_key), [...others, top]);
}

/** What is said once for the whole commit. */
type OnFirstLine = Pick<CommitItem, 'overrides' | 'effect'> & { readonly closed: readonly ReviewItem[] };

const NOTHING_MORE: OnFirstLine = { overrides: [], effect: null, closed: [] };

function remember({ tables, run, now }: Step, item: CommitItem, tuple: Pick<JournalTuple, 'direction' | 'field_hash' | 'change_set' | 'cause'>, { overrides, closed, effect }: OnFirstLine): void {
  const key = keyOf(run.sync, item.record_key);
  const line = {
    direction: tuple.direction, field_hash: tuple.field_hash, fields: isPlainObject(tuple.change_set) ? Object.keys(tuple.change_set).sort() : [], at: now, run_id: run.run_id, cause: tuple.cause,
    change_set: keptJson(tuple.change_set), overrides: overridesSchema.parse(keptJson(overrides)), closed_reviews: keptJson(closed), effect: effect === null ? null : effectSchema.parse(keptJson(effect)),
  };
  tables.history.put(key, [...(tables.history.get(key) ?? []), line].slice(-KEPT));
}
