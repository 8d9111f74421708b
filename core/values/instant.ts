import { DateTime } from 'luxon';
import type { CompiledField } from '../mapping';
import type { JsonValue } from '../model';
import { unreadable, valueOf, type Reading } from './reading';

/** Date, time, and a zone: `Z`, an offset, or a name in brackets (`[Europe/Berlin]`). */
const INSTANT = /^((?:\d{4}|[+-]\d{6})-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)(Z|[+-]\d{2}(?::?\d{2})?)?(\[[A-Za-z0-9_+\-/]+\])?$/iu;

/**
 * A moment, as UTC with milliseconds. Without a zone it names no moment, and guessing the server's would shift every value by
 * hours; a bare number could count seconds or milliseconds. A named zone's local time that daylight saving skips moves on by the
 * skipped hour. The field's precision is what both systems can hold: the rest is cut off, so that its loss is no edit.
 */
export function readInstant(value: JsonValue, field: CompiledField): Reading {
  if (typeof value === 'number') {
    return unreadable('an instant as ISO 8601 text', 'A number may count seconds or milliseconds: turn it into ISO 8601 text before this node.');
  }
  const match = typeof value === 'string' ? INSTANT.exec(value.trim()) : null;
  if (match === null) return unreadable('an instant like 2026-03-10T12:00:00Z', 'Send ISO 8601 with a zone, or choose the field type Date.');
  const [, day = '', time = '', offset = '', zone = ''] = match;
  if (offset === '' && zone === '') return unreadable('an instant with a zone', 'Add Z or an offset such as +02:00: without one the moment is unknown.');
  const moment = DateTime.fromISO(`${day}T${time}${offset}${zone}`, { zone: 'utc' });
  if (!moment.isValid) return unreadable('a moment that the calendar has', 'Correct the date, the time or the zone in the system.');
  return valueOf((typeof field.precision === 'string' ? moment.startOf(field.precision) : moment).toISO());
}
