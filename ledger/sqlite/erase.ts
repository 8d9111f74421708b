/** Takes a record's values out of the ledger. `ledger/erasure.ts` says what stays, and why. */
import { z } from 'zod';
import { directionOf, type RecordKey } from '../../core/model';
import { decideErasure } from '../erasure';
import type { EraseVerdict, SyncScope } from '../ledger-store';
import type { SqliteConnection } from './driver';
import { loadRow } from './records';
import { nextNumber } from './sequence';

const TOMBSTONE = `SELECT tombstone_at FROM sync_records WHERE sync = ? AND record_key = ?`;
const SNAPSHOTS = `UPDATE sync_snapshots SET record = '{}' WHERE sync = ? AND record_key = ? AND record <> '{}'`;
const HISTORY = `DELETE FROM sync_history WHERE sync = ? AND record_key = ?`;
const JOURNAL = `DELETE FROM sync_ledger WHERE record_key = ? AND direction IN (?, ?)`;
const REVIEWS = `DELETE FROM sync_reviews WHERE sync = ? AND record_key = ?`;
const ISSUES = `DELETE FROM sync_issues WHERE sync = ?1 AND (record_key = ?2
  OR (system, native_id) IN (SELECT system, native_id FROM sync_links WHERE sync = ?1 AND record_key = ?2))`;
const INTENTS = `DELETE FROM sync_intents WHERE sync = ? AND record_key = ? AND op <> 'create'`;
const CREATES = `UPDATE sync_intents SET to_record = '{}', from_record = '{}', overrides = '[]', match_key = NULL, echo_fingerprint = NULL, superseded = 1
  WHERE sync = ? AND record_key = ? AND (to_record <> '{}' OR from_record <> '{}' OR overrides <> '[]' OR match_key IS NOT NULL OR echo_fingerprint IS NOT NULL)`;
const MOVE_ON = `UPDATE sync_records SET version = version + 1, changed_seq = ?, lease_run = NULL, lease_expires_at = NULL WHERE sync = ? AND record_key = ?`;

const tombstoneRow = z.object({ tombstone_at: z.string().nullable() }).optional();

export function erase(connection: SqliteConnection, scope: SyncScope, record_key: RecordKey, now: string): EraseVerdict {
  const row = loadRow(connection, scope.sync, record_key);
  const tombstone = tombstoneRow.parse(connection.get(TOMBSTONE, scope.sync, record_key))?.tombstone_at ?? null;
  const refusal = decideErasure(row === null ? null : { ...row, tombstone_at: tombstone }, now);
  if (refusal !== null || row === null) return refusal ?? { kind: 'Unknown' };
  const of = [scope.sync, record_key] as const;
  const purged = connection.run(ISSUES, ...of) + [SNAPSHOTS, HISTORY, REVIEWS, INTENTS, CREATES].reduce((rows, statement) => rows + connection.run(statement, ...of), 0)
    + connection.run(JOURNAL, record_key, directionOf(scope.source, scope.target), directionOf(scope.target, scope.source));
  // Whoever read before holds values that are to be gone: its version is of yesterday, and its hold is over.
  if (purged > 0 || row.lease !== null) connection.run(MOVE_ON, nextNumber(connection), ...of);
  return { kind: 'Erased', purged };
}
