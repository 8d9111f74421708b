import type { CompiledMapping } from '../mapping';
import type { Observation, WriteOperation, WriteOutcome } from '../model';
import { httpAnswer, isSuccess, retryAfterSeconds, type HttpAnswer } from './http-response';
import { normalizePartial, unseen } from './normalize';
import { at } from './read-response';

/** The write that was asked for. */
export interface Written {
  readonly op: WriteOperation;
  /** Null for a create. */
  readonly native_id: string | null;
}

const UNAUTHORIZED_WAIT_SECONDS = 60;

/**
 * What became of a write, by status alone. When in doubt it is `unknown`: the intent stays open and the next run looks, whereas
 * a write wrongly called rejected would be forgotten although it landed.
 */
export function writeOutcome(compiled: CompiledMapping, response: unknown, written: Written, record_path = ''): WriteOutcome {
  const answer = httpAnswer(response);
  const { status } = answer;
  const reason = `${compiled.mapping.system}: ${written.op} ${answer.message}`;
  if (status === null) return { kind: 'unknown', reason };
  if (isSuccess(status)) return { kind: 'written', observation: observed(compiled, answer, written, record_path) };
  switch (status) {
    case 404:
    case 410:
      if (written.op === 'delete') return { kind: 'written', observation: gone(compiled, written) };
      // A create names no record, so what was not found is the address.
      return written.op === 'update' ? { kind: 'refused', reason } : { kind: 'rejected', reason };
    case 409:
    case 412:
    case 428:
      return { kind: 'refused', reason };
    case 401:
      // The credentials expired: nothing was done, and nothing is wrong with the record.
      return { kind: 'postponed', reason, retry_after_seconds: UNAUTHORIZED_WAIT_SECONDS, unauthorized: true };
    case 425:
    case 429:
    case 503:
      return { kind: 'postponed', reason, retry_after_seconds: retryAfterSeconds(answer) };
    default:
      // 408 is a time-out like any other: the request may have been carried out.
      return status >= 400 && status < 500 && status !== 408 ? { kind: 'rejected', reason } : { kind: 'unknown', reason };
  }
}

/** Null when the body does not show the record (202, 204, a bare id): then what we meant to write stands in, and the next read tells. */
function observed(compiled: CompiledMapping, answer: HttpAnswer, written: Written, record_path: string): Observation | null {
  if (written.op === 'delete') return gone(compiled, written);
  const etag = answer.headers.get('etag') ?? null;
  const normalized = normalizePartial(compiled, at(answer.body, record_path), { etag, native_id: written.native_id });
  return normalized.kind === 'Valid' ? normalized.observation : null;
}

const gone = (compiled: CompiledMapping, { native_id }: Written): Observation => ({ ...unseen(compiled), presence: 'gone', native_id });
