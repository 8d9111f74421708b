/** Deletes what no law needs any more. `ledger/retention.ts` says what that is. */
import { z } from 'zod';
import { directionOf } from '../../core/model';
import { checkRetention, cutoff, RETENTION_FLOOR_DAYS, type Retention } from '../retention';
import type { Pruned, SyncScope } from '../ledger-store';
import type { SqliteConnection } from './driver';
import { dropRows, keyList } from './records';

const HISTORY = `DELETE FROM sync_history WHERE sync = ? AND at < ?`;
// The newest over both directions stays: Echo Guard compares with it, and a set-back must not look like an echo.
const JOURNAL = `DELETE FROM sync_ledger WHERE direction IN (?2, ?3) AND synced_at < ?4 AND record_key IN (SELECT record_key FROM sync_records WHERE sync = ?1)
  AND seq < (SELECT max(n.seq) FROM sync_ledger n WHERE n.record_key = sync_ledger.record_key AND n.direction IN (?2, ?3))`;
// Only if the sync was alive a week after it and a week ago: after a long pause nobody has looked whether the late write landed. A create
// stays until a living record stands linked: the record it may have made is otherwise taken for a new one. What an open write was planned
// upon stays with it: what that had taken away is put on record by whoever settles both.
const INTENTS = `DELETE FROM sync_intents WHERE sync = ?1 AND superseded = 1 AND may_land_until < ?2
  AND NOT EXISTS (SELECT 1 FROM sync_intents o WHERE o.sync = ?1 AND o.record_key = sync_intents.record_key AND o.superseded = 0)
  AND EXISTS (SELECT 1 FROM sync_runs r WHERE r.sync = ?1 AND r.started_at > strftime('%Y-%m-%dT%H:%M:%fZ', sync_intents.may_land_until, ?4) AND r.started_at < ?3)
  AND (op <> 'create' OR EXISTS (SELECT 1 FROM sync_snapshots s WHERE s.sync = ?1 AND s.record_key = sync_intents.record_key AND s.system = sync_intents.system AND s.presence = 'present'))`;
const OLD_TOMBSTONES = `SELECT r.record_key, r.changed_seq FROM sync_records r WHERE r.sync = ?1 AND r.tombstone_at < ?2 AND (r.lease_expires_at IS NULL OR r.lease_expires_at <= ?3)
  AND NOT EXISTS (SELECT 1 FROM sync_intents i WHERE i.sync = ?1 AND i.record_key = r.record_key)
  AND NOT EXISTS (SELECT 1 FROM sync_reviews v WHERE v.sync = ?1 AND v.record_key = r.record_key)
  AND NOT EXISTS (SELECT 1 FROM sync_notes n WHERE n.sync = ?1 AND n.hint_seq > n.handled_seq AND (n.record_key = r.record_key
    OR EXISTS (SELECT 1 FROM sync_links l WHERE l.sync = ?1 AND l.record_key = r.record_key AND l.system = n.system AND l.native_id = n.native_id)))`;
const DROP_ISSUES = `DELETE FROM sync_issues WHERE sync = ?1
  AND (system, native_id) IN (SELECT l.system, l.native_id FROM sync_links l WHERE l.sync = ?1 AND l.record_key IN (SELECT value FROM json_each(?2)))`;
// The journal is not kept by sync: a key that another sync has too is still in use.
const DROP_JOURNAL = `DELETE FROM sync_ledger WHERE direction IN (?2, ?3) AND record_key IN (SELECT value FROM json_each(?1))
  AND NOT EXISTS (SELECT 1 FROM sync_records r WHERE r.record_key = sync_ledger.record_key)`;
// A note has no time of its own: it is older than the run that drew its number after it.
const YOUNGEST_OLD_RUN = `SELECT max(read_token) AS seq FROM sync_runs WHERE sync = ? AND started_at < ?`;
const YOUNGEST_NOTE = `SELECT max(max(hint_seq, unlinked_seq)) AS seq FROM sync_notes WHERE sync = ? AND hint_seq <= handled_seq AND max(hint_seq, unlinked_seq) < ?`;
const NOTES = `DELETE FROM sync_notes WHERE sync = ? AND hint_seq <= handled_seq AND max(hint_seq, unlinked_seq) < ?`;
const RUNS = `DELETE FROM sync_runs WHERE sync = ? AND started_at < ?`;
const FORGET = `UPDATE sync_syncs SET forgotten_seq = ?2 WHERE sync = ?1 AND forgotten_seq < ?2`;
const FORGOTTEN = `SELECT forgotten_seq AS seq FROM sync_syncs WHERE sync = ?`;

const tombstoneRow = z.object({ record_key: z.string(), changed_seq: z.number() });
const seqRow = z.object({ seq: z.number().nullable() }).optional();

/** Runs older than this are sent back by Reserve and Commit: what they should have seen may be gone. */
export function forgottenSeq(connection: SqliteConnection, sync: string): number {
  return seqRow.parse(connection.get(FORGOTTEN, sync))?.seq ?? 0;
}

export function prune(connection: SqliteConnection, scope: SyncScope, retention: Retention, now: string): Pruned {
  const keep = checkRetention(retention);
  const directions = [directionOf(scope.source, scope.target), directionOf(scope.target, scope.source)] as const;
  const history = connection.run(HISTORY, scope.sync, cutoff(now, keep.history_days));
  const journal = connection.run(JOURNAL, scope.sync, ...directions, cutoff(now, keep.journal_days));
  // Before the log of runs, which says whether the sync was alive, and before the tombstones, which an intent keeps.
  const intents = connection.run(INTENTS, scope.sync, cutoff(now, keep.intents_days), cutoff(now, RETENTION_FLOOR_DAYS), `+${RETENTION_FLOOR_DAYS} days`);
  const tombstones = pruneTombstones(connection, scope, directions, cutoff(now, keep.tombstones_days), now);
  const notes = pruneNotes(connection, scope, cutoff(now, keep.runs_days));
  const runs = connection.run(RUNS, scope.sync, cutoff(now, keep.runs_days));
  return { history, journal, runs, notes, intents, tombstones };
}

function pruneTombstones(connection: SqliteConnection, { sync }: SyncScope, directions: readonly [string, string], before: string, now: string): number {
  const old = connection.all(OLD_TOMBSTONES, sync, before, now).map((row) => tombstoneRow.parse(row));
  if (old.length === 0) return 0;
  const record_keys = old.map((row) => row.record_key);
  connection.run(DROP_ISSUES, sync, keyList(record_keys));
  dropRows(connection, sync, record_keys);
  connection.run(DROP_JOURNAL, keyList(record_keys), ...directions);
  connection.run(FORGET, sync, old.reduce((seq, row) => Math.max(seq, row.changed_seq), 0));
  return old.length;
}

/** Handled notes count for a run that is under way, so only those go that are older than a run which is too old for the log. */
function pruneNotes(connection: SqliteConnection, { sync }: SyncScope, before: string): number {
  const old = seqRow.parse(connection.get(YOUNGEST_OLD_RUN, sync, before))?.seq ?? 0;
  const youngest = seqRow.parse(connection.get(YOUNGEST_NOTE, sync, old))?.seq ?? null;
  if (youngest === null) return 0;
  connection.run(FORGET, sync, youngest);
  return connection.run(NOTES, sync, old);
}
