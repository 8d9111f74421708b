import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../core/json/canonical-json';
import type { Hint, RecordKey, ReviewDraft, ReviewItem } from '../../core/model';
import { answersTo } from '../../core/policies/review-answers';
import { reviewSchema, toColumn } from '../json-column';
import type { CommitItem, DecideRequest, DecideVerdict, SyncScope } from '../ledger-store';
import type { SqliteConnection } from './driver';
import { noteHint } from './notes';
import { linksOf } from './records';
import { nextNumber } from './sequence';
import type { Step } from './step';

const COLUMNS = 'id, record_key, kind, subject, fields, reason, "values", base, status, decision';
const OF_RECORD = `SELECT ${COLUMNS} FROM sync_reviews WHERE sync = ? AND record_key = ? ORDER BY seq`;
const ONE = `SELECT ${COLUMNS} FROM sync_reviews WHERE sync = ? AND id = ?`;
const PAGE = `SELECT ${COLUMNS} FROM sync_reviews WHERE sync = ?1 AND (?2 IS NULL OR id = ?2) ORDER BY seq LIMIT ?3 OFFSET ?4`;
const TOTAL = `SELECT count(*) AS total FROM sync_reviews WHERE sync = ?1 AND (?2 IS NULL OR id = ?2)`;
const OPEN = `INSERT INTO sync_reviews (id, seq, sync, record_key, kind, subject, fields, reason, "values", base, status, decision, source_system, source_native_id, opened_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', NULL, ?, ?, ?)
  ON CONFLICT (sync, record_key, subject) DO UPDATE SET kind = excluded.kind, fields = excluded.fields, reason = excluded.reason, "values" = excluded."values",
    base = excluded.base, status = 'open', decision = NULL, decided_at = NULL, source_system = excluded.source_system, source_native_id = excluded.source_native_id`;
const CLOSE = `DELETE FROM sync_reviews WHERE sync = ? AND record_key = ? AND id = ?`;
const DECIDE = `UPDATE sync_reviews SET status = 'decided', decision = ?, decided_at = ? WHERE sync = ? AND id = ?`;
const SOURCE = `SELECT source_system AS system, source_native_id AS native_id FROM sync_reviews WHERE sync = ? AND id = ?`;

const totalRow = z.object({ total: z.number() });
const sourceRow = z.object({ system: z.string(), native_id: z.string().nullable() });

export function reviewsOf(connection: SqliteConnection, sync: string, record_key: RecordKey): readonly ReviewItem[] {
  return connection.all(OF_RECORD, sync, record_key).map((row) => reviewSchema.parse(row));
}

export function closeReviews({ connection, run }: Step, record_key: RecordKey, reviews: readonly ReviewItem[]): void {
  for (const review of reviews) connection.run(CLOSE, run.sync, record_key, review.id);
}

/** One item per record and subject: other values replace the question and drop a decision made on the old ones. */
export function openReviews({ connection, run, now }: Step, item: CommitItem, drafts: readonly ReviewDraft[]): readonly ReviewItem[] {
  for (const draft of drafts) {
    connection.run(OPEN, randomUUID(), nextNumber(connection), run.sync, item.record_key, draft.kind, draft.subject, toColumn(draft.fields), draft.reason,
      canonicalJson(draft.values), canonicalJson(draft.base), run.source, item.links[run.source] ?? null, now);
  }
  const subjects = new Set(drafts.map((draft) => draft.subject));
  return subjects.size === 0 ? [] : reviewsOf(connection, run.sync, item.record_key).filter((review) => subjects.has(review.subject));
}

export function pageOfReviews(connection: SqliteConnection, scope: SyncScope, page: { readonly limit: number; readonly offset: number; readonly id: string | null }): { readonly total: number; readonly items: readonly ReviewItem[] } {
  return {
    total: totalRow.parse(connection.get(TOTAL, scope.sync, page.id)).total,
    items: connection.all(PAGE, scope.sync, page.id, page.limit, page.offset).map((row) => reviewSchema.parse(row)),
  };
}

export function decideReview(connection: SqliteConnection, request: DecideRequest, now: string): DecideVerdict {
  const review = (): ReviewItem | null => {
    const found = connection.get(ONE, request.sync, request.review_id);
    return found === undefined ? null : reviewSchema.parse(found);
  };
  const present = review();
  if (present === null) return { kind: 'Gone' };
  if (canonicalJson(present.values) !== canonicalJson(request.shown)) return { kind: 'Changed', review: present };
  if (!answersTo(present).includes(request.decision.kind)) return { kind: 'Refused', review: present };
  connection.run(DECIDE, toColumn(request.decision), now, request.sync, request.review_id);
  const read = recordsOfReview(connection, request, present);
  for (const hint of read) noteHint(connection, request.sync, hint, present.record_key);
  return { kind: 'Decided', review: review() ?? present, read };
}

/** Both linked records; a question about an ambiguous match has none yet, only the record it was asked for. */
function recordsOfReview(connection: SqliteConnection, request: DecideRequest, review: ReviewItem): readonly Hint[] {
  const linked = Object.entries(linksOf(connection, request.sync, review.record_key)).map(([system, native_id]) => ({ system, native_id }));
  const { system, native_id } = sourceRow.parse(connection.get(SOURCE, request.sync, review.id));
  return native_id === null || linked.some((hint) => hint.system === system) ? linked : [...linked, { system, native_id }];
}
