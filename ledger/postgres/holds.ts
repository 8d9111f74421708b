import { z } from 'zod';
import { GUARDS, type Hold } from '../../core/policies/holds';
import type { HoldRequest, ReleaseRequest, ReleaseVerdict } from '../hold-store';
import type { SyncScope } from '../ledger-store';
import type { PostgresConnection } from './driver';
import { callOnce, fromWire, textToWire, toWire } from './wire';

const OPEN = `SELECT {schema}.sync_hold_of(h) AS answer FROM {schema}.sync_holds h WHERE h.sync = $1 AND h.released_at IS NULL ORDER BY h.seq`;
const HOLD = 'SELECT {schema}.sync_open_hold($1, $2::jsonb, coalesce($3::timestamptz, clock_timestamp())) AS answer';
const RELEASE = 'SELECT {schema}.sync_release($1, $2::jsonb, $3::timestamptz) AS answer';
const TELL = 'SELECT answer FROM {schema}.sync_tell_holds($1, $2::timestamptz) AS answer';

export const holdSchema: z.ZodType<Hold> = z.object({
  id: z.string(), guard: z.enum(GUARDS), subject: z.string(), counted: z.number(), allowed: z.number(), known: z.number().nullable(),
  by: z.string().nullable(), said: z.string().nullable(), opened_at: z.string(),
});
const verdictSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('Released'), hold: holdSchema }),
  z.object({ kind: z.literal('Changed'), hold: holdSchema }),
  z.object({ kind: z.literal('Gone') }),
]);
const answerRow = z.object({ answer: z.unknown().transform(fromWire).pipe(holdSchema) });

export async function openHolds(connection: PostgresConnection, { sync }: SyncScope): Promise<readonly Hold[]> {
  return (await connection.rows(OPEN, [textToWire(sync)])).map((row) => answerRow.parse(row).answer);
}

export function holdBy(connection: PostgresConnection, { sync }: SyncScope, request: HoldRequest, now: Date | null): Promise<Hold> {
  return callOnce(connection, HOLD, [textToWire(sync), toWire({ ...request, counted: 0, allowed: 0, known: null }), now], holdSchema);
}

export function release(connection: PostgresConnection, { sync }: SyncScope, request: ReleaseRequest, now: Date | null): Promise<ReleaseVerdict> {
  return callOnce(connection, RELEASE, [textToWire(sync), toWire(request), now], verdictSchema);
}

export async function tellHolds(connection: PostgresConnection, { sync }: SyncScope, now: Date | null): Promise<readonly Hold[]> {
  return (await connection.rows(TELL, [textToWire(sync), now])).map((row) => answerRow.parse(row).answer);
}
