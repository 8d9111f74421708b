/** The Normalize stage: one system's raw record becomes a canonical one, or is refused with every reason at once. */
import { canonicalRecord, fieldOf } from '../json/canonical-record';
import { describeValue } from '../json/describe-value';
import { fingerprint } from '../json/fingerprint';
import { isPlainObject } from '../json/json-value';
import { readPath, type Path } from '../json/path';
import { needsSeal } from '../json/seal';
import { wellFormedText } from '../json/well-formed';
import type { CompiledMapping } from '../mapping';
import type { CanonicalRecord, JsonValue, Observation } from '../model';
import { idProblem } from '../names';
import { readField, type RejectionCode } from './read-field';

export type Normalized =
  | { readonly kind: 'Valid'; readonly observation: Observation; readonly notes: readonly string[] }
  | Rejection;

export interface Rejection {
  readonly kind: 'Rejected';
  readonly code: RejectionCode;
  readonly native_id: string | null;
  readonly reasons: readonly string[];
}

/** What the request that read a record knew besides its body. */
export interface ReadContext {
  /** From the response's header; only used when the mapping takes the version from there. */
  readonly etag: string | null;
  /** The id that was asked for: stands in when the record does not repeat its own. */
  readonly native_id?: string | null;
}

/** Never throws on data, whatever it is. Fields that no row maps are not looked at. */
export function normalizeRecord(compiled: CompiledMapping, raw: unknown, read: ReadContext): Normalized {
  return normalize(compiled, raw, read, false);
}

/** The same for a write's response, which may show only part of the record: nothing is required of it but an id. */
export function normalizePartial(compiled: CompiledMapping, raw: unknown, read: ReadContext): Normalized {
  return normalize(compiled, raw, read, true);
}

function normalize(compiled: CompiledMapping, raw: unknown, read: ReadContext, partial: boolean): Normalized {
  const { mapping } = compiled;
  if (!isPlainObject(raw)) {
    const reason = `${mapping.system}: expected a record, found ${describeValue(raw)}. Set "Record Path" to where the record lies.`;
    return { kind: 'Rejected', code: 'rejected_record', native_id: read.native_id ?? null, reasons: [reason] };
  }
  const native_id = idText(raw, compiled.native_id) ?? read.native_id ?? null;
  const { fields, plain, notes, refusals } = readFields(compiled, raw, partial);
  const key = idText(raw, compiled.record_key);
  const reasons = refusals.map(({ reason }) => reason);
  if (native_id === null) reasons.unshift(`native id (${mapping.native_id_path}): is missing. Correct "Native ID Path".`);
  if (key === null && !partial) reasons.unshift(`record key (${mapping.record_key.path}): is missing. Correct "Record Key Path".`);
  const record = canonicalRecord(fields);
  const match_key = matchKeyOf(compiled, record);
  reasons.unshift(...overlong([['native id', native_id], ['record key', key], ['match key', match_key]]));
  if (reasons.length > 0) {
    const code = refusals.find((refusal) => refusal.code === 'unmapped_value')?.code ?? 'rejected_record';
    return { kind: 'Rejected', code, native_id: native_id !== null && idProblem(native_id) !== null ? null : native_id, reasons };
  }
  const observation: Observation = {
    ...unseen(compiled),
    presence: 'present',
    native_id,
    record_key: key === null ? null : `${mapping.record_type}_${mapping.record_key.prefix ?? ''}${key}`,
    record,
    ...(compiled.seal === null ? {} : { plain: canonicalRecord(plain) }),
    fingerprint: fingerprint(record),
    match_key,
    etag: versionOf(compiled, raw, read),
    stamp: compiled.stamp === null ? null : textAt(raw, compiled.stamp),
    updated_at: compiled.updated_at === null ? null : textAt(raw, compiled.updated_at),
  };
  return { kind: 'Valid', observation, notes };
}

/** An observation of nothing: what `gone`, `none`, `ambiguous` and `out_of_scope` have in common. */
export function unseen(compiled: CompiledMapping): Omit<Observation, 'presence'> {
  return {
    system: compiled.mapping.system,
    native_id: null,
    record_key: null,
    record: canonicalRecord([]),
    fingerprint: null,
    match_key: null,
    etag: null,
    stamp: null,
    holds_stamps: compiled.stamp !== null,
    updated_at: null,
    candidates: [],
    schema: compiled.schema,
  };
}

/** The text of an id; null when it is missing, empty or no id at all. */
export function idText(raw: unknown, path: Path): string | null {
  const found = readPath(raw, path);
  if (found.kind !== 'found') return null;
  if (typeof found.value === 'number' && Number.isFinite(found.value)) return String(found.value);
  return typeof found.value === 'string' && found.value.trim() !== '' ? wellFormedText(found.value) : null;
}

function readFields(compiled: CompiledMapping, raw: unknown, partial: boolean) {
  const fields: (readonly [string, JsonValue])[] = [];
  const plain: (readonly [string, JsonValue])[] = [];
  const notes: string[] = [];
  const refusals: { readonly code: RejectionCode; readonly reason: string }[] = [];
  for (const field of compiled.read_fields) {
    const read = readField(field, raw, partial);
    if (read.kind === 'refused') refusals.push(read);
    if (read.kind !== 'value') continue;
    const sealed = field.sealed && compiled.seal !== null && needsSeal(read.value);
    fields.push([field.name, sealed ? compiled.seal(field.name, read.value) : read.value]);
    if (sealed) plain.push([field.name, read.value]);
    if (read.note !== null) notes.push(read.note);
  }
  return { fields, plain, notes, refusals };
}

function matchKeyOf(compiled: CompiledMapping, record: CanonicalRecord): string | null {
  const value = compiled.mapping.match_field === null ? undefined : fieldOf(record, compiled.mapping.match_field);
  if (value === undefined || value === null || typeof value === 'object') return null;
  // An empty match key would match every record that has none.
  return String(value).trim() === '' ? null : String(value);
}

/** Refused here, for this record alone: the ledger's indexes would refuse the whole batch. */
function overlong(ids: readonly (readonly [name: string, id: string | null])[]): readonly string[] {
  return ids.flatMap(([name, id]) => {
    const problem = id === null ? null : idProblem(id);
    return problem === null ? [] : [`${name}: ${problem}. Correct the mapping, or the record in the system.`];
  });
}

function versionOf(compiled: CompiledMapping, raw: unknown, read: ReadContext): string | null {
  if (compiled.etag !== null) return idText(raw, compiled.etag);
  return compiled.mapping.etag.from === 'header' ? read.etag : null;
}

function textAt(raw: unknown, path: Path): string | null {
  const found = readPath(raw, path);
  return found.kind === 'found' && typeof found.value === 'string' && found.value !== '' ? wellFormedText(found.value) : null;
}
