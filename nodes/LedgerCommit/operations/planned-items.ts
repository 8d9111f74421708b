import type { Hint, LedgerRow, Observation, Plan, RunContext, WriteResult } from '../../../core/model';
import { recheckReads, retryAfter } from '../../../core/stages/recheck-reads';
import { SyncError } from '../../../core/sync-error';
import type { RecheckReason } from '../../../ledger/ledger-store';
import { carried, planOf, reservationOf, rowOf, runOf, sideIfAny, writesOf, type IncomingJson } from '../../shared/envelope';
import type { Reservation } from '../../shared/envelope-shapes';
import type { ItemLoop, ReadItem } from '../../shared/item-loop';

export interface PlannedItem {
  readonly run: RunContext;
  readonly plan: Plan;
  readonly row: LedgerRow | null;
  readonly reservation: Reservation | null;
  readonly writes: readonly WriteResult[];
  /** What was read, as far as the item still has it. */
  readonly sides: readonly Observation[];
  /** The native ids this plan is about: what a Recheck has to read, at least. */
  readonly read: readonly Hint[];
}

export function plannedItemOf(json: IncomingJson): PlannedItem {
  const run = runOf(json);
  const plan = planOf(json);
  const [source, target] = [sideIfAny(json, 'source'), sideIfAny(json, 'target')];
  const sides = [source, target].filter((side) => side !== null);
  return { run, plan, row: rowOf(json), reservation: reservationOf(json), writes: writesOf(json), sides, read: recheckReads(run, plan, { source, target }) };
}

/** A plan with writes that was never reserved has no lease, no intent and no fencing token: storing it would lose edits. */
export function refuseUnreserved({ plan, reservation }: PlannedItem): void {
  if (plan.patches.length > 0 && reservation === null) {
    throw new SyncError('bad_item', 'it has writes, but `reservation` is missing.', 'Connect Sync Ledger Commit, operation Reserve, between Conflict Router and the writers.');
  }
}

/** In a dry run nothing is reserved or stored, and nothing may reach a writer: the plan itself is the result. */
export function passDryRuns<Output extends string>(loop: ItemLoop<Output>, output: Output, items: readonly ReadItem<PlannedItem>[]): readonly ReadItem<PlannedItem>[] {
  return items.filter(({ index, value }) => {
    if (!value.run.dry_run) return true;
    loop.place(output, index, { ...carried(loop.json(index)), verdict: { kind: 'DryRun', reason: 'dry run: this is what would be written; nothing was stored' } });
    return false;
  });
}

export function recheckVerdict(reason: RecheckReason, claimed_by: string | null, read: readonly Hint[], writes: readonly WriteResult[] = []): object {
  return { kind: 'Recheck', reason, claimed_by, read, retry_after_seconds: retryAfter(writes) };
}
