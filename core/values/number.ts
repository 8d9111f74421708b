import type { JsonValue } from '../model';
import { plainDecimal } from './decimal';
import { unreadable, valueOf, type Reading } from './reading';

const unreadableNumber = unreadable('a number', 'Send digits with a point (1234.5), without thousands separators, or choose another field type.');

/** `"42"` and 42 are one number. A text whose digits a float cannot hold is refused rather than silently changed. */
export function readNumber(value: JsonValue): Reading {
  // Adding 0 turns -0 into 0.
  if (typeof value === 'number') return Number.isFinite(value) ? valueOf(value + 0) : unreadableNumber;
  const plain = typeof value === 'string' ? plainDecimal(value) : null;
  if (plain === null) return unreadableNumber;
  const number = Number(plain);
  return Number.isFinite(number) && plainDecimal(String(number)) === plain
    ? valueOf(number)
    : unreadable('a number of at most 15 digits', 'Choose the field type Decimal, which keeps every digit.');
}
