/**
 * How values travel to the functions and back. Records go as JSON text inside JSON, which PostgreSQL never looks into. Native
 * ids and keys are looked into, and its text holds neither NUL nor half a surrogate pair: those travel escaped (U+001A, then
 * four hex digits), so that an odd id from a public webhook blocks no batch and stays itself.
 */
import { z } from 'zod';
import { SyncError } from '../../core/sync-error';
import type { RunContext } from '../../core/model';
import type { PostgresConnection } from './driver';

const UNSTORABLE = /[\0\u001a\p{Surrogate}]/gu;
const ESCAPED = /\u001a([0-9a-f]{4})/g;

const escaped = (text: string): string => text.replace(UNSTORABLE, (unit) => `\u001a${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
const unescaped = (text: string): string => text.replace(ESCAPED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** What JSON writes for them. A replacer costs several times the writing itself, and hardly any batch holds one of these. */
const MAYBE_UNSTORABLE = /\\u(?:0000|001a|d[89a-f])/u;

export function toWire(value: unknown): string {
  const text = JSON.stringify(value);
  return MAYBE_UNSTORABLE.test(text) ? JSON.stringify(value, (_, member: unknown) => (typeof member === 'string' ? escaped(member) : member)) : text;
}

export const textToWire = escaped;

export function fromWire(value: unknown): unknown {
  if (typeof value === 'string') return unescaped(value);
  if (Array.isArray(value)) return value.map(fromWire);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, fromWire(member)]));
}

const answerSchema = z.object({ answer: z.unknown() });

/** Calls a function that answers one value per item, in order. `now` null: the database's clock. */
export async function callForEach<T>(connection: PostgresConnection, sql: string, run: RunContext, items: readonly unknown[], now: Date | null, schema: z.ZodType<T>, more: readonly string[] = []): Promise<readonly T[]> {
  const rows = await connection.rows(sql, [toWire(run), toWire(items), now, ...more]);
  if (rows.length !== items.length) throw new SyncError('ledger_unreachable', `PostgreSQL answered ${rows.length} of ${items.length} items.`, 'Look at the log of the PostgreSQL server.');
  return rows.map((row) => schema.parse(fromWire(answerSchema.parse(row).answer)));
}

export async function callOnce<T>(connection: PostgresConnection, sql: string, values: readonly unknown[], schema: z.ZodType<T>): Promise<T> {
  const [row] = await connection.rows(sql, values);
  return schema.parse(fromWire(answerSchema.parse(row).answer));
}

export async function parsedRows<T>(connection: PostgresConnection, sql: string, values: readonly unknown[], schema: z.ZodType<T>): Promise<readonly T[]> {
  return (await connection.rows(sql, values)).map((row) => schema.parse(fromWire(row)));
}
