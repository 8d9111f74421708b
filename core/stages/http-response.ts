/** What an HTTP Request node makes of an answer, with "Include Response Headers and Status", or of no answer. */
import { DateTime } from 'luxon';
import { z } from 'zod';
import { isPlainObject } from '../json/json-value';
import { wellFormedText } from '../json/well-formed';

export interface HttpAnswer {
  /** Null: no answer came (time-out, broken connection). */
  readonly status: number | null;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: unknown;
  /** What went wrong, short; empty where nothing did. */
  readonly message: string;
}

const statusSchema = z.coerce.number().int().min(100).max(599);
const MAX_MESSAGE = 200;
const DEFAULT_WAIT_SECONDS = 60;
const LONGEST_WAIT_SECONDS = 86_400;

export function httpAnswer(response: unknown): HttpAnswer {
  const given = isPlainObject(response) ? response : {};
  const error = isPlainObject(given['error']) ? given['error'] : {};
  // Without "Never Error" the node reports a refusal as an error that carries the status.
  const status = firstStatus([given['statusCode'], error['status'], error['httpCode'], error['statusCode']]);
  const headers = isPlainObject(given['headers']) ? Object.entries(given['headers']) : [];
  const body = given['body'];
  return {
    status,
    headers: new Map(headers.map(([name, value]) => [name.toLowerCase(), headerText(value)])),
    body,
    message: status === null ? networkMessage(given) : isSuccess(status) ? '' : `${status}${systemMessage(body) || systemMessage(given)}`,
  };
}

export const isSuccess = (status: number): boolean => status >= 200 && status < 300;

function firstStatus(candidates: readonly unknown[]): number | null {
  for (const value of candidates) {
    const status = value === null || value === undefined ? undefined : statusSchema.safeParse(value).data;
    if (status !== undefined) return status;
  }
  return null;
}

const headerText = (value: unknown): string => (typeof value === 'string' ? value : Array.isArray(value) && typeof value[0] === 'string' ? value[0] : '');

/** Only the members that are meant for people; the rest of a body may hold data or secrets. */
function systemMessage(body: unknown): string {
  if (!isPlainObject(body)) return '';
  const error = isPlainObject(body['error']) ? body['error'] : body;
  const code = shortText(error['code']);
  const message = shortText(error['message']) || shortText(body['error']) || shortText(body['message']);
  const field = shortText(error['field']);
  return [code === '' ? '' : ` ${code}`, message === '' ? '' : `: ${message}`, field === '' ? '' : ` (field ${field})`].join('');
}

function networkMessage(given: { readonly [key: string]: unknown }): string {
  if (given['error'] === undefined) return 'no status came with it: switch on "Include Response Headers and Status" in the HTTP Request node';
  return `no answer${systemMessage(given)}`;
}

function shortText(value: unknown): string {
  if (typeof value !== 'string') return '';
  const line = wellFormedText(value).replace(/\s+/gu, ' ').trim();
  return line.length <= MAX_MESSAGE ? line : `${wellFormedText(line.slice(0, MAX_MESSAGE - 1))}…`;
}

/** `Retry-After` as seconds, or as a date against the answer's own `Date`: the two clocks that matter are both the server's. */
export function retryAfterSeconds({ headers }: HttpAnswer): number {
  const text = headers.get('retry-after')?.trim() ?? '';
  const seconds = /^\d{1,9}$/u.test(text) ? Number(text) : secondsUntil(text, headers.get('date') ?? '');
  return seconds === null ? DEFAULT_WAIT_SECONDS : Math.min(Math.max(seconds, 1), LONGEST_WAIT_SECONDS);
}

function secondsUntil(until: string, now: string): number | null {
  const [end, start] = [DateTime.fromHTTP(until), DateTime.fromHTTP(now)];
  return end.isValid && start.isValid ? Math.ceil(end.diff(start).as('seconds')) : null;
}
