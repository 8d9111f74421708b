import type { LedgerRow, RecordKey } from '../../../core/model';
import { decideCheck, type CheckDecision } from '../../../core/stages/ledger-check';
import { assertNever } from '../../../core/sync-error';
import type { CheckItem, CheckVerdict } from '../../../ledger/ledger-store';
import { closeIssues } from './issues';
import { latestTuple, recentHistory } from './journal';
import { claimNote, handNoteOver, handleNote } from './notes';
import { hasCreate, linkHolder, loadRow } from './records';
import { count } from './runs';
import type { StoredRow } from './state';
import type { Step } from './step';

export function check(step: Step, items: readonly CheckItem[]): readonly CheckVerdict[] {
  const verdicts = items.map((item) => {
    const row = findRow(step, item);
    const decision = decideCheck(row, item, step.run, step.now);
    if (!step.run.dry_run) follow(step, item, row, decision);
    return verdictOf(step, item, row, decision);
  });
  if (!step.run.dry_run) count(step.tables, step.run, verdicts.map((verdict) => verdict.kind.toLowerCase()));
  return verdicts;
}

function findRow({ tables, run }: Step, item: CheckItem): StoredRow | null {
  const key = keyOfRow();
  return key === null ? null : loadRow(tables, run.sync, key);

  function keyOfRow(): RecordKey | null {
    if (item.as_record_key !== null) return item.as_record_key;
    const linked = linkHolder(tables, run.sync, item.system, item.native_id);
    if (linked !== null) return linked;
    const { stamp } = item;
    // A create's echo may come before the call returned: only the stamp knows whose it is.
    if (stamp !== null && hasCreate(tables, run.sync, stamp.record_key, stamp.fencing_token, item.system)) return stamp.record_key;
    return item.proposed_key;
  }
}

function follow(step: Step, item: CheckItem, row: StoredRow | null, decision: CheckDecision): void {
  const { tables, run } = step;
  if (decision.kind === 'Unchanged') handleNote(tables, run.sync, item, run.read_token);
  if (decision.kind === 'Unchanged' && decision.reason === 'same') closeIssues(step, [item], ['rejected_record'], []);
  // A record that another row's record stands for: that row's Commit ends this note too, or it would wait for ever.
  if (decision.kind === 'Changed' && row !== null && item.as_record_key !== null) claimNote(tables, run.sync, item, row.record_key);
  if (decision.kind === 'Busy' && row !== null) handNoteOver(tables, run.sync, item, row.record_key);
}

function verdictOf(step: Step, item: CheckItem, row: StoredRow | null, decision: CheckDecision): CheckVerdict {
  if (decision.kind === 'Unchanged') return { kind: 'Unchanged', record_key: row?.record_key ?? null, reason: decision.reason };
  if (row === null) return { kind: 'Changed', row: null, full: item.full };
  switch (decision.kind) {
    case 'Changed':
      return { kind: 'Changed', row: ledgerRow(step, item, row), full: item.full };
    case 'Busy':
      return { kind: 'Busy', record_key: row.record_key, lease_expires_at: decision.lease_expires_at };
    case 'Recheck':
      return { kind: 'Recheck', record_key: row.record_key, reason: 'committed_since_read' };
    default:
      return assertNever(decision);
  }
}

function ledgerRow({ tables, run, now }: Step, item: CheckItem, row: StoredRow): LedgerRow {
  const since = new Date(Date.parse(now) - item.recent_seconds * 1000).toISOString();
  return {
    record_key: row.record_key,
    version: row.version,
    committed_version: row.committed_version,
    links: { [run.source]: row.links[run.source] ?? null, [run.target]: row.links[run.target] ?? null },
    snapshots: { [run.source]: row.snapshots[run.source] ?? null, [run.target]: row.snapshots[run.target] ?? null },
    intents: row.intents.map(({ may_land_until, ...intent }) => ({ ...intent, may_land: may_land_until > now })),
    reviews: row.reviews.map(({ seq: _seq, source: _source, ...review }) => review),
    latest: latestTuple(tables, run, row.record_key),
    recent: item.recent_seconds > 0 ? recentHistory(tables, run.sync, row.record_key, since) : [],
  };
}
