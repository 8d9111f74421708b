import { readPath, parsePath } from '../json/path';
import type { CompiledMapping } from '../mapping';
import type { Observation } from '../model';
import { httpAnswer, isSuccess, retryAfterSeconds, type HttpAnswer } from './http-response';
import { idText, normalizeRecord, unseen, type Normalized } from './normalize';
import { readField } from './read-field';

/** What the request was about. */
export interface Asked {
  /** Null when the record was searched for. */
  readonly native_id: string | null;
  readonly match_key: string | null;
}

export interface ResponseShape {
  /** Where a search's hits lie in the body; `''`: the body itself is the list. */
  readonly list_path: string;
  /** Where a single record lies in the body; `''`: the body itself. */
  readonly record_path?: string;
}

/** `Failed`: the read proved nothing at all. `retry_after_seconds` is null when trying again cannot help. `unauthorized`: 401. */
export type ReadOutcome = Normalized | { readonly kind: 'Failed'; readonly reasons: readonly string[]; readonly retry_after_seconds: number | null; readonly unauthorized?: true };

/** What an answer proves about one record. Only 404 and 410 for an id prove that it is gone; whatever failed proves nothing. */
export function readResponse(compiled: CompiledMapping, response: unknown, asked: Asked, shape: ResponseShape): ReadOutcome {
  const answer = httpAnswer(response);
  const { status } = answer;
  const reasons = [`${compiled.mapping.system}: reading failed, ${answer.message}.`];
  // No status and no error: the setting is wrong, and waiting does not correct it.
  if (status === null) return { kind: 'Failed', reasons, retry_after_seconds: hasError(response) ? retryAfterSeconds(answer) : null };
  if (isSuccess(status)) return readBody(compiled, answer, asked, shape);
  if (status === 404 || status === 410) return readGone(compiled, asked, reasons);
  if (status === 403) return valid({ ...unseen(compiled), presence: 'out_of_scope', native_id: asked.native_id });
  const passes = status === 401 || status === 408 || status === 425 || status === 429 || status >= 500;
  return { kind: 'Failed', reasons, retry_after_seconds: passes ? retryAfterSeconds(answer) : null, ...(status === 401 ? { unauthorized: true } : {}) };
}

const hasError = (response: unknown): boolean => readPath(response, ['error']).kind === 'found';

const valid = (observation: Observation): ReadOutcome => ({ kind: 'Valid', observation, notes: [] });

function readGone(compiled: CompiledMapping, asked: Asked, reasons: readonly string[]): ReadOutcome {
  if (asked.native_id !== null) return valid({ ...unseen(compiled), presence: 'gone', native_id: asked.native_id });
  // A search that answers 404 has found nothing, which proves nothing about a record that was linked before.
  if (asked.match_key !== null) return valid({ ...unseen(compiled), presence: 'none', match_key: asked.match_key });
  return { kind: 'Failed', reasons: [...reasons, 'Nothing says which record was asked for, so it cannot be called gone.'], retry_after_seconds: null };
}

function readBody(compiled: CompiledMapping, answer: HttpAnswer, asked: Asked, shape: ResponseShape): ReadOutcome {
  const list = at(answer.body, shape.list_path);
  if (isList(list)) return readHits(compiled, list, asked);
  const read = normalizeRecord(compiled, at(answer.body, shape.record_path ?? ''), { etag: answer.headers.get('etag') ?? null, native_id: asked.native_id });
  const answered = read.kind === 'Valid' ? read.observation.native_id : null;
  if (read.kind !== 'Valid' || asked.native_id === null || answered === asked.native_id) return read;
  return { ...read, observation: { ...read.observation, merged_id: asked.native_id } };
}

/** The header's version belongs to the list and not to the hit, so a hit has one only if the record itself does. */
function readHits(compiled: CompiledMapping, hits: readonly unknown[], asked: Asked): ReadOutcome {
  const meant = hits.filter((hit) => mayBeMeant(compiled, hit, asked));
  const [only, ...more] = meant;
  if (meant.length === 0) return valid({ ...unseen(compiled), presence: 'none', native_id: null, match_key: asked.match_key });
  if (more.length === 0) return normalizeRecord(compiled, only, { etag: null, native_id: asked.native_id });
  const candidates = meant.map((hit) => idText(hit, compiled.native_id)).filter((id) => id !== null);
  return valid({ ...unseen(compiled), presence: 'ambiguous', match_key: asked.match_key, candidates });
}

/**
 * Many systems search by similarity: `ann@x.org` also finds `joann@x.org`. A hit whose own match key is another one is not the
 * record, and linking it would mix two people. A hit whose match key cannot be read may be it, and counts.
 */
function mayBeMeant(compiled: CompiledMapping, hit: unknown, asked: Asked): boolean {
  const field = compiled.mapping.match_field === null ? undefined : compiled.by_name.get(compiled.mapping.match_field);
  if (field === undefined || asked.match_key === null) return true;
  const read = readField(field, hit, true);
  if (read.kind !== 'value' || read.value === null || typeof read.value === 'object') return true;
  return folded(String(read.value)) === folded(asked.match_key);
}

/** The two systems' mappings may clean up differently; here a difference in case or spaces is no other person. */
const folded = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

export function at(body: unknown, path: string): unknown {
  if (path === '') return body;
  const found = readPath(body, parsePath(path) ?? []);
  return found.kind === 'found' ? found.value : undefined;
}
