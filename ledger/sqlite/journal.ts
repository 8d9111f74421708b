/** The journal of written tuples (the published table) and the bounded history that explains it. */
import { z } from 'zod';
import { isPlainObject } from '../../core/json/json-value';
import { directionOf, type LedgerRow, type RecordKey, type ReviewItem } from '../../core/model';
import { jsonSchema } from '../../core/json/guards';
import { jsonColumn, overridesSchema, textsSchema, toColumn } from '../json-column';
import type { CommitItem, JournalTuple, RecordHistory, SyncScope } from '../ledger-store';
import type { SqliteConnection } from './driver';
import { executionOf } from './runs';
import { nextNumber } from './sequence';
import type { Step } from './step';

/** Newest entries of one record that are kept. */
const KEPT = 200;
const RECENT = 12;

const NEWEST = `SELECT direction, field_hash FROM sync_ledger WHERE record_key = ? AND direction IN (?, ?) ORDER BY seq DESC LIMIT 1`;
// The published primary key stays; a repeated tuple moves to the top, so that "already synced" means the latest value.
const WRITE = `INSERT INTO sync_ledger (record_key, source_system, target_system, field_hash, direction, synced_at, seq, change_set, idempotency_key, execution_id, cause)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (record_key, direction, field_hash) DO UPDATE SET synced_at = excluded.synced_at, seq = excluded.seq, change_set = excluded.change_set,
    idempotency_key = excluded.idempotency_key, execution_id = excluded.execution_id, cause = excluded.cause`;
const REMEMBER = `INSERT INTO sync_history (sync, record_key, seq, direction, field_hash, fields, at, run_id, cause, change_set, overrides, closed_reviews, effect) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const FORGET = `DELETE FROM sync_history WHERE sync = ?1 AND record_key = ?2 AND seq <= (SELECT seq FROM sync_history WHERE sync = ?1 AND record_key = ?2 ORDER BY seq DESC LIMIT 1 OFFSET ?3)`;
const RECENTLY = `SELECT direction, field_hash, fields, at FROM sync_history WHERE sync = ? AND record_key = ? AND at > ? AND field_hash <> '' ORDER BY seq DESC LIMIT ${RECENT}`;
const HISTORY = `SELECT direction, field_hash, fields, at, run_id, cause, change_set, overrides FROM sync_history WHERE sync = ? AND record_key = ? ORDER BY seq DESC LIMIT ?`;

const latestRow = z.object({ direction: z.string(), field_hash: z.string() });
const recentRow = z.object({ direction: z.string(), field_hash: z.string(), fields: jsonColumn(textsSchema), at: z.string() });
const historyRow = recentRow.extend({ run_id: z.string(), cause: z.string(), change_set: jsonColumn(jsonSchema), overrides: jsonColumn(overridesSchema) });

/** Over both directions: the newest of one direction alone would call a set-back an echo. */
export function latestTuple(connection: SqliteConnection, scope: Pick<SyncScope, 'source' | 'target'>, record_key: RecordKey): LedgerRow['latest'] {
  const found = connection.get(NEWEST, record_key, directionOf(scope.source, scope.target), directionOf(scope.target, scope.source));
  return found === undefined ? null : latestRow.parse(found);
}

export function recentHistory(connection: SqliteConnection, sync: string, record_key: RecordKey, since: string): LedgerRow['recent'] {
  return connection.all(RECENTLY, sync, record_key, since).map((row) => recentRow.parse(row));
}

export function historyOf(connection: SqliteConnection, scope: SyncScope, record_key: RecordKey, limit: number): RecordHistory {
  return { entries: connection.all(HISTORY, scope.sync, record_key, limit).map((row) => historyRow.parse(row)) };
}

/** What lost and what a person decided stand with the first tuple; without a tuple they get a line of their own. */
export function writeJournal(step: Step, item: CommitItem, closed: readonly ReviewItem[]): void {
  const { connection, run, now } = step;
  const execution = item.journal.length === 0 ? null : executionOf(connection, run);
  item.journal.forEach((tuple, index) => {
    const seq = nextNumber(connection);
    connection.run(WRITE, item.record_key, tuple.source_system, tuple.target_system, tuple.field_hash, tuple.direction, now, seq, toColumn(tuple.change_set), tuple.idempotency_key, execution, tuple.cause);
    remember(step, item, seq, tuple, index === 0 ? { ...item, closed } : NOTHING_MORE);
  });
  if (item.journal.length === 0 && (item.overrides.length > 0 || closed.length > 0)) {
    const nothing = { direction: directionOf(run.source, run.target), field_hash: '', change_set: {}, cause: item.reason };
    remember(step, item, nextNumber(connection), nothing, { ...item, closed });
  }
  connection.run(FORGET, run.sync, item.record_key, KEPT);
}

/** What is said once for the whole commit. */
type OnFirstLine = Pick<CommitItem, 'overrides' | 'effect'> & { readonly closed: readonly ReviewItem[] };

const NOTHING_MORE: OnFirstLine = { overrides: [], effect: null, closed: [] };

function remember({ connection, run, now }: Step, item: CommitItem, seq: number, tuple: Pick<JournalTuple, 'direction' | 'field_hash' | 'change_set' | 'cause'>, { overrides, closed, effect }: OnFirstLine): void {
  const fields = isPlainObject(tuple.change_set) ? Object.keys(tuple.change_set).sort() : [];
  connection.run(REMEMBER, run.sync, item.record_key, seq, tuple.direction, tuple.field_hash, toColumn(fields), now, run.run_id, tuple.cause, toColumn(tuple.change_set), toColumn(overrides), toColumn(closed), effect === null ? null : toColumn(effect));
}
