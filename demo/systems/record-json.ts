import { nestValues, flattenRecord, completeValues } from './field-values';
import type { JsonObject } from './json';
import type { StoredRecord } from './record-store';
import type { SystemDefinition } from './system-definition';

/** A record as the API shows it. */
export function renderRecord(record: StoredRecord, nulls: boolean): JsonObject {
  return {
    id: record.id,
    // The same text as the ETag header: a record found in a listing can then be written conditionally without another read.
    etag: `"${record.version}"`,
    ...nestValues(record.values, nulls),
    created_at: new Date(record.createdAt).toISOString(),
    updated_at: new Date(record.updatedAt).toISOString(),
  };
}

/** A seed becomes a stored record. Seeds come from this program, so a wrong one is a mistake to fail on, not to report. */
export function storedSeed(definition: SystemDefinition, seed: JsonObject, now: number): StoredRecord {
  const id = seed['id'];
  const ordinal = typeof id === 'string' ? definition.ordinalOf(id) : null;
  if (typeof id !== 'string' || ordinal === null) throw new TypeError(`A seed record of ${definition.title} has no proper id.`);
  const values = completeValues(definition.fields, flattenRecord(definition.fields, seed));
  const createdAt = instantOf(seed['created_at'], now);
  return { id, ordinal, version: 1, values, createdAt, updatedAt: instantOf(seed['updated_at'], createdAt), deleted: false };
}

function instantOf(value: unknown, fallback: number): number {
  const parsed = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(parsed) ? fallback : parsed;
}
