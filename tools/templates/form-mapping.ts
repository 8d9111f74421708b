import { z } from 'zod';
import type { MappingForm } from './mappings';

const row = z.object({
  name: z.string(),
  path: z.string(),
  type: z.string(),
  options: z.object({
    cleanUp: z.array(z.string()).default([]),
    required: z.boolean().default(false),
    regionPath: z.string().nullable().default(null),
    values: z.object({ pair: z.array(z.object({ systemValue: z.string(), canonical: z.string() })) }).default({ pair: [] }),
  }),
});
const form = z.object({
  system: z.string(), recordType: z.string(), nativeIdPath: z.string(), recordKeyPath: z.string(), recordKeyPrefix: z.string(), matchField: z.string(), stampPath: z.string(),
  versionPath: z.string(), repeatedCreate: z.string(), updatedAtPath: z.string(), fields: z.object({ field: z.array(row) }),
});

/** The form's values as the mapping that the node makes of them, for samples. */
export function mappingFromForm(given: MappingForm): unknown {
  const { system, recordType, nativeIdPath, recordKeyPath, recordKeyPrefix, matchField, stampPath, versionPath, repeatedCreate, updatedAtPath, fields } = form.parse(given);
  return {
    system,
    record_type: recordType,
    record_key: { path: recordKeyPath, prefix: recordKeyPrefix },
    native_id_path: nativeIdPath,
    match_field: matchField,
    stamp_path: stampPath,
    updated_at_path: updatedAtPath,
    etag: { from: 'path', path: versionPath },
    repeated_create: repeatedCreate,
    fields: fields.field.map(({ name, path, type, options }) => ({
      name, path, type,
      required: options.required,
      clean_up: options.cleanUp,
      region_path: options.regionPath,
      values: options.values.pair.map(({ systemValue, canonical }) => ({ system_value: systemValue, canonical })),
    })),
  };
}
