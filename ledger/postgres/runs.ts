import { z } from 'zod';
import type { RunSummary, SyncScope } from '../ledger-store';
import type { PostgresConnection } from './driver';
import { parsedRows, textToWire } from './wire';

const NEWEST = `SELECT run_id, direction, cause, {schema}.sync_iso(started_at) AS started_at, counts FROM {schema}.sync_runs WHERE sync = $1 ORDER BY read_token DESC LIMIT $2`;

const runRow = z.object({ run_id: z.string(), direction: z.string(), cause: z.string(), started_at: z.string(), counts: z.record(z.string(), z.number()) });

export function newestRuns(connection: PostgresConnection, scope: SyncScope, limit: number): Promise<readonly RunSummary[]> {
  return parsedRows(connection, NEWEST, [textToWire(scope.sync), limit], runRow);
}
