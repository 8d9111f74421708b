import type { WriteResult } from '../../../core/model';
import { commitItem } from '../../../core/stages/ledger-commit';
import { assertNever } from '../../../core/sync-error';
import type { CommitItem, CommitVerdict } from '../../../ledger/ledger-store';
import { carried } from '../../shared/envelope';
import type { ItemLoop, ReadItem } from '../../shared/item-loop';
import { answerAt, type Store } from '../../shared/ledger-operation';
import { byRun } from '../../shared/run-groups';
import { pauseRefused, type Refusals } from './pause-refused';
import { recheckVerdict, refuseUnreserved, type PlannedItem } from './planned-items';

/** A planned item and what it asks the ledger to store. */
export interface CommittingItem extends PlannedItem {
  readonly item: CommitItem;
}

export function committing(planned: PlannedItem): CommittingItem {
  refuseUnreserved(planned);
  const { run, plan, row, reservation, writes } = planned;
  return { ...planned, item: commitItem(run, plan, row, reservation, writes) };
}

/** One round trip a run. `done` is what the output is called for what was stored. */
export async function commitPlans<Done extends string>(
  loop: ItemLoop<Done | 'Recheck' | 'Failed'>,
  store: Store,
  planned: readonly ReadItem<CommittingItem>[],
  done: Done,
): Promise<void> {
  for (const { run, items } of byRun(planned)) {
    const verdicts = await loop.together(items.map(({ index }) => index), async () => (await store()).commit(run, items.map(({ value }) => value.item)));
    if (verdicts === null) continue;
    await pauseRefused(store, run, refusalsOf(items.flatMap(({ value }) => value.writes)));
    for (const [position, item] of items.entries()) {
      loop.attempt(item.index, () => {
        placeVerdict(loop, item, answerAt(verdicts, position), done);
        placeRejected(loop, item);
      });
    }
  }
}

function refusalsOf(writes: readonly WriteResult[]): Refusals {
  return new Map(writes.flatMap(({ system, outcome }) => (outcome.kind === 'postponed' && outcome.unauthorized === true ? [[system, outcome.reason] as const] : [])));
}

function placeVerdict<Done extends string>(loop: ItemLoop<Done | 'Recheck' | 'Failed'>, { index, value }: ReadItem<CommittingItem>, verdict: CommitVerdict, done: Done): void {
  const json = carried(loop.json(index));
  switch (verdict.kind) {
    case 'Committed': {
      const { kind, version, opened_reviews } = verdict;
      loop.place(done, index, { ...json, reviews: opened_reviews, verdict: { kind, version } });
      return;
    }
    case 'Recheck': {
      const read = verdict.read.length === 0 ? value.read : verdict.read;
      loop.place('Recheck', index, { ...json, verdict: recheckVerdict(verdict.reason, verdict.claimed_by, read, value.writes) });
      return;
    }
    default:
      return assertNever(verdict);
  }
}

/**
 * What a system would not take leaves by Failed too, for people: the ledger has stored the issue and released the lease by
 * then. The record's other writes and reviews are stored and go their own way.
 */
function placeRejected<Done extends string>(loop: ItemLoop<Done | 'Recheck' | 'Failed'>, { index, value }: ReadItem<CommittingItem>): void {
  const rejected = value.writes.flatMap(({ system, outcome }) => (outcome.kind === 'rejected' ? [{ system, reason: outcome.reason }] : []));
  const [first] = rejected;
  if (first === undefined) return;
  const reasons = rejected.map(({ system, reason }) => `${system}: ${reason}`);
  loop.place('Failed', index, {
    ...carried(loop.json(index)),
    verdict: { kind: 'Failed', reason: reasons.join('; '), hint: 'Correct the value in its source, or the mapping. It is not written again before.' },
    rejected: { code: 'rejected_write', system: first.system, reasons, retryable: false, reported: true },
  });
}
