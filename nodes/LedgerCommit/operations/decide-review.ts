import type { IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod';
import { recordPairSchema, recordSchema } from '../../../core/json/guards';
import { fieldOf } from '../../../core/json/canonical-record';
import { isSealed } from '../../../core/json/seal';
import type { CanonicalRecord, Pair, ReviewDecision, ReviewItem } from '../../../core/model';
import { answersTo } from '../../../core/policies/review-answers';
import { assertNever, SyncError } from '../../../core/sync-error';
import type { DecideRequest, DecideVerdict, SyncScope } from '../../../ledger/ledger-store';
import type { Failure } from '../../shared/error-mapping';
import type { ItemLoop } from '../../shared/item-loop';
import { ledgerOperation } from '../../shared/ledger-operation';
import { jsonParameter, parameter } from '../../shared/parameters';
import { readSyncScope, requiredText } from '../../shared/sync-scope-properties';

const OUTPUTS = ['Decided', 'Changed', 'Not Found', 'Failed'] as const;

/** What a person chose counts only while both sides still hold what was shown; the store compares. */
export const decideReview = ledgerOperation(OUTPUTS, 'Failed', async (loop, context, store) => {
  const scope = readSyncScope(context);
  const requests = loop.read((_json, index) => decideRequest(context, scope, index));
  for (const { index, value } of requests) {
    const verdict = await loop.together([index], async () => (await store()).decide(value));
    if (verdict !== null) placeVerdict(loop, index, value, verdict);
  }
});

function decideRequest(context: IExecuteFunctions, scope: SyncScope, item: number): DecideRequest {
  const shown = parameter(context, 'shown', 'Shown Values', jsonParameter.pipe(recordPairSchema), item);
  const decision = decisionOf(context, scope, item);
  if (decision.kind === 'value') checkValue(decision.value, shown);
  return { ...scope, review_id: requiredText(context, 'reviewId', 'Review ID', item), shown, decision };
}

/** The ledger keeps a decision as it is, so nothing may be in it that was not asked for, and nothing that is sealed. */
function checkValue(value: CanonicalRecord, shown: Pair<CanonicalRecord>): void {
  for (const field of Object.keys(value)) {
    const sides = Object.values(shown).map((record) => fieldOf(record, field)).filter((side) => side !== undefined);
    if (sides.length === 0) throw new SyncError('bad_item', `the field "${field}" is not in question.`, 'Give values for the fields of the review only.');
    if (sides.some(isSealed)) throw new SyncError('bad_item', `the field "${field}" is sealed.`, 'Choose the side that is right, or correct the value in one of the systems.');
  }
}

function decisionOf(context: IExecuteFunctions, scope: SyncScope, item: number): ReviewDecision {
  const by = requiredText(context, 'decidedBy', 'Decided By', item);
  const kind = parameter(context, 'decision', 'Decision', z.enum(['winner', 'value', 'keep_apart', 'link']), item);
  switch (kind) {
    case 'winner':
      return { kind, by, system: parameter(context, 'winner', 'Winner', z.enum([scope.source, scope.target]), item) };
    case 'value':
      return { kind, by, value: parameter(context, 'value', 'Value', jsonParameter.pipe(recordSchema), item) };
    case 'keep_apart':
      return { kind, by };
    case 'link':
      return { kind, by, native_id: requiredText(context, 'linkTo', 'Link To', item) };
    default:
      return assertNever(kind);
  }
}

function placeVerdict(loop: ItemLoop<(typeof OUTPUTS)[number]>, index: number, { review_id, decision }: DecideRequest, verdict: DecideVerdict): void {
  switch (verdict.kind) {
    case 'Decided': {
      // As a Recheck names what to read, so that Start can take this item as it is.
      const { kind, review, read } = verdict;
      loop.place('Decided', index, { review, verdict: { kind, claimed_by: null, read, retry_after_seconds: null } });
      return;
    }
    case 'Changed':
      loop.place('Changed', index, { review: verdict.review, verdict: { kind: 'Changed', reason: 'the record holds other values by now: look at it again and decide anew' } });
      return;
    case 'Refused':
      loop.fail(index, refusal(review_id, verdict.review, decision));
      return;
    case 'Gone':
      loop.place('Not Found', index, { review_id, verdict: { kind: 'NotFound', reason: 'there is no such open review' } });
      return;
    default:
      return assertNever(verdict);
  }
}

function refusal(review_id: string, review: ReviewItem, { kind }: ReviewDecision): Failure {
  const answers = answersTo(review).join(', ');
  return { reason: `the review ${review_id} (${review.record_key}, ${review.subject}) cannot be answered with "${kind}", only with: ${answers}.`, hint: 'Choose another Decision: this one would have no effect.' };
}
