/**
 * zod guards for plain JSON from outside. zod's own `record` drops a key named `__proto__`, which a user may have chosen as a field
 * name, and its `json` follows a hostile nesting until the stack ends.
 */
import { z } from 'zod';
import type { CanonicalRecord, JsonValue, Pair } from '../model';
import { canonicalRecord } from './canonical-record';
import { isJsonValue, isPlainObject } from './json-value';

const members = z.custom<{ readonly [key: string]: unknown }>(isPlainObject, 'not a JSON object');

export const jsonSchema = z.custom<JsonValue>((value) => isJsonValue(value), 'not JSON');

export const recordSchema = members.transform((value, context): CanonicalRecord => {
  const entries: (readonly [string, JsonValue])[] = [];
  for (const [name, member] of Object.entries(value)) {
    if (isJsonValue(member)) entries.push([name, member]);
    else context.addIssue({ code: 'custom', message: 'not JSON' });
  }
  return canonicalRecord(entries);
});

/** One value per system, each parsed with `schema`. */
export function pairSchema<T>(schema: z.ZodType<T>): z.ZodType<Pair<T>> {
  return members.transform((value, context) => {
    const entries: (readonly [string, T])[] = [];
    for (const [system, member] of Object.entries(value)) {
      const parsed = schema.safeParse(member);
      if (parsed.success) entries.push([system, parsed.data]);
      else context.addIssue({ code: 'custom', message: parsed.error.issues[0]?.message ?? 'cannot be read' });
    }
    return Object.fromEntries(entries);
  });
}

export const recordPairSchema = pairSchema(recordSchema);
