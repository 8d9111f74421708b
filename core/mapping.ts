import { fingerprint } from './json/fingerprint';
import { canonicalRecord } from './json/canonical-record';
import { parsePath, type Path } from './json/path';
import { checkMapping } from './mapping-checks';
import type { FieldMapping, Mapping } from './mapping-schema';
import type { Seal } from './json/seal';
import type { JsonValue, MappingSchema } from './model';
import { SyncError } from './sync-error';
import { choiceKey } from './values/choice';

export { parseMapping, type FieldMapping, type Mapping } from './mapping-schema';

export type ChoiceValue = string | number | boolean;

/** A field mapping made ready: paths split, value map as look-up tables (keyed by text, in the system's cleaned form). */
export interface CompiledField extends FieldMapping {
  readonly segments: Path;
  readonly region_segments: Path | null;
  readonly to_canonical: ReadonlyMap<string, ChoiceValue>;
  readonly to_system: ReadonlyMap<string, ChoiceValue>;
}

export interface CompiledMapping {
  readonly mapping: Mapping;
  readonly fields: readonly CompiledField[];
  /** Those that are read, by name: a record's members then lie as canonical JSON has them, and need no sorting. */
  readonly read_fields: readonly CompiledField[];
  readonly by_name: ReadonlyMap<string, CompiledField>;
  readonly native_id: Path;
  readonly record_key: Path;
  readonly stamp: Path | null;
  readonly updated_at: Path | null;
  /** Null unless the version lies in the record. */
  readonly etag: Path | null;
  /** Null: no field is sealed. */
  readonly seal: Seal | null;
  /** One object for all observations of a batch. */
  readonly schema: MappingSchema;
}

/** Goes into the mapping's fingerprint: a changed normalizer must lead to a new baseline, like a changed mapping. */
const NORMALIZER_VERSION = 1;

/**
 * @param seal with the ledger's seal key; needed when a field is sealed
 * @throws SyncError `bad_setting` for what can't be right, naming the row: before the first item, never in the middle of a batch.
 */
export function compileMapping(mapping: Mapping, seal: Seal | null = null): CompiledMapping {
  const fields = mapping.fields.map(compileField);
  const compiled: CompiledMapping = {
    mapping,
    fields,
    read_fields: fields.filter(({ direction }) => direction !== 'out').sort((a, b) => (a.name < b.name ? -1 : 1)),
    by_name: new Map(fields.map((field) => [field.name, field])),
    native_id: pathOf(mapping.native_id_path, 'Native ID Path'),
    record_key: pathOf(mapping.record_key.path, 'Record Key Path'),
    stamp: optionalPathOf(mapping.stamp_path, 'Stamp Path'),
    updated_at: optionalPathOf(mapping.updated_at_path, 'Updated-At Path'),
    etag: mapping.etag.from === 'path' ? pathOf(mapping.etag.path ?? '', 'Version Path') : null,
    seal: mapping.fields.some(({ sealed }) => sealed) ? seal : null,
    schema: schemaOf(mapping, seal),
  };
  checkMapping(compiled);
  return compiled;
}

function compileField(field: FieldMapping): CompiledField {
  return {
    ...field,
    segments: pathOf(field.path, `path of ${field.name}`),
    region_segments: optionalPathOf(field.region_path, `region path of ${field.name}`),
    to_canonical: new Map(field.values.map(({ system_value, canonical }) => [choiceKey(system_value, field) ?? '', canonical])),
    to_system: new Map(field.values.map(({ system_value, canonical }) => [String(canonical), system_value])),
  };
}

function pathOf(text: string, setting: string): Path {
  const path = parsePath(text);
  if (path === null) {
    throw new SyncError('bad_setting', `Mapping, ${setting}: "${text}" is no path.`, 'Write field names with dots between them (requester.email); write \\. for a dot inside a name.');
  }
  return path;
}

const optionalPathOf = (text: string | null, setting: string): Path | null => (text === null ? null : pathOf(text, setting));

function schemaOf({ fields, repeated_create }: Mapping, seal: Seal | null): MappingSchema {
  const namesOf = (wanted: (field: FieldMapping) => boolean): readonly string[] => fields.filter(wanted).map(({ name }) => name).sort();
  return {
    mapping_fingerprint: fingerprint(canonicalRecord([
      ['normalizer', NORMALIZER_VERSION],
      ['fields', canonicalRecord(fields.filter(({ direction }) => direction !== 'out').map((field) => [field.name, valueSettings(field, seal)] as const))],
    ])),
    clearable: namesOf(({ allow_clearing }) => allow_clearing),
    sets: namesOf(({ type }) => type === 'set'),
    writable: namesOf(({ direction }) => direction !== 'in'),
    creates_once: repeated_create !== 'may_duplicate',
    ...(fields.some(({ sealed }) => sealed) ? { sealed: namesOf(({ sealed }) => sealed) } : {}),
  };
}

/** What decides which canonical value is read, and nothing else: renaming a stamp field or moving rows is no new mapping. */
function valueSettings({ path, type, clean_up, region, region_path, values, precision, sealed }: FieldMapping, seal: Seal | null): JsonValue {
  return {
    path,
    type,
    clean_up: [...new Set(clean_up)].sort(),
    region,
    region_path,
    values: values.map(({ system_value, canonical }) => JSON.stringify([system_value, canonical])).sort(),
    precision: precision ?? null,
    // Another key is another mapping: no seal of before equals one of now.
    ...(sealed ? { sealed: seal?.('', 'key') ?? null } : {}),
  };
}
