/** Each system's own words: `a` is flat, `b` keeps the person in an object. */
import type { JsonValue, SystemName } from '../../../core/model';
import type { FakeFields, FakeRecord, FakeState } from '../fake-system';
import { FIELDS, type FieldName } from './fields';

type Mutable = Partial<{ -readonly [field in FieldName]: JsonValue }>;
type Raw = { readonly [member: string]: JsonValue };

const NESTED: readonly FieldName[] = ['email', 'name', 'phone'];

/** @param shown a write's answer may show only some fields */
export function rawRecord({ name, quirks }: FakeState, record: FakeRecord, shown: readonly string[] = FIELDS): Raw {
  const flat: { [member: string]: JsonValue } = {};
  const person: { [member: string]: JsonValue } = {};
  for (const field of FIELDS) {
    if (!shown.includes(field)) continue;
    if (name === 'b' && NESTED.includes(field)) person[field] = record.fields[field];
    else flat[field] = record.fields[field];
  }
  return {
    id: record.id, ...flat, ...(name === 'b' ? { person } : {}), updated_at: record.updated_at,
    ...(quirks.conditional ? { etag: String(record.version) } : {}), ...(quirks.stamps ? { custom: { origin: record.stamp } } : {}),
  };
}

export function readBody(name: SystemName, body: Raw): { readonly fields: Partial<FakeFields>; readonly stamp: string | null } {
  const person = name === 'b' ? objectIn(body, 'person') : {};
  const fields: Mutable = {};
  for (const field of FIELDS) {
    const value = name === 'b' && NESTED.includes(field) ? person[field] : body[field];
    if (value !== undefined) fields[field] = value;
  }
  const origin = objectIn(body, 'custom')['origin'];
  return { fields, stamp: typeof origin === 'string' ? origin : null };
}

function objectIn(body: Raw, member: string): Raw {
  const value = body[member];
  return isRaw(value) ? value : {};
}

const isRaw = (value: JsonValue | undefined): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);
