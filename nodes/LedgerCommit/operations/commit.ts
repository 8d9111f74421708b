import { ledgerOperation } from '../../shared/ledger-operation';
import { commitPlans, committing } from './commit-plans';
import { passDryRuns, plannedItemOf } from './planned-items';

/** Stores what both systems were observed to hold, and ends the record's run. */
export const commit = ledgerOperation(['Committed', 'Recheck', 'Failed', 'Dry Run'], 'Failed', async (loop, _context, store) => {
  const planned = passDryRuns(loop, 'Dry Run', loop.read(plannedItemOf));
  const items = planned.flatMap(({ index, value }) => loop.tried(index, () => committing(value)));
  await commitPlans(loop, store, items, 'Committed');
});
