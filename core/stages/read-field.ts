import { describeValue } from '../json/describe-value';
import { isJsonValue, jsonProblem } from '../json/json-value';
import { readPath } from '../json/path';
import type { CompiledField } from '../mapping';
import type { JsonValue } from '../model';
import { readValue } from '../values/translate';

export type RejectionCode = 'rejected_record' | 'unmapped_value';

/** What one field of a raw record turned out to be. */
export type FieldRead =
  | { readonly kind: 'value'; readonly value: JsonValue; readonly note: string | null }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly code: RejectionCode; readonly reason: string };

/** How reasons call a field: canonical name, then where it lies in the system. */
export const placeName = (field: CompiledField): string => `${field.name} (${field.path})`;

/** @param partial what a write answered may leave out fields, required ones too. */
export function readField(field: CompiledField, raw: unknown, partial: boolean): FieldRead {
  const found = readPath(raw, field.segments);
  const described = (value: unknown): string => (field.sealed ? 'a hidden value' : describeValue(value));
  switch (found.kind) {
    case 'absent':
      return field.required && !partial ? missing(field, 'is missing') : { kind: 'absent' };
    case 'blocked':
      return refused(field, `"${found.holder}" holds ${described(found.value)} instead of an object. Correct the path in the mapping.`);
    case 'found':
      return readFound(field, found.value, regionOf(field, raw), described);
  }
}

function readFound(field: CompiledField, value: unknown, region: string | null, described: (value: unknown) => string): FieldRead {
  if (!isJsonValue(value)) return refused(field, `holds ${described(value)}, which ${jsonProblem(value)}. Turn it into text or a number before this node.`);
  const reading = readValue(value, field, region);
  if (reading.kind === 'unreadable') {
    const { code, expected, remedy } = reading;
    return { kind: 'refused', code, reason: `${placeName(field)}: expected ${expected}, found ${described(value)}. ${remedy}` };
  }
  if (field.required && isEmpty(reading.value)) return missing(field, 'is empty');
  return { kind: 'value', value: reading.value, note: reading.note === undefined ? null : `${placeName(field)}: ${reading.note}` };
}

/** The region in the record itself is nearer to the truth than the mapping's. Null where there is none. */
export function regionOf(field: CompiledField, raw: unknown): string | null {
  const found = field.region_segments === null ? null : readPath(raw, field.region_segments);
  return found?.kind === 'found' && typeof found.value === 'string' && found.value.trim() !== '' ? found.value : field.region;
}

/** 0 and false are values; an empty list is one too, but not what a required field asks for. */
export function isEmpty(value: JsonValue): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

const refused = (field: CompiledField, problem: string): FieldRead => ({ kind: 'refused', code: 'rejected_record', reason: `${placeName(field)}: ${problem}` });

const missing = (field: CompiledField, problem: string): FieldRead =>
  refused(field, `${problem}, but the mapping requires it. Fill it in in the system, or make the field optional.`);
