import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Hint, RunContext } from '../../core/model';
import { ownedBy, sameNameOtherPair } from '../registration';
import type { StartRequest, StartResult, SyncScope } from '../ledger-store';
import type { SqliteConnection } from './driver';
import { notedHints } from './heads';
import { noteHints } from './notes';
import { addRun } from './runs';
import { currentNumber, nextNumber } from './sequence';

const BY_NAME = `SELECT sync, first_system, second_system, record_type FROM sync_syncs WHERE sync = ?`;
const BY_PAIR = `SELECT sync, first_system, second_system, record_type FROM sync_syncs WHERE first_system = ? AND second_system = ? AND record_type = ?`;
const REGISTER = `INSERT INTO sync_syncs (sync, first_system, second_system, record_type, created_at) VALUES (?, ?, ?, ?, ?)`;

const syncRow = z.object({ sync: z.string(), first_system: z.string(), second_system: z.string(), record_type: z.string() });

export function start(connection: SqliteConnection, request: StartRequest, now: string): StartResult {
  register(connection, request, request.dry_run, now);
  const hints = distinct(request.hints);
  if (!request.dry_run) noteHints(connection, request.sync, distinct(request.hints.filter(({ noted_before }) => noted_before !== true)));
  const { sync, record_type, source, target, dry_run, attempt } = request;
  // After the notes: a read that begins now is younger than every hint it answers.
  const read_token = dry_run ? currentNumber(connection) : nextNumber(connection);
  const run: RunContext = { sync, record_type, source, target, run_id: randomUUID(), read_token, dry_run, attempt };
  if (!dry_run) addRun(connection, run, request, now);
  return {
    run,
    noted: notedHints(connection, sync, source, hints),
  };
}

export function distinct(hints: readonly Hint[]): readonly Hint[] {
  return [...new Map(hints.map(({ system, native_id }) => [`${system.length}:${system}${native_id}`, { system, native_id }])).values()];
}

/** One active sync per pair and record type: the journal's published key has no room for a second one. */
export function register(connection: SqliteConnection, scope: SyncScope, dry_run: boolean, now: string): void {
  const [first, second] = scope.source < scope.target ? [scope.source, scope.target] : [scope.target, scope.source];
  const named = connection.get(BY_NAME, scope.sync);
  if (named !== undefined) {
    const known = syncRow.parse(named);
    if (known.first_system !== first || known.second_system !== second || known.record_type !== scope.record_type) throw sameNameOtherPair(scope, known);
    return;
  }
  const owner = connection.get(BY_PAIR, first, second, scope.record_type);
  if (owner !== undefined) throw ownedBy(scope, syncRow.parse(owner).sync);
  if (!dry_run) connection.run(REGISTER, scope.sync, first, second, scope.record_type, now);
}
