import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { answer, errorAnswer, type ApiAnswer } from './api-answer';
import { renderRecord } from './record-json';
import type { StoredRecord } from './record-store';
import type { SystemState } from './system-state';

const listQuery = z.strictObject({
  email: z.string().optional(),
  updated_since: z.iso.datetime({ offset: true }).optional(),
  after_id: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(100),
});
type ListQuery = z.infer<typeof listQuery>;

export function listRecords(state: SystemState, request: FastifyRequest): ApiAnswer {
  const parsed = listQuery.safeParse(request.query);
  if (!parsed.success) return badQuery(z.prettifyError(parsed.error));
  const query = parsed.data;
  const visible = visibilityFor(state, query.email);
  const afterOrdinal = query.after_id === undefined ? null : state.definition.ordinalOf(query.after_id);
  if (query.after_id !== undefined && afterOrdinal === null) return badQuery(`after_id: ${query.after_id} is not an id.`);
  const updatedSince = query.updated_since === undefined ? null : Date.parse(query.updated_since);
  const page = state.store.list({ updatedSince, afterOrdinal, limit: query.limit }, visible);
  const last = page.records.at(-1);
  const next = page.more && last !== undefined ? nextUrl(request, query, last) : null;
  return answer(200, { data: page.records.map((record) => renderRecord(record, state.board.now.send_nulls)), next });
}

/** A record one may not see is simply not listed: an absence that must not be taken for a delete. */
function visibilityFor(state: SystemState, email: string | undefined): (record: StoredRecord) => boolean {
  const forbidden = new Set(state.board.now.forbidden_ids);
  const wanted = email?.trim().toLowerCase();
  return (record) => {
    if (forbidden.has(record.id)) return false;
    const value = record.values.get(state.definition.emailPath);
    return wanted === undefined || (typeof value === 'string' && value.trim().toLowerCase() === wanted);
  };
}

function nextUrl(request: FastifyRequest, query: ListQuery, last: StoredRecord): string {
  const url = new URL(request.url, `${request.protocol}://${request.host}`);
  if (query.updated_since !== undefined) url.searchParams.set('updated_since', new Date(last.updatedAt).toISOString());
  url.searchParams.set('after_id', last.id);
  url.searchParams.set('limit', String(query.limit));
  return url.toString();
}

function badQuery(message: string): ApiAnswer {
  return errorAnswer({ status: 400, code: 'invalid_query', message, field: null }, null);
}
