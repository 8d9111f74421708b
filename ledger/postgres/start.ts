import { z } from 'zod';
import type { RunContext } from '../../core/model';
import type { SyncError } from '../../core/sync-error';
import type { StartRequest, StartResult, SyncScope } from '../ledger-store';
import { ownedBy, sameNameOtherPair } from '../registration';
import type { PostgresConnection } from './driver';
import { callOnce, toWire } from './wire';

const START = 'SELECT {schema}.sync_start($1::jsonb, $2::timestamptz) AS answer';

export const conflictSchema = z.object({ conflict: z.object({ sync: z.string(), first_system: z.string(), second_system: z.string(), record_type: z.string() }) });
export const begunSchema = z.object({
  run_id: z.string(),
  read_token: z.number(),
  noted: z.array(z.object({ system: z.string(), native_id: z.string(), record_key: z.string().nullable(), source_id: z.string().nullable() })),
});
const answerSchema = z.union([conflictSchema, begunSchema]);

export async function start(connection: PostgresConnection, request: StartRequest, now: Date | null): Promise<StartResult> {
  const answer = await callOnce(connection, START, [toWire(request), now], answerSchema);
  if ('conflict' in answer) throw registrationError(request, answer);
  const { sync, record_type, source, target, dry_run, attempt } = request;
  const run: RunContext = { sync, record_type, source, target, run_id: answer.run_id, read_token: answer.read_token, dry_run, attempt };
  return { run, noted: answer.noted };
}

export function registrationError(scope: SyncScope, { conflict }: z.infer<typeof conflictSchema>): SyncError {
  return conflict.sync === scope.sync ? sameNameOtherPair(scope, conflict) : ownedBy(scope, conflict.sync);
}
