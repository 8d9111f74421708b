import { checkValue } from './field-value';
import type { FieldSpec } from './field-spec';
import { isJsonObject, sameJson, type Json, type JsonObject } from './json';

/** A record's fields by dotted path. Flat inside, nested only on the wire. */
export type FieldValues = ReadonlyMap<string, Json>;
export type FieldChange = { readonly from: Json; readonly to: Json };
export type FieldChanges = ReadonlyMap<string, FieldChange>;

export type Refusal = { readonly status: number; readonly code: string; readonly message: string; readonly field: string | null };
export type ReadValues = { readonly kind: 'values'; readonly values: FieldValues } | { readonly kind: 'refused'; readonly refusal: Refusal };

const READ_ONLY = ['id', 'created_at', 'updated_at'];

/** Reads a request body strictly: a field that is misspelt is refused, as a silently dropped one would look like a lost edit. */
export function readValues(specs: readonly FieldSpec[], body: unknown): ReadValues {
  if (!isJsonObject(body)) return refuse('invalid_body', 'The body must be a JSON object.', null);
  const values = new Map<string, Json>();
  const refusal = collect(specs, body, '', values);
  return refusal === null ? { kind: 'values', values } : { kind: 'refused', refusal };
}

function collect(specs: readonly FieldSpec[], body: JsonObject, prefix: string, into: Map<string, Json>): Refusal | null {
  for (const [key, value] of Object.entries(body)) {
    const path = prefix + key;
    const refusal = collectOne(specs, path, value, into);
    if (refusal !== null) return refusal;
  }
  return null;
}

function collectOne(specs: readonly FieldSpec[], path: string, value: Json, into: Map<string, Json>): Refusal | null {
  const spec = specs.find((candidate) => candidate.path === path);
  if (spec !== undefined) {
    const checked = checkValue(spec, value);
    if (checked.kind === 'wrong') return invalid('wrong_type', `${path} must be ${checked.expected}.`, path);
    into.set(path, checked.value);
    return null;
  }
  if (READ_ONLY.includes(path)) return invalid('read_only', `${path} is read-only.`, path);
  if (!specs.some((candidate) => candidate.path.startsWith(`${path}.`))) return invalid('unknown_field', `There is no field ${path}.`, path);
  if (!isJsonObject(value)) return invalid('wrong_type', `${path} must be an object.`, path);
  return collect(specs, value, `${path}.`, into);
}

function invalid(code: string, message: string, field: string | null): Refusal {
  return { status: 422, code, message, field };
}

function refuse(code: string, message: string, field: string | null): ReadValues {
  return { kind: 'refused', refusal: invalid(code, message, field) };
}

export function missingRequired(specs: readonly FieldSpec[], values: FieldValues): Refusal | null {
  const missing = specs.find((spec) => spec.required === true && (values.get(spec.path) ?? null) === null);
  return missing === undefined ? null : invalid('required', `${missing.path} is required.`, missing.path);
}

/** All fields of the specs; what is not given is unset. */
export function completeValues(specs: readonly FieldSpec[], values: FieldValues): FieldValues {
  return new Map(specs.map((spec) => [spec.path, values.get(spec.path) ?? (spec.kind === 'tags' ? [] : null)]));
}

export function changesBetween(before: FieldValues, incoming: FieldValues): FieldChanges {
  const changes = new Map<string, FieldChange>();
  for (const [path, to] of incoming) {
    const from = before.get(path) ?? null;
    if (!sameJson(from, to)) changes.set(path, { from, to });
  }
  return changes;
}

/** `a.b` becomes `{ a: { b } }`. Without nulls a parent whose children are all unset stays, as an empty object. */
export function nestValues(values: FieldValues, nulls: boolean): JsonObject {
  const root: { [key: string]: Json } = {};
  const parents = new Map<string, { [key: string]: Json }>();
  for (const [path, value] of values) {
    const dot = path.indexOf('.');
    const parentKey = path.slice(0, Math.max(dot, 0));
    let parent = dot < 0 ? root : parents.get(parentKey);
    if (parent === undefined) {
      parent = {};
      parents.set(parentKey, parent);
      root[parentKey] = parent;
    }
    if (nulls || value !== null) parent[path.slice(dot + 1)] = value;
  }
  return root;
}

/** The reverse of nestValues for trusted data (seeds): keeps the fields of the specs, asks no questions. */
export function flattenRecord(specs: readonly FieldSpec[], record: JsonObject): FieldValues {
  return new Map(specs.map((spec) => [spec.path, valueAt(record, spec.path)]));
}

function valueAt(record: JsonObject, path: string): Json {
  let at: Json = record;
  for (const key of path.split('.')) {
    if (!isJsonObject(at)) return null;
    at = at[key] ?? null;
  }
  return at;
}
