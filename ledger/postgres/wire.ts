/**
 * How values travel to the functions and back. Records go as JSON text inside JSON, which PostgreSQL never looks into. Names, native
 * ids and keys are looked into, so they travel as `ledger/odd-text.ts` says.
 */
import { z } from 'zod';
import { isPlainObject } from '../../core/json/json-value';
import { SyncError } from '../../core/sync-error';
import type { RunContext } from '../../core/model';
import { escaped, holdsEscaped, isOdd, unescaped } from '../odd-text';
import type { PostgresConnection } from './driver';

/** What JSON writes for them. A replacer costs several times the writing itself, and hardly any batch holds one of these. */
const MAYBE_UNSTORABLE = /\\u(?:0000|001a|d[89a-f])/u;

export function toWire(value: unknown): string {
  const text = JSON.stringify(value);
  // What is looked for first is found, or not, many times faster than what is looked for then.
  return text.includes('\\u') && MAYBE_UNSTORABLE.test(text) ? JSON.stringify(value, escapedMember) : text;
}

function escapedMember(_key: string, member: unknown): unknown {
  if (typeof member === 'string') return escaped(member);
  // A system's name is a key of links and snapshots.
  if (isPlainObject(member) && Object.keys(member).some(isOdd)) return Object.fromEntries(Object.entries(member).map(([key, inner]) => [escaped(key), inner]));
  return member;
}

export const textToWire = escaped;

export function fromWire(value: unknown): unknown {
  if (typeof value === 'string') return unescaped(value);
  if (typeof value !== 'object' || value === null || value instanceof Date || !holdsEscaped(value)) return value;
  if (Array.isArray(value)) return value.map(fromWire);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [unescaped(key), fromWire(member)]));
}

const answerSchema = z.object({ answer: z.unknown() });

/** Calls a function that answers one row per item, in order. `now` null: the database's clock. */
export async function rowForEach<T>(connection: PostgresConnection, sql: string, run: RunContext, items: readonly unknown[], now: Date | null, schema: z.ZodType<T>, more: readonly string[] = []): Promise<readonly T[]> {
  const rows = await connection.rows(sql, [toWire(run), toWire(items), now, ...more]);
  if (rows.length !== items.length) throw new SyncError('ledger_unreachable', `PostgreSQL answered ${rows.length} of ${items.length} items.`, 'Look at the log of the PostgreSQL server.');
  return rows.map((row) => schema.parse(fromWire(row)));
}

/** The same, where each row is one JSON value named `answer`. */
export async function callForEach<T>(connection: PostgresConnection, sql: string, run: RunContext, items: readonly unknown[], now: Date | null, schema: z.ZodType<T>, more: readonly string[] = []): Promise<readonly T[]> {
  return (await rowForEach(connection, sql, run, items, now, answerSchema, more)).map(({ answer }) => schema.parse(answer));
}

export async function callOnce<T>(connection: PostgresConnection, sql: string, values: readonly unknown[], schema: z.ZodType<T>): Promise<T> {
  const [row] = await connection.rows(sql, values);
  return schema.parse(fromWire(answerSchema.parse(row).answer));
}

export async function parsedRows<T>(connection: PostgresConnection, sql: string, values: readonly unknown[], schema: z.ZodType<T>): Promise<readonly T[]> {
  return (await connection.rows(sql, values)).map((row) => schema.parse(fromWire(row)));
}
