import { fieldOf, sameValue } from '../json/canonical-record';
import type { CanonicalRecord, LedgerRow, Observation, Pair, ReviewItem, SystemName } from '../model';

/**
 * Whether both sides still hold what the person was shown. A decision speaks about those values and no others; when one side
 * moved on, the question is asked again. A chosen third value may already have arrived on one side (a crash in between).
 */
export function decisionHolds(review: ReviewItem, observed: Pair<Observation>): boolean {
  const chosen = review.decision?.kind === 'value' ? review.decision.value : null;
  return Object.entries(observed).every(([system, side]) =>
    review.fields.every((field) => {
      const shown = fieldOf(review.values[system] ?? {}, field);
      const now = side.presence === 'present' ? fieldOf(side.record, field) : undefined;
      return sameValue(now, shown) || (chosen !== null && sameValue(now, fieldOf(chosen, field)));
    }),
  );
}

/** The question whether a second record of `system` is the one a row stands for: one for each such record, beside all others. */
export const claimSubject = (system: SystemName, native_id: string): string => `claim:${system}:${native_id}`;

export const isClaim = ({ subject }: Pick<ReviewItem, 'subject'>): boolean => subject.startsWith('claim:');

/** The record of `system` that a question is about; null when it is no such question. */
export function claimantOf({ subject }: Pick<ReviewItem, 'subject'>, system: SystemName): string | null {
  const prefix = claimSubject(system, '');
  return subject.startsWith(prefix) ? subject.slice(prefix.length) : null;
}

/** Whether an open question still shows the present values, so that it need not be asked again. */
export function showsPresentValues(review: ReviewItem, values: Pair<CanonicalRecord>): boolean {
  return sameValue(review.values, values);
}

/**
 * The native id in `system` that a row is about: its link, or the candidate that a person chose for an ambiguous match. Such
 * a row is linked on one side only, so the choice speaks about the other one.
 */
export function linkedId(row: LedgerRow | null, system: string): string | null {
  if (row === null) return null;
  const link = row.links[system] ?? null;
  if (link !== null) return link;
  const decision = row.reviews.find((review) => review.kind === 'ambiguous' && review.status === 'decided')?.decision;
  return decision?.kind === 'link' ? decision.native_id : null;
}
