import type { LedgerRow, RecordKey } from '../../core/model';
import { decideCheck, type CheckDecision } from '../../core/stages/ledger-check';
import { assertNever } from '../../core/sync-error';
import type { CheckItem, CheckVerdict } from '../ledger-store';
import type { Step, StoredRow } from './step';

export function check(step: Step, items: readonly CheckItem[]): readonly CheckVerdict[] {
  const verdicts = items.map((item) => {
    const row = findRow(step, item);
    const decision = decideCheck(row, item, step.run, step.now);
    if (!step.run.dry_run) follow(step, item, row, decision);
    return verdictOf(step, item, row, decision);
  });
  if (!step.run.dry_run) step.tables.count(verdicts.map((verdict) => verdict.kind.toLowerCase()));
  return verdicts;
}

function findRow({ tables }: Step, item: CheckItem): StoredRow | null {
  const key = keyOf();
  return key === null ? null : tables.row(key);

  function keyOf(): RecordKey | null {
    if (item.as_record_key !== null) return item.as_record_key;
    const linked = tables.linkHolder(item);
    if (linked !== null) return linked;
    const { stamp } = item;
    // A create's echo may come before the call returned: only the stamp knows whose it is.
    if (stamp !== null && tables.hasCreate(stamp.record_key, stamp.fencing_token, item.system)) return stamp.record_key;
    return item.proposed_key;
  }
}

function follow(step: Step, item: CheckItem, row: StoredRow | null, decision: CheckDecision): void {
  const { tables } = step;
  if (decision.kind === 'Unchanged') tables.handleNote(item);
  if (decision.kind === 'Unchanged' && decision.reason === 'same') tables.closeIssues([item], ['rejected_record'], []);
  // A record that another row's record stands for: that row's Commit ends this note too, or it would wait for ever.
  if (decision.kind === 'Changed' && row !== null && item.as_record_key !== null) tables.claimNote(item, row.record_key);
  if (decision.kind === 'Busy' && row !== null) tables.handNoteOver(item, row.record_key);
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
    reviews: row.reviews,
    latest: tables.latestTuple(row.record_key),
    recent: item.recent_seconds > 0 ? tables.recentHistory(row.record_key, since) : [],
  };
}
