import { fieldOf } from '../json/canonical-record';
import { fingerprint } from '../json/fingerprint';
import { describeValue } from '../json/describe-value';
import { needsSeal } from '../json/seal';
import { nestPaths, type Path } from '../json/path';
import type { CompiledField, CompiledMapping } from '../mapping';
import type { CanonicalRecord, JsonValue, Patch, Plan, RunContext, WriteOperation, WriteOutcome } from '../model';
import { formatStamp } from '../origin-stamp';
import { writeValue } from '../values/translate';
import { isEmpty, placeName } from './read-field';

/** A write as the system wants it: what a writer sub-workflow sends. */
export interface WriteRequest {
  readonly op: WriteOperation;
  readonly native_id: string | null;
  /** Only the given fields, nested by their paths, and the origin stamp. Empty for a delete. */
  readonly body: { readonly [member: string]: JsonValue };
  readonly if_match: string | null;
  readonly idempotency_key: string;
}

export type Denormalized =
  | { readonly kind: 'Valid'; readonly request: WriteRequest }
  | { readonly kind: 'Rejected'; readonly reasons: readonly string[] };

/** Canonical → system, with every reason when it cannot be done. A field that may not be written is refused, never left out silently: the plan would count it as written. */
export function denormalizePatch(compiled: CompiledMapping, patch: Patch, stamp: string | null): Denormalized {
  const { op, native_id, if_match, idempotency_key } = patch;
  const entries: (readonly [Path, JsonValue])[] = [];
  const reasons: string[] = [];
  for (const [name, value] of op === 'delete' ? [] : Object.entries(patch.fields)) {
    const written = writeField(compiled, name, value, patch.plain ?? {});
    if (written.kind === 'refused') reasons.push(written.reason);
    else entries.push([written.path, written.value]);
  }
  if (op === 'create') reasons.push(...missingOnCreate(compiled, patch));
  if (op !== 'create' && native_id === null) reasons.push(`${compiled.mapping.system}: no native id for the ${op}. Read the record before writing it.`);
  if (reasons.length > 0) return { kind: 'Rejected', reasons };
  if (compiled.stamp !== null && stamp !== null && op !== 'delete') entries.push([compiled.stamp, stamp]);
  return { kind: 'Valid', request: { op, native_id, body: nestPaths(entries), if_match, idempotency_key } };
}

/**
 * A create that is sent after its lease could make a second record: another run may have taken over and have sent it by then. Every other
 * write is met by the conditional write or recognized when it lands.
 */
export function isTooLate(compiled: CompiledMapping, patch: Patch, lease_expires_at: string, now: string): boolean {
  return patch.op === 'create' && !compiled.schema.creates_once && lease_expires_at <= now;
}

export const TOO_LATE: Extract<WriteOutcome, { kind: 'refused' }> = { kind: 'refused', reason: 'not sent: the lease was over' };

type FieldWrite = { readonly kind: 'written'; readonly path: Path; readonly value: JsonValue } | { readonly kind: 'refused'; readonly reason: string };

function writeField(compiled: CompiledMapping, name: string, planned: JsonValue, plain: CanonicalRecord): FieldWrite {
  const field = compiled.by_name.get(name);
  if (field === undefined) return { kind: 'refused', reason: `${name}: ${compiled.mapping.system} does not map this field. Map it, or take it out of the other system's mapping.` };
  if (field.direction === 'in') return { kind: 'refused', reason: `${placeName(field)}: is read only. Set its direction to Both to write it.` };
  const value = behindSeal(compiled, field, planned, plain);
  if (value === undefined) return { kind: 'refused', reason: `${placeName(field)}: is sealed, and this run has not read its value. Sync the record again.` };
  const written = writeValue(value, field, field.region);
  if (written.kind === 'unreadable') return { kind: 'refused', reason: `${placeName(field)}: expected ${written.expected}, found ${field.sealed ? 'a hidden value' : describeValue(value)}. ${written.remedy}` };
  if (field.required && isEmpty(written.value)) return { kind: 'refused', reason: requiredReason(field) };
  return { kind: 'written', path: field.segments, value: written.value };
}

/** The value that a seal stands for, and no other; undefined when nobody in this run has read it. */
function behindSeal({ seal }: CompiledMapping, field: CompiledField, planned: JsonValue, plain: CanonicalRecord): JsonValue | undefined {
  if (!field.sealed || !needsSeal(planned)) return planned;
  const value = fieldOf(plain, field.name);
  return value !== undefined && seal?.(field.name, value) === planned ? value : undefined;
}

function missingOnCreate({ fields }: CompiledMapping, patch: Patch): readonly string[] {
  return fields.filter((field) => field.required && field.direction !== 'in' && fieldOf(patch.fields, field.name) === undefined).map(requiredReason);
}

const requiredReason = (field: CompiledField): string =>
  `${placeName(field)}: is empty, but this system's mapping requires it. Fill it in in the other system, or make the field optional.`;

/** Without a reservation (a preview) there is no token yet, and a stamp without one would prove nothing. */
export function stampOfWrite(run: RunContext, plan: Plan, patch: Patch, reservation: { readonly fencing_token: number } | null, sentinel: string): string | null {
  if (reservation === null) return null;
  return formatStamp({ sentinel, sync: run.sync, record_key: plan.record_key, fencing_token: reservation.fencing_token, value_hash: fingerprint(patch.fields) });
}
