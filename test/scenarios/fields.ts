/** `name "Ann", tags ["new"], phone null`: field names of the fake systems, each with a JSON value. */
import { canonicalRecord } from '../../core/json/canonical-record';
import { isJsonValue } from '../../core/json/json-value';
import type { CanonicalRecord, JsonValue } from '../../core/model';
import { FIELDS, type FakeFields, type FieldName } from '../simulation/fake-system';

const FIELD = /^(?<name>[a-z_]+) (?<value>"(?:[^"\\]|\\.)*"|null|-?\d+|\[[^\]]*\])(?:, |$)/u;

export function parseFields(text: string): CanonicalRecord {
  const entries: [string, JsonValue][] = [];
  for (let rest = text; rest !== '';) {
    const match = FIELD.exec(rest);
    if (match?.groups === undefined) throw new Error(`"${rest}" is no field with a JSON value: write city "Oslo".`);
    const { name = '', value = '' } = match.groups;
    if (entries.some(([earlier]) => earlier === name)) throw new Error(`"${name}" is given twice.`);
    entries.push([fieldNamed(name), parseValue(value)]);
    rest = rest.slice(match[0].length);
  }
  return canonicalRecord(entries);
}

export function parseValue(text: string): JsonValue {
  const value: unknown = JSON.parse(text);
  if (!isJsonValue(value)) throw new Error(`${text} is no JSON value.`);
  return value;
}

export function fieldNamed(name: string): FieldName {
  const known = FIELDS.find((field) => field === name);
  if (known === undefined) throw new Error(`No field is named "${name}". There are: ${FIELDS.join(', ')}.`);
  return known;
}

export function asFakeFields(record: CanonicalRecord): Partial<FakeFields> {
  const fields: { -readonly [field in FieldName]?: JsonValue } = {};
  for (const [name, value] of Object.entries(record)) fields[fieldNamed(name)] = value;
  return fields;
}
