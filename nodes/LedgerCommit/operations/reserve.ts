import { z } from 'zod';
import { reserveItem } from '../../../core/stages/reserve-item';
import { reasonOf, remedyOf } from '../../../core/policies/holds';
import { assertNever, SyncError } from '../../../core/sync-error';
import type { ReserveVerdict } from '../../../ledger/ledger-store';
import { carried } from '../../shared/envelope';
import type { ItemLoop, ReadItem } from '../../shared/item-loop';
import { answerAt, ledgerOperation } from '../../shared/ledger-operation';
import { parameter } from '../../shared/parameters';
import { byRun } from '../../shared/run-groups';
import { readGuardSettings, readReserveSettings } from './guard-settings';
import { passDryRuns, plannedItemOf, recheckVerdict, type PlannedItem } from './planned-items';

const OUTPUTS = ['Reserved', 'Recheck', 'Failed', 'Dry Run', 'Held'] as const;

/** One round trip: versions compared and moved on, leases taken, intents durable. Only what leaves by Reserved may be written. */
export const reserve = ledgerOperation(OUTPUTS, 'Failed', async (loop, context, store) => {
  const lease_seconds = parameter(context, 'leaseSeconds', 'Lease (Seconds)', z.number().int().min(1));
  const settings = readReserveSettings(context, lease_seconds);
  const guards = parameter(context, 'guards', 'Guards', z.boolean()) ? readGuardSettings(context) : undefined;
  const planned = loop.read((json) => {
    const item = plannedItemOf(json);
    if (item.plan.patches.length === 0) throw new SyncError('bad_item', 'there is nothing to write, so nothing to reserve.', 'Connect Converged to Commit and Review to Queue Review.');
    return { ...item, wanted: reserveItem(settings, item.run, item.plan, item.row, item.sides) };
  });
  const wanted = new Map(planned.map(({ index, value }) => [index, value.wanted]));
  for (const { run, items } of byRun(passDryRuns(loop, 'Dry Run', planned))) {
    const batch = items.flatMap(({ index }) => wanted.get(index) ?? []);
    const verdicts = await loop.together(items.map(({ index }) => index), async () => (await store()).reserve(run, batch, guards));
    if (verdicts === null) continue;
    for (const [position, item] of items.entries()) {
      loop.attempt(item.index, () => placeVerdict(loop, item, answerAt(verdicts, position)));
    }
  }
});

function placeVerdict(loop: ItemLoop<(typeof OUTPUTS)[number]>, { index, value }: ReadItem<PlannedItem>, verdict: ReserveVerdict): void {
  const json = carried(loop.json(index));
  switch (verdict.kind) {
    case 'Reserved': {
      const { kind, fencing_token, version, lease_expires_at } = verdict;
      loop.place('Reserved', index, { ...json, reservation: { fencing_token, version, lease_expires_at }, verdict: { kind } });
      return;
    }
    case 'Recheck':
      loop.place('Recheck', index, { ...json, verdict: recheckVerdict(verdict.reason, verdict.claimed_by, value.read) });
      return;
    case 'Held': {
      const { hold } = verdict;
      loop.place('Held', index, { ...json, hold: { ...hold }, verdict: { kind: 'Held', reason: reasonOf(hold), hint: remedyOf(hold) } });
      return;
    }
    default:
      return assertNever(verdict);
  }
}
