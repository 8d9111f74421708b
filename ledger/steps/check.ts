import type { LedgerRow, RecordKey } from '../../core/model';
import { decideCheck, type CheckDecision, type HeldRow } from '../../core/stages/ledger-check';
import { assertNever } from '../../core/sync-error';
import type { CheckItem, CheckVerdict } from '../ledger-store';
import type { Step, StepTables } from './step';

interface Checked {
  readonly item: CheckItem;
  readonly row: HeldRow | null;
  readonly decision: CheckDecision;
}

export function check(step: Step, items: readonly CheckItem[]): readonly CheckVerdict[] {
  const rows = rowsOf(step, items);
  const checked = items.map((item, place): Checked => {
    const row = rows[place] ?? null;
    return { item, row, decision: decideCheck(row, item, step.run, step.now) };
  });
  if (!step.run.dry_run) follow(step, checked);
  const verdicts = checked.map((one) => verdictOf(step, one));
  if (!step.run.dry_run) step.tables.count(verdicts.map((verdict) => verdict.kind.toLowerCase()));
  return verdicts;
}

/** The row of each item: the one it is sent to, else the one its record is linked to. Hardly any record of a batch has neither. */
function rowsOf({ tables }: Step, items: readonly CheckItem[]): readonly (HeldRow | null)[] {
  const rows = [...tables.linkedHeads(items)];
  const unlinked = items.flatMap((item, place) => {
    const record_key = item.as_record_key ?? ((rows[place] ?? null) === null ? keyWithoutLink(tables, item) : null);
    return record_key === null ? [] : [{ place, system: item.system, record_key }];
  });
  const heads = tables.heads(unlinked);
  for (const [position, { place }] of unlinked.entries()) rows[place] = heads[position] ?? null;
  return rows;
}

function keyWithoutLink(tables: StepTables, { system, stamp, proposed_key }: CheckItem): RecordKey | null {
  // A create's echo may come before the call returned: only the stamp knows whose it is.
  return stamp !== null && tables.hasCreate(stamp.record_key, stamp.fencing_token, system) ? stamp.record_key : proposed_key;
}

/** No item's verdict depends on another item, nor on what follows from one. */
function follow({ tables }: Step, checked: readonly Checked[]): void {
  const unchanged = checked.filter(({ decision }) => decision.kind === 'Unchanged');
  tables.handleNotes(unchanged.map(({ item }) => item));
  tables.closeIssues(unchanged.filter(({ decision }) => decision.kind === 'Unchanged' && decision.reason === 'same').map(({ item }) => item), ['rejected_record'], []);
  for (const { item, row, decision } of checked) {
    // A record that another row's record stands for: that row's Commit ends this note too, or it would wait for ever.
    if (decision.kind === 'Changed' && row !== null && item.as_record_key !== null) tables.claimNote(item, row.record_key);
    if (decision.kind === 'Busy' && row !== null) tables.handNoteOver(item, row.record_key);
  }
}

function verdictOf(step: Step, { item, row, decision }: Checked): CheckVerdict {
  if (decision.kind === 'Unchanged') return { kind: 'Unchanged', record_key: row?.record_key ?? null, reason: decision.reason };
  if (row === null) return { kind: 'Changed', row: null, full: item.full };
  switch (decision.kind) {
    case 'Changed':
      return { kind: 'Changed', row: ledgerRow(step, item, row.record_key), full: item.full };
    case 'Busy':
      return { kind: 'Busy', record_key: row.record_key, lease_expires_at: decision.lease_expires_at };
    case 'Recheck':
      return { kind: 'Recheck', record_key: row.record_key, reason: 'committed_since_read' };
    default:
      return assertNever(decision);
  }
}

function ledgerRow({ tables, run, now }: Step, item: CheckItem, record_key: RecordKey): LedgerRow | null {
  const row = tables.row(record_key);
  if (row === null) return null;
  // What could still land when this run drew its token may have landed since, and a search that began then not show it (law 15).
  const began = row.intents.length === 0 ? null : tables.startedAt();
  const since = new Date(Date.parse(now) - item.recent_seconds * 1000).toISOString();
  return {
    record_key: row.record_key,
    version: row.version,
    committed_version: row.committed_version,
    links: { [run.source]: row.links[run.source] ?? null, [run.target]: row.links[run.target] ?? null },
    snapshots: { [run.source]: row.snapshots[run.source] ?? null, [run.target]: row.snapshots[run.target] ?? null },
    intents: row.intents.map(({ may_land_until, ...intent }) => ({ ...intent, may_land: may_land_until > (began ?? now) })),
    reviews: row.reviews,
    latest: tables.latestTuple(row.record_key),
    recent: item.recent_seconds > 0 ? tables.recentHistory(row.record_key, since) : [],
  };
}
