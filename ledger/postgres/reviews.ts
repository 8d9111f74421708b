import { z } from 'zod';
import { REVIEW_KINDS, type ReviewItem } from '../../core/model';
import { answersTo } from '../../core/policies/review-answers';
import { reviewSchema, toColumn } from '../json-column';
import type { DecideRequest, DecideVerdict, SyncScope } from '../ledger-store';
import type { PostgresConnection } from './driver';
import { callOnce, textToWire, toWire } from './wire';

// One statement, so that the total is that of the page's moment.
const PAGE = `SELECT jsonb_build_object(
    'total', (SELECT count(*) FROM {schema}.sync_reviews WHERE sync = $1 AND ($2::text IS NULL OR id = $2)),
    'items', (SELECT coalesce(jsonb_agg({schema}.sync_review(v) ORDER BY v.seq), '[]') FROM (
      SELECT * FROM {schema}.sync_reviews WHERE sync = $1 AND ($2::text IS NULL OR id = $2) ORDER BY seq LIMIT $3 OFFSET $4) AS v0
      JOIN {schema}.sync_reviews v ON v.id = v0.id)) AS answer`;
const DECIDE = 'SELECT {schema}.sync_decide($1::jsonb, $2::timestamptz) AS answer';

const pageSchema = z.object({ total: z.number(), items: z.array(reviewSchema) });
const verdictSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('Decided'), review: reviewSchema, read: z.array(z.object({ system: z.string(), native_id: z.string() })) }),
  z.object({ kind: z.literal('Changed'), review: reviewSchema }),
  z.object({ kind: z.literal('Refused'), review: reviewSchema }),
  z.object({ kind: z.literal('Gone') }),
]);

export function pageOfReviews(connection: PostgresConnection, scope: SyncScope, page: { readonly limit: number; readonly offset: number; readonly id: string | null }): Promise<{ readonly total: number; readonly items: readonly ReviewItem[] }> {
  return callOnce(connection, PAGE, [textToWire(scope.sync), page.id === null ? null : textToWire(page.id), page.limit, page.offset], pageSchema);
}

export function decideReview(connection: PostgresConnection, request: DecideRequest, now: Date | null): Promise<DecideVerdict> {
  const answers = REVIEW_KINDS.filter((kind) => answersTo({ kind }).includes(request.decision.kind));
  return callOnce(connection, DECIDE, [toWire({ ...request, answers, decision: toColumn(request.decision), shown: toColumn(request.shown) }), now], verdictSchema);
}
