import type { JsonValue } from '../model';
import { canonicalRecord } from './canonical-record';
import { isList } from './json-value';

/** What no JSON database column and no UTF-8 wire can hold: half of a surrogate pair, and NUL. */
const UNSTORABLE = /[\p{Surrogate}\0]/gu;

/** Replaces what cannot be stored by U+FFFD at once, so that the text read back later is still the text we remember. */
export function wellFormedText(text: string): string {
  // Asked of every text of every record, and far quicker than a replacement that finds nothing.
  return text.isWellFormed() && !text.includes('\0') ? text : text.replace(UNSTORABLE, '\uFFFD');
}

/** The same for every text inside a value, keys included. */
export function wellFormed(value: JsonValue): JsonValue {
  if (typeof value === 'string') return wellFormedText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map(wellFormed);
  return canonicalRecord(Object.entries(value).map(([key, member]) => [wellFormedText(key), wellFormed(member)] as const));
}
