/**
 * What one system's records look like, and what of them is shared: made in the form of the Normalize node or given as JSON.
 * The one place where a system's field names and the canonical ones meet.
 */
import { z } from 'zod';
import { SyncError } from './sync-error';

export const FIELD_TYPES = ['text', 'number', 'decimal', 'boolean', 'date', 'instant', 'email', 'phone', 'choice', 'list', 'set', 'json'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

export const CLEAN_UPS = ['trim', 'collapse_spaces', 'lower_case', 'upper_case', 'unicode_nfc', 'line_endings', 'plain_spaces'] as const;
export type CleanUp = (typeof CLEAN_UPS)[number];

const name = z.string().min(1, 'must not be empty');
const path = z.string().min(1, 'must not be empty');
const optionalPath = path.nullable().default(null);
const choiceValue = z.union([z.string(), z.number(), z.boolean()]);

const fieldSchema = z.strictObject({
  /** Canonical name: the same for both systems. */
  name,
  /** Where the value lies in this system's record: a dot path, `\.` for a dot inside a name. */
  path,
  type: z.enum(FIELD_TYPES),
  /** Absent or empty is a reason to reject the record. */
  required: z.boolean().default(false),
  /** For texts, choices and the texts in lists and sets. E-mail and phone clean up by themselves. */
  clean_up: z.array(z.enum(CLEAN_UPS)).default([]),
  /** `in`: read, never written (computed fields). `out`: written, never read. */
  direction: z.enum(['both', 'in', 'out']).default('both'),
  /** Whether null or "" in this field may clear the other side's value. */
  allow_clearing: z.boolean().default(false),
  /** The ledger keeps a keyed hash of this field, never its value. */
  sealed: z.boolean().default(false),
  /** Phones without country code: ISO 3166 code of their country, or where in the raw record it lies (best first: the path). */
  region: z.string().nullable().default(null),
  region_path: optionalPath,
  /** Value map, for choices and for the entries of lists and sets. */
  values: z.array(z.strictObject({ system_value: choiceValue, canonical: choiceValue })).default([]),
  /** What both systems can hold: `second` or `minute` for instants, a number of decimals for decimals. */
  precision: z.union([z.enum(['second', 'minute']), z.number().int().min(0).max(20)]).optional(),
});

export const mappingSchema = z.strictObject({
  system: name,
  record_type: name,
  /** Key text: `<record_type>_<prefix><value>`. The prefix keeps ids of two systems apart where they could be the same. */
  record_key: z.strictObject({ path, prefix: z.string().optional() }),
  native_id_path: path,
  /** Canonical field that finds the same record in the other system. */
  match_field: name.nullable().default(null),
  stamp_path: optionalPath,
  updated_at_path: optionalPath,
  etag: z.strictObject({ from: z.enum(['header', 'path', 'none']), path: path.optional() }).default({ from: 'none' }),
  /** What the system does with a create that is sent again: what keeps it from making a second record, if anything. */
  repeated_create: z.enum(['may_duplicate', 'idempotency_key', 'unique_key']).default('may_duplicate'),
  fields: z.array(fieldSchema).min(1, 'must name at least one field'),
});

export type Mapping = Readonly<z.infer<typeof mappingSchema>>;
export type FieldMapping = Readonly<z.infer<typeof fieldSchema>>;

/**
 * A mapping from JSON or from the form's rows, with defaults filled in.
 * @throws SyncError `bad_setting`, naming the row and the setting.
 */
export function parseMapping(input: unknown): Mapping {
  const parsed = mappingSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new SyncError('bad_setting', `Mapping, ${placeOf(issue?.path ?? [], input)}: ${issue?.message ?? 'cannot be read'}.`, 'Correct this setting in the node’s field table or in its JSON.');
}

const rowsSchema = z.object({ fields: z.array(z.unknown()) });
const namedSchema = z.object({ name: z.string() });

function placeOf(issuePath: readonly PropertyKey[], input: unknown): string {
  const [head, index, ...rest] = issuePath;
  if (head !== 'fields' || typeof index !== 'number') return issuePath.length === 0 ? 'as a whole' : `"${issuePath.map(String).join('.')}"`;
  const field = namedSchema.safeParse(rowsSchema.safeParse(input).data?.fields[index]).data?.name ?? '';
  return `${rowName(index, field)}${rest.length === 0 ? '' : `, "${rest.map(String).join('.')}"`}`;
}

/** How messages call a row of the field table; people count from 1. */
export function rowName(index: number, field: string): string {
  return `field ${index + 1}${field === '' ? '' : ` (${field})`}`;
}
