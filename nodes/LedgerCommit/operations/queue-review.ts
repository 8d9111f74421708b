import { SyncError } from '../../../core/sync-error';
import { verdictOf } from '../../shared/envelope';
import { ledgerOperation } from '../../shared/ledger-operation';
import { commitPlans, committing } from './commit-plans';
import { passDryRuns, plannedItemOf } from './planned-items';

/**
 * Stores the questions of plans that write nothing. Records that had something to write too were committed before, questions
 * included; they pass, so that the message to a person has one place on the canvas.
 */
export const queueReview = ledgerOperation(['Queued', 'Recheck', 'Failed', 'Dry Run'], 'Failed', async (loop, _context, store) => {
  const read = loop.read((json) => (verdictOf(json)?.kind === 'Committed' ? null : plannedItemOf(json)));
  for (const { index, value } of read) {
    if (value === null) loop.passOn('Queued', index);
  }
  const planned = passDryRuns(loop, 'Dry Run', read.flatMap(({ index, value }) => (value === null ? [] : [{ index, value }])));
  const items = planned.flatMap(({ index, value }) => loop.tried(index, () => {
    if (value.plan.patches.length > 0) throw new SyncError('bad_item', 'it has writes, which this operation would lose.', 'Connect Write to Reserve, and this operation behind Commit.');
    return committing(value);
  }));
  await commitPlans(loop, store, items, 'Queued');
});
