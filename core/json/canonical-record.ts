import type { CanonicalRecord, JsonValue } from '../model';

/**
 * Field names are chosen by users, and `__proto__` or `constructor` may be among them. An object without prototype holds
 * them as ordinary data; assigning `__proto__` on any other object would silently change its prototype instead.
 *
 * The prototype is taken away at the end: what begins without one is a hash table to V8, five times as large and several times as slow to read.
 */
export function canonicalRecord(entries: Iterable<readonly [string, JsonValue]>): CanonicalRecord {
  // Defines members, and never assigns them.
  const record: { [field: string]: JsonValue } = Object.fromEntries(entries);
  Object.setPrototypeOf(record, null);
  return record;
}

/** The field's own value; undefined when absent. `record[name]` would find `constructor` in every ordinary object. */
export function fieldOf(record: CanonicalRecord, name: string): JsonValue | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** `base` with the fields of `over` laid over it. Absent in `over` leaves the field of `base` alone. */
export function withFields(base: CanonicalRecord, over: CanonicalRecord): CanonicalRecord {
  return canonicalRecord([...Object.entries(base), ...Object.entries(over)]);
}

/** Only the named fields; one that is absent stays absent. */
export function pickFields(record: CanonicalRecord, names: readonly string[]): CanonicalRecord {
  return canonicalRecord(names.flatMap((name) => {
    const value = fieldOf(record, name);
    return value === undefined ? [] : [[name, value] as const];
  }));
}

export { sameValue } from './same-value';
