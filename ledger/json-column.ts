/** JSON in text columns: written with sorted keys, so that equal values are equal texts; parsed and checked on the way back. */
import { z } from 'zod';
import { canonicalJson } from '../core/json/canonical-json';
import { jsonSchema, pairSchema, recordPairSchema, recordSchema } from '../core/json/guards';
import { isJsonValue } from '../core/json/json-value';
import type { UndoObstacle, WriteEffect } from '../core/ledger-request';
import { REVIEW_KINDS, type Override, type ReviewDecision, type ReviewItem } from '../core/model';
import { SyncError } from '../core/sync-error';

export function toColumn(value: unknown): string {
  if (!isJsonValue(value)) throw new SyncError('bad_item', 'A value for the ledger is not plain JSON.', 'Pass the items of the previous sync node unchanged.');
  return canonicalJson(value);
}

/** A text column that holds JSON. */
export function jsonColumn<T>(schema: z.ZodType<T>): z.ZodType<T> {
  return z.string().transform((text) => schema.parse(JSON.parse(text)));
}

export const textsSchema = z.array(z.string());

const by = z.string();
export const decisionSchema: z.ZodType<ReviewDecision> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('winner'), system: z.string(), by }),
  z.object({ kind: z.literal('value'), value: recordSchema, by }),
  z.object({ kind: z.literal('keep_apart'), by }),
  z.object({ kind: z.literal('link'), native_id: z.string(), by }),
  z.object({ kind: z.literal('undo'), run_id: z.string(), values: recordPairSchema, stays: textsSchema, by }),
]);

export const reviewSchema: z.ZodType<ReviewItem> = z.object({
  id: z.string(),
  record_key: z.string(),
  kind: z.enum(REVIEW_KINDS),
  subject: z.string(),
  fields: jsonColumn(textsSchema),
  reason: z.string(),
  values: jsonColumn(recordPairSchema),
  base: jsonColumn(recordPairSchema),
  status: z.enum(['open', 'decided']),
  decision: jsonColumn(decisionSchema).nullable(),
});

export const overridesSchema: z.ZodType<readonly Override[]> = z.array(
  z.object({ system: z.string(), field: z.string(), lost: jsonSchema.optional(), won: jsonSchema.optional(), rule: z.string() })
    .transform(({ system, field, lost, won, rule }) => ({ system, field, lost, won, rule })),
);

const obstacleSchema: z.ZodType<UndoObstacle> = z.enum(['created', 'deleted', 'gone', 'sealed', 'unseen', 'filled', 'merged', 'half']);
export const effectSchema: z.ZodType<WriteEffect> = z.object({ writes: z.number(), before: recordPairSchema, after: recordPairSchema, obstacles: pairSchema(obstacleSchema) });
