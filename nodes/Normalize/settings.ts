import type { IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod';
import { compileMapping, parseMapping, type CompiledMapping } from '../../core/mapping';
import { ledgerSeal } from '../shared/ledger-connection';
import { jsonParameter, parameter } from '../shared/parameters';
import { requiredText } from '../shared/sync-scope-properties';

const text = z.string().default('').transform((value) => value.trim());
const verbatim = z.union([z.string(), z.number(), z.boolean()]).default('');

const formRow = z.object({
  name: text,
  path: text,
  type: z.string().default('text'),
  options: z.object({
    allowClearing: z.boolean().default(false),
    cleanUp: z.array(z.string()).default([]),
    decimals: z.number().optional(),
    direction: z.string().default('both'),
    precision: z.string().optional(),
    region: text,
    regionPath: text,
    required: z.boolean().default(false),
    sealed: z.boolean().default(false),
    // Spaces in a stored value are part of it, so these texts are taken as they are.
    values: z.object({ pair: z.array(z.object({ systemValue: verbatim, canonical: verbatim })).default([]) }).prefault({}),
  }).prefault({}),
});
type FormRow = z.infer<typeof formRow>;

const formTable = z.object({ field: z.array(formRow).default([]) });

/** The mapping of the form or of JSON, judged by the same rules. Read once: it is the same for all items. */
export async function readMapping(context: IExecuteFunctions): Promise<CompiledMapping> {
  const byJson = parameter(context, 'defineBy', 'Define By', z.enum(['form', 'json'])) === 'json';
  const mapping = parseMapping(byJson ? parameter(context, 'mappingJson', 'Mapping', jsonParameter) : formMapping(context));
  return compileMapping(mapping, mapping.fields.some(({ sealed }) => sealed) ? await ledgerSeal(context) : null);
}

function formMapping(context: IExecuteFunctions): unknown {
  const optional = (name: string, label: string): string | null => emptyToNull(parameter(context, name, label, text));
  const nativeIdPath = requiredText(context, 'nativeIdPath', 'Native ID Path');
  const versionFrom = parameter(context, 'versionFrom', 'Version From', z.string());
  return {
    system: requiredText(context, 'system', 'System'),
    record_type: requiredText(context, 'recordType', 'Record Type'),
    record_key: { path: optional('recordKeyPath', 'Record Key Path') ?? nativeIdPath, prefix: parameter(context, 'recordKeyPrefix', 'Record Key Prefix', text) },
    native_id_path: nativeIdPath,
    match_field: optional('matchField', 'Match Field'),
    stamp_path: optional('stampPath', 'Stamp Path'),
    updated_at_path: optional('updatedAtPath', 'Updated-At Path'),
    etag: versionFrom === 'path' ? { from: 'path', path: requiredText(context, 'versionPath', 'Version Path') } : { from: versionFrom },
    repeated_create: parameter(context, 'repeatedCreate', 'Repeated Create', z.string().default('may_duplicate')),
    fields: parameter(context, 'fields', 'Fields', formTable).field.map(fieldOf),
  };
}

function fieldOf({ name, path, type, options }: FormRow): unknown {
  const precision = options.precision ?? options.decimals;
  return {
    name,
    path,
    type,
    required: options.required,
    clean_up: options.cleanUp,
    direction: options.direction,
    allow_clearing: options.allowClearing,
    sealed: options.sealed,
    region: emptyToNull(options.region),
    region_path: emptyToNull(options.regionPath),
    values: options.values.pair.map(({ systemValue, canonical }) => ({ system_value: systemValue, canonical })),
    ...(precision === undefined ? {} : { precision }),
  };
}

const emptyToNull = (value: string): string | null => (value === '' ? null : value);
