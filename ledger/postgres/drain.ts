/** Bursts: hints are noted at once and taken off in batches (`migrations/0011-drain.ts`). */
import { z } from 'zod';
import type { RunContext } from '../../core/model';
import type { NoteRequest, NoteResult, TakeRequest, TakeResult } from '../ledger-store';
import type { PostgresConnection } from './driver';
import { begunSchema, conflictSchema, registrationError } from './start';
import { callOnce, toWire } from './wire';

const NOTE = 'SELECT {schema}.sync_note_hints($1::jsonb, $2::timestamptz) AS answer';
const TAKE = 'SELECT {schema}.sync_take($1::jsonb, $2::timestamptz) AS answer';

const notedSchema = z.union([conflictSchema, z.object({ noted: z.number(), order: z.boolean() })]);
const takenSchema = z.union([
  conflictSchema,
  z.object({ kind: z.enum(['NothingLeft', 'Draining']) }),
  begunSchema.extend({ kind: z.literal('Taken'), source: z.string() }),
]);

export async function noteHints(connection: PostgresConnection, request: NoteRequest, now: Date | null): Promise<NoteResult> {
  const answer = await callOnce(connection, NOTE, [toWire(request), now], notedSchema);
  if ('conflict' in answer) throw registrationError(request, answer);
  return answer;
}

export async function take(connection: PostgresConnection, request: TakeRequest, now: Date | null): Promise<TakeResult> {
  const answer = await callOnce(connection, TAKE, [toWire(request), now], takenSchema);
  if ('conflict' in answer) throw registrationError(request, answer);
  if (answer.kind !== 'Taken') return answer;
  const { sync, record_type, source, target } = request;
  const direction = answer.source === source ? { source, target } : { source: target, target: source };
  const run: RunContext = { sync, record_type, ...direction, run_id: answer.run_id, read_token: answer.read_token, dry_run: false, attempt: 0 };
  return { kind: 'Taken', run, noted: answer.noted };
}
