import { z } from 'zod';
import type { SqliteConnection } from './driver';

// The sequence is a row, not an AUTOINCREMENT: it moves in the transaction that publishes its number, and rolls back with it.
const NEXT = 'UPDATE sync_sequence SET value = value + ? RETURNING value';
const CURRENT = 'SELECT value FROM sync_sequence';
const SKIP = 'UPDATE sync_sequence SET value = max(value, ?)';

const numberSchema = z.object({ value: z.number() });

export function nextNumber(connection: SqliteConnection): number {
  return nextNumbers(connection, 1);
}

/** Draws so many in a row. @returns the first of them */
export function nextNumbers(connection: SqliteConnection, count: number): number {
  return numberSchema.parse(connection.get(NEXT, count)).value - count + 1;
}

export function currentNumber(connection: SqliteConnection): number {
  return numberSchema.parse(connection.get(CURRENT)).value;
}

/** The next number is larger. */
export function skipTo(connection: SqliteConnection, number: number): void {
  connection.run(SKIP, number);
}
