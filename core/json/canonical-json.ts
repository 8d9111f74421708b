import stringify from 'fast-json-stable-stringify';
import type { JsonValue } from '../model';
import { SyncError } from '../sync-error';
import { isJsonValue } from './json-value';

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
  return stringify(value);
}
