import type { JsonValue } from '../model';
import { isList } from './json-value';

type Members = { readonly [key: string]: JsonValue };

const presentKeys = (value: Members): string[] => Object.keys(value).filter((key) => value[key] !== undefined);

/**
 * Deep equality by value. Absent (`undefined`) equals only absent, never null. Lists are compared in order (a set is sorted
 * when it is normalized), the order of object keys never matters, and `-0` is `0`, as in the fingerprint.
 */
export function sameValue(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (isList(a)) return isList(b) && a.length === b.length && a.every((entry, index) => sameValue(entry, b[index]));
  return !isList(b) && sameMembers(a, b);
}

function sameMembers(a: Members, b: Members): boolean {
  const keys = presentKeys(a);
  return keys.length === presentKeys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]));
}
