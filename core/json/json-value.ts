import type { JsonValue } from '../model';

/** Deeper than this nobody keeps business data; recursion over a hostile payload must end before the stack does. */
const MAX_DEPTH = 200;

/**
 * Whether `value` is plain JSON: finite numbers, no functions, no dates, nothing nested deeper than 200. Object members that
 * are `undefined` count as absent, as they do for `JSON.stringify`; an `undefined` in a list has no such reading.
 */
export function isJsonValue(value: unknown, depth = 0): value is JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      if (value === null) return true;
      if (depth >= MAX_DEPTH) return false;
      return Array.isArray(value) ? isJsonList(value, depth + 1) : isPlainObject(value) && isJsonObject(value, depth + 1);
    default:
      return false;
  }
}

// Loops, not `every`: each value of each record goes through here several times.
function isJsonList(list: readonly unknown[], depth: number): boolean {
  for (const entry of list) if (!isJsonValue(entry, depth)) return false;
  return true;
}

function isJsonObject(value: { readonly [key: string]: unknown }, depth: number): boolean {
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member !== undefined && !isJsonValue(member, depth)) return false;
  }
  return true;
}

export const isList = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value);

/** What keeps a value from being plain JSON, as the end of a sentence about it. */
export function jsonProblem(value: unknown): string {
  return isTooDeep(value) ? `is nested deeper than ${MAX_DEPTH} levels` : 'is not plain JSON';
}

/** Level by level, without recursion. Lists and objects are followed, whatever else is in them. */
function isTooDeep(value: unknown): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((entry): readonly unknown[] => (typeof entry === 'object' && entry !== null ? Object.values(entry) : []));
  }
  return false;
}

/** An object with keys of its own, neither list nor instance of a class. */
export function isPlainObject(value: unknown): value is { readonly [key: string]: unknown } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Objects from another realm (n8n's expression sandbox) have another Object.prototype, whose own prototype is null too.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
