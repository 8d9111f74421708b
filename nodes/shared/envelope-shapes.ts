/**
 * How the parts of an item look at the edge of a node. Shapes are checked, not every value inside them: they were made by
 * an earlier node of this package, and validating megabytes of records at each of six nodes would cost more than the sync.
 * Nothing is copied, so that a batch keeps sharing one mapping schema.
 */
import { z } from 'zod';
import { isPlainObject } from '../../core/json/json-value';
import type { Difference, Hint, LedgerRow, Observation, Plan, RunContext, WriteResult } from '../../core/model';

type PlainObject = { readonly [key: string]: unknown };

const plainObject = z.custom<PlainObject>(isPlainObject);
const text = z.string().min(1);
const list = z.array(z.unknown());

/** Code of a read that was refused for its credential (401). */
export const UNAUTHORIZED = 'unauthorized';

const shaped = <T>(shape: z.ZodType) => z.custom<T>((value) => shape.safeParse(value).success);

export const runShape = shaped<RunContext>(z.object({
  sync: text,
  record_type: text,
  source: text,
  target: text,
  run_id: text,
  read_token: z.number(),
  dry_run: z.boolean(),
  attempt: z.number(),
}));

export const hintShape = shaped<Hint>(z.object({ system: text, native_id: text }));

export const observationShape = shaped<Observation>(z.object({
  system: text,
  presence: z.enum(['present', 'gone', 'none', 'ambiguous', 'out_of_scope']),
  native_id: z.string().nullable(),
  record_key: z.string().nullable(),
  record: plainObject,
  fingerprint: z.string().nullable(),
  match_key: z.string().nullable(),
  stamp: z.string().nullable(),
  schema: plainObject,
}));

export const rowShape = shaped<LedgerRow>(z.object({
  record_key: text,
  version: z.number(),
  committed_version: z.number(),
  links: plainObject,
  snapshots: plainObject,
  intents: list,
  reviews: list,
  recent: list,
}));

export const differenceShape = shaped<Difference>(z.object({
  record_key: text,
  source: observationShape,
  target: observationShape,
  bases: plainObject,
  change_sets: plainObject,
  held_fields: list,
}));

export const planShape = shaped<Plan>(z.object({
  record_key: text,
  patches: list,
  links: plainObject,
  next: plainObject,
  open_reviews: list,
  close_reviews: list,
  used_intents: list,
}));

export const writesShape = shaped<readonly WriteResult[]>(z.array(z.object({
  system: text,
  outcome: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('written'), observation: observationShape.nullable() }),
    z.object({ kind: z.enum(['refused', 'rejected', 'unknown']), reason: z.string() }),
    z.object({ kind: z.literal('postponed'), reason: z.string(), retry_after_seconds: z.number() }),
  ]),
})));

export const reservationShape = z.object({ fencing_token: z.number(), version: z.number(), lease_expires_at: z.string() });
export type Reservation = z.infer<typeof reservationShape>;

/** What a node decided about an item. `kind` is the name of the output, or `Failed`. */
export const verdictShape = z.object({
  kind: text,
  reason: z.string().optional(),
  hint: z.string().optional(),
  claimed_by: z.string().nullable().optional(),
  read: z.array(hintShape).optional(),
  from_target: z.boolean().optional(),
  retry_after_seconds: z.number().nullable().optional(),
});
export type Verdict = z.infer<typeof verdictShape>;
