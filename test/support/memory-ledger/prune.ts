import { directionOf } from '../../../core/model';
import { checkRetention, cutoff, RETENTION_FLOOR_DAYS, type Retention } from '../../../ledger/retention';
import type { Pruned, SyncScope } from '../../../ledger/ledger-store';
import { isUnhandled, latestSeq } from '../../../ledger/steps/step';
import { dropRow } from './records';
import { keyOf, type StoredRow } from './state';
import type { Tables } from './tables';

export function forgottenSeq(tables: Tables, sync: string): number {
  return tables.syncs.get(JSON.stringify(sync))?.forgotten_seq ?? 0;
}

export function prune(tables: Tables, scope: SyncScope, retention: Retention, now: string): Pruned {
  const keep = checkRetention(retention);
  const history = pruneHistory(tables, scope, cutoff(now, keep.history_days));
  const journal = pruneJournal(tables, scope, cutoff(now, keep.journal_days));
  const intents = pruneIntents(tables, scope, cutoff(now, keep.intents_days), now);
  const tombstones = pruneTombstones(tables, scope, cutoff(now, keep.tombstones_days), now);
  return { history, journal, intents, tombstones, ...pruneRuns(tables, scope, cutoff(now, keep.runs_days)) };
}

const rowsOf = (tables: Tables, { sync }: SyncScope): readonly StoredRow[] => Object.values(tables.records.rows).filter((row) => row.sync === sync);

function forget(tables: Tables, { sync }: SyncScope, seq: number): void {
  const key = JSON.stringify(sync);
  const known = tables.syncs.get(key);
  if (known !== undefined && known.forgotten_seq < seq) tables.syncs.put(key, { ...known, forgotten_seq: seq });
}

function pruneHistory(tables: Tables, { sync }: SyncScope, before: string): number {
  let pruned = 0;
  for (const [key, lines] of Object.entries(tables.history.rows)) {
    const names: unknown = JSON.parse(key);
    const kept = lines.filter((line) => line.at >= before);
    if (!Array.isArray(names) || names[0] !== sync || kept.length === lines.length) continue;
    pruned += lines.length - kept.length;
    if (kept.length === 0) tables.history.remove(key);
    else tables.history.put(key, kept);
  }
  return pruned;
}

function pruneJournal(tables: Tables, scope: SyncScope, before: string): number {
  const directions = [directionOf(scope.source, scope.target), directionOf(scope.target, scope.source)];
  let pruned = 0;
  for (const row of rowsOf(tables, scope)) {
    const key = keyOf(row.record_key);
    const tuples = tables.journal.get(key) ?? [];
    const newest = tuples.findLast((tuple) => directions.includes(tuple.direction));
    const kept = tuples.filter((tuple) => tuple === newest || !directions.includes(tuple.direction) || tuple.synced_at >= before);
    pruned += tuples.length - kept.length;
    if (kept.length < tuples.length) tables.journal.put(key, kept);
  }
  return pruned;
}

/** Only if the sync was alive a week after it and a week ago: after a long pause nobody has looked whether the late write landed. */
function pruneIntents(tables: Tables, scope: SyncScope, before: string, now: string): number {
  const floor = cutoff(now, RETENTION_FLOOR_DAYS);
  const lookedSince = (moment: string): boolean => Object.values(tables.runs.rows).some((run) => run.sync === scope.sync && cutoff(run.started_at, RETENTION_FLOOR_DAYS) > moment && run.started_at < floor);
  let pruned = 0;
  for (const row of rowsOf(tables, scope)) {
    // What an open write was planned upon stays with it: what that had taken away is put on record by whoever settles both.
    if (row.intents.some(({ superseded }) => !superseded)) continue;
    const kept = row.intents.filter((intent) => intent.may_land_until >= before || !lookedSince(intent.may_land_until)
      || (intent.op === 'create' && row.snapshots[intent.system]?.presence !== 'present'));
    pruned += row.intents.length - kept.length;
    if (kept.length < row.intents.length) tables.records.put(keyOf(scope.sync, row.record_key), { ...row, intents: kept });
  }
  return pruned;
}

function pruneTombstones(tables: Tables, scope: SyncScope, before: string, now: string): number {
  const { sync } = scope;
  const notes = Object.values(tables.notes.rows).filter((note) => note.sync === sync);
  const old = rowsOf(tables, scope).filter((row) => row.tombstone_at !== null && row.tombstone_at < before && (row.lease === null || row.lease.expires_at <= now)
    && row.intents.length === 0 && row.reviews.length === 0
    && !notes.some((note) => isUnhandled(note) && (note.record_key === row.record_key || row.links[note.system] === note.native_id)));
  for (const row of old) {
    forget(tables, scope, row.changed_seq);
    dropRow(tables, sync, row.record_key);
    const shared = Object.values(tables.records.rows).some((other) => other.record_key === row.record_key);
    if (!shared) tables.journal.remove(keyOf(row.record_key));
    for (const [key, issue] of Object.entries(tables.issues.rows)) {
      if (issue.sync === sync && issue.native_id !== null && row.links[issue.system] === issue.native_id) tables.issues.remove(key);
    }
  }
  return old.length;
}

function pruneRuns(tables: Tables, scope: SyncScope, before: string): { readonly runs: number; readonly notes: number } {
  const ofSync = Object.values(tables.runs.rows).filter((run) => run.sync === scope.sync);
  const old = ofSync.filter((run) => run.started_at < before);
  // A note has no time of its own: it is older than the run that drew its number after it.
  const youngestOld = Math.max(0, ...old.map((run) => run.read_token));
  const handled = Object.entries(tables.notes.rows).filter(([, note]) => note.sync === scope.sync && !isUnhandled(note) && latestSeq(note) < youngestOld);
  for (const [key, note] of handled) {
    forget(tables, scope, latestSeq(note));
    tables.notes.remove(key);
  }
  for (const run of old) tables.runs.remove(run.run_id);
  return { runs: old.length, notes: handled.length };
}
