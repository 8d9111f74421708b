import { DateTime } from 'luxon';
import type { JsonValue } from '../model';
import { unreadable, valueOf, type Reading } from './reading';

/** A day, alone or as the midnight that systems without a date type send for it. The day is taken as written, in no zone. */
const DAY = /^(\d{4}-\d{2}-\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?$/iu;

export function readDate(value: JsonValue): Reading {
  const day = typeof value === 'string' ? DAY.exec(value.trim())?.[1] : undefined;
  if (day === undefined) return unreadable('a date as YYYY-MM-DD', 'A date with a time of day is an Instant; other forms need an expression before this node.');
  return DateTime.fromISO(day, { zone: 'utc' }).isValid ? valueOf(day) : unreadable('a date that the calendar has', 'Correct the date in the system.');
}
