import { z } from 'zod';
import type { RunContext } from '../../core/model';
import { pairSchema, recordSchema } from '../../core/json/guards';
import { jsonColumn, overridesSchema, reviewSchema, textsSchema } from '../json-column';
import type { CheckItem, CheckVerdict } from '../ledger-store';
import type { PostgresConnection } from './driver';
import { rowForEach } from './wire';

const CHECK = 'SELECT * FROM {schema}.sync_check($1::jsonb, $2::jsonb, $3::timestamptz)';

const rowSchema = z.object({
  record_key: z.string(),
  version: z.number(),
  committed_version: z.number(),
  links: pairSchema(z.string().nullable()),
  snapshots: pairSchema(z.object({ presence: z.enum(['present', 'gone']), record: jsonColumn(recordSchema), fingerprint: z.string().nullable(), mapping_fingerprint: z.string() }).nullable()),
  intents: z.array(z.object({
    fencing_token: z.number(),
    system: z.string(),
    op: z.enum(['create', 'update', 'delete']),
    to: jsonColumn(recordSchema),
    from: jsonColumn(recordSchema),
    echo_fingerprint: z.string().nullable(),
    idempotency_key: z.string(),
    native_id: z.string().nullable(),
    match_key: z.string().nullable(),
    overrides: jsonColumn(overridesSchema),
    used: jsonColumn(textsSchema),
    superseded: z.boolean(),
    may_land: z.boolean(),
  })),
  reviews: z.array(reviewSchema),
  latest: z.object({ direction: z.string(), field_hash: z.string() }).nullable(),
  recent: z.array(z.object({ direction: z.string(), field_hash: z.string(), fields: jsonColumn(textsSchema), at: z.string() })),
});

const verdictSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('Changed'), row: rowSchema.nullable(), full: z.boolean() }),
  z.object({ kind: z.literal('Unchanged'), record_key: z.string().nullable(), reason: z.enum(['same', 'echo_in_flight', 'unknown_and_gone']) }),
  z.object({ kind: z.literal('Busy'), record_key: z.string(), lease_expires_at: z.string() }),
  z.object({ kind: z.literal('Recheck'), record_key: z.string(), reason: z.literal('committed_since_read') }),
]);

export async function check(connection: PostgresConnection, run: RunContext, items: readonly CheckItem[], now: Date | null): Promise<readonly CheckVerdict[]> {
  const verdicts = await rowForEach(connection, CHECK, run, items, now, verdictSchema);
  return verdicts.map((verdict) => (verdict.kind === 'Changed' && verdict.row !== null ? { ...verdict, row: bothSystems(run, verdict.row) } : verdict));
}

/** A system without link or snapshot is null, not absent. */
function bothSystems(run: RunContext, row: z.infer<typeof rowSchema>): z.infer<typeof rowSchema> {
  const none = { [run.source]: null, [run.target]: null };
  return { ...row, links: { ...none, ...row.links }, snapshots: { ...none, ...row.snapshots } };
}
