import stringify from 'fast-json-stable-stringify';
import type { JsonValue } from '../model';
import { SyncError } from '../sync-error';
import { isJsonValue, isList } from './json-value';

/**
 * The one text of a JSON value, in the spirit of RFC 8785: keys sorted by UTF-16 code units, no white space, numbers as
 * ECMAScript prints them (`1.0` is `1`, `-0` is `0`), absent members left out, `__proto__` a key like any other. A lone
 * surrogate is kept as its `\ud8xx` escape: RFC 8785 refuses it, but a fingerprint must not fail on what a user pasted.
 *
 * @throws SyncError `bad_item` for what is not JSON (NaN, Infinity, dates, functions), which `JSON.stringify` would silently
 * turn into null or into text: two different records would then have one fingerprint.
 */
export function canonicalJson(value: JsonValue): string {
  if (!isJsonValue(value)) {
    throw new SyncError('bad_item', 'A value is not plain JSON, so it has no fingerprint.', 'Pass only what JSON can hold: finite numbers, text, booleans, lists, objects and null.');
  }
  return isInOrder(value) ? JSON.stringify(value) : stringify(value);
}

/** Whether all members lie as they are to be printed: most records do, and are printed more than twice as fast. */
function isInOrder(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (isList(value)) return value.every(isInOrder);
  let before: string | null = null;
  for (const key of Object.keys(value)) {
    const member = value[key];
    if ((before !== null && key < before) || (member !== undefined && !isInOrder(member))) return false;
    before = key;
  }
  return true;
}
