import { z } from 'zod';
import { SyncError } from '../../../core/sync-error';
import type { FinishItem } from '../../../ledger/ledger-store';
import { carried, verdictOf } from '../../shared/envelope';
import { UNAUTHORIZED } from '../../shared/envelope-shapes';
import type { ItemLoop, ReadItem } from '../../shared/item-loop';
import { ledgerOperation, type Store } from '../../shared/ledger-operation';
import { parameter } from '../../shared/parameters';
import { byRun } from '../../shared/run-groups';
import { finishingItemOf, type FinishingItem } from './finish-items';
import { pauseRefused, type Refusals } from './pause-refused';

/** Ends the run for records that stop early: unchanged, an echo, or rejected. A failed item keeps its note and gets an issue. */
export const finish = ledgerOperation(['Finished'], 'Finished', async (loop, _context, store) => {
  await finishItems(loop, store, loop.read((json) => finishingItemOf(json), true), 'Finished');
});

/** Stores an issue with every reason. The note is ended too, unless trying again may help. */
export const reportIssue = ledgerOperation(['Reported'], 'Reported', async (loop, context, store) => {
  const items = loop.read((json, index) => {
    const reason = parameter(context, 'reason', 'Reason', z.string().nullish(), index)?.trim() ?? '';
    const item = finishingItemOf(json, reason === '' ? null : reason);
    if (item.item.issues.length === 0) throw new SyncError('bad_item', 'it has no `rejected` and no reason to report.', 'Connect a Rejected or Failed output, or fill in "Reason".');
    return item;
  }, true);
  await finishItems(loop, store, items, 'Reported');
});

async function finishItems<Output extends string>(loop: ItemLoop<Output>, store: Store, all: readonly ReadItem<FinishingItem>[], output: Output): Promise<void> {
  for (const { run, items } of byRun(all)) {
    const unreported = items.filter(({ value }) => !value.reported);
    const done = await loop.together(items.map(({ index }) => index), async () => {
      if (unreported.length > 0) await (await store()).finish(run, unreported.map(({ value }) => value.item));
      await pauseRefused(store, run, refusalsOf(unreported.map(({ value }) => value.item)));
      return true;
    });
    if (done === null) continue;
    for (const { index, value } of items) {
      const json = loop.json(index);
      const verdict = verdictOf(json) ?? { kind: 'Finished' };
      loop.place(output, index, { ...carried(json), verdict, outcome: value.item.outcome, issues: value.item.issues });
    }
  }
}

function refusalsOf(items: readonly FinishItem[]): Refusals {
  return new Map(items.flatMap(({ issues }) => issues).filter(({ code }) => code === UNAUTHORIZED).map(({ system, reasons }) => [system, reasons.join(' ')]));
}
