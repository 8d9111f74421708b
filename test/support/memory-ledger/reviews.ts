import { canonicalJson } from '../../../core/json/canonical-json';
import type { Hint, RecordKey, ReviewDraft, ReviewItem } from '../../../core/model';
import { answersTo } from '../../../core/policies/review-answers';
import type { CommitItem, DecideRequest, DecideVerdict, SyncScope } from '../../../ledger/ledger-store';
import { decisionSchema } from '../../../ledger/json-column';
import { keptJson, keptRecords } from './kept';
import { noteHint } from './notes';
import { changeRow, linksOf, loadRow } from './records';
import type { StoredReview } from './state';
import type { Step } from './step';
import type { Tables } from './tables';

export const itemOf = ({ seq: _seq, source: _source, ...review }: StoredReview): ReviewItem => review;

function reviewsOf(tables: Tables, sync: string, record_key: RecordKey): readonly StoredReview[] {
  return loadRow(tables, sync, record_key)?.reviews ?? [];
}

export function closeReviews({ tables, run }: Step, record_key: RecordKey, closed: readonly ReviewItem[]): void {
  const ids = new Set(closed.map((review) => review.id));
  if (ids.size > 0) changeRow(tables, run.sync, record_key, { reviews: reviewsOf(tables, run.sync, record_key).filter((review) => !ids.has(review.id)) });
}

/** One item per record and subject: other values replace the question and drop a decision made on the old ones. */
export function openReviews(step: Step, item: CommitItem, drafts: readonly ReviewDraft[]): readonly ReviewItem[] {
  for (const draft of drafts) open(step, item, draft);
  const subjects = new Set(drafts.map((draft) => draft.subject));
  return subjects.size === 0 ? [] : reviewsOf(step.tables, step.run.sync, item.record_key).filter((review) => subjects.has(review.subject)).map(itemOf);
}

function open({ tables, run }: Step, item: CommitItem, draft: ReviewDraft): void {
  const present = reviewsOf(tables, run.sync, item.record_key);
  const former = present.find((review) => review.subject === draft.subject);
  const [id, seq] = [tables.newId('review'), tables.nextNumber()];
  const review: StoredReview = {
    id: former?.id ?? id, seq: former?.seq ?? seq, record_key: item.record_key, kind: draft.kind, subject: draft.subject, fields: [...draft.fields], reason: draft.reason,
    values: keptRecords(draft.values), base: keptRecords(draft.base), status: 'open', decision: null, source: { system: run.source, native_id: item.links[run.source] ?? null },
  };
  changeRow(tables, run.sync, item.record_key, { reviews: former === undefined ? [...present, review] : present.map((other) => (other === former ? review : other)) });
}

export function pageOfReviews(tables: Tables, scope: SyncScope, page: { readonly limit: number; readonly offset: number; readonly id: string | null }): { readonly total: number; readonly items: readonly ReviewItem[] } {
  const all = Object.values(tables.records.rows).filter((row) => row.sync === scope.sync).flatMap((row) => row.reviews)
    .filter((review) => page.id === null || review.id === page.id).sort((a, b) => a.seq - b.seq);
  return { total: all.length, items: all.slice(page.offset, page.offset + page.limit).map(itemOf) };
}

export function decideReview(tables: Tables, request: DecideRequest): DecideVerdict {
  const { sync } = request;
  const row = Object.values(tables.records.rows).find((candidate) => candidate.sync === sync && candidate.reviews.some((review) => review.id === request.review_id));
  const present = row?.reviews.find((review) => review.id === request.review_id);
  if (row === undefined || present === undefined) return { kind: 'Gone' };
  if (canonicalJson(present.values) !== canonicalJson(request.shown)) return { kind: 'Changed', review: itemOf(present) };
  if (!answersTo(present).includes(request.decision.kind)) return { kind: 'Refused', review: itemOf(present) };
  const decided: StoredReview = { ...present, status: 'decided', decision: decisionSchema.parse(keptJson(request.decision)) };
  changeRow(tables, sync, row.record_key, { reviews: row.reviews.map((review) => (review === present ? decided : review)) });
  const read = recordsOfReview(tables, request, present);
  for (const hint of read) noteHint(tables, sync, hint, present.record_key);
  return { kind: 'Decided', review: itemOf(decided), read };
}

/** Both linked records; a question about an ambiguous match has none yet, only the record it was asked for. */
function recordsOfReview(tables: Tables, request: DecideRequest, review: StoredReview): readonly Hint[] {
  const linked = Object.entries(linksOf(tables, request.sync, review.record_key)).map(([system, native_id]) => ({ system, native_id }));
  const { system, native_id } = review.source;
  return native_id === null || linked.some((hint) => hint.system === system) ? linked : [...linked, { system, native_id }];
}
