import { z } from 'zod';
import { checkRetention, RETENTION_FLOOR_DAYS, type Retention } from '../retention';
import type { Pruned, SyncScope } from '../ledger-store';
import type { PostgresConnection } from './driver';
import { callOnce, toWire } from './wire';

const PRUNE = 'SELECT {schema}.sync_prune($1::jsonb, $2::jsonb, $3::timestamptz) AS answer';

const prunedSchema = z.object({ history: z.number(), journal: z.number(), runs: z.number(), notes: z.number(), intents: z.number(), tombstones: z.number() });

export async function prune(connection: PostgresConnection, scope: SyncScope, retention: Retention, now: Date | null): Promise<Pruned> {
  const keep = { ...checkRetention(retention), floor_days: RETENTION_FLOOR_DAYS };
  return await callOnce(connection, PRUNE, [toWire(scope), toWire(keep), now], prunedSchema);
}
