/**
 * Bursts: hints are noted at once and taken off in batches. A *take* keeps other drains away from a note for a while; it is not
 * the lease of a record, and it handles no note. While `taken_by` stands, that drain is at it; afterwards the row tells what the
 * drain had (`taken_seq`), so that a record it could not finish does not come again in its very next batch.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { RunContext, SystemName } from '../../core/model';
import type { NoteRequest, NoteResult, TakeRequest, TakeResult } from '../ledger-store';
import type { SqliteConnection } from './driver';
import { notedHints } from './heads';
import { noteHints } from './notes';
import { addRun } from './runs';
import { nextNumber } from './sequence';
import { distinct, register } from './start';

// A hint that a run has noted itself is that run's (and the sweep's): a drain leaves it alone.
const FOR_DRAIN = `UPDATE sync_notes SET drain_seq = hint_seq WHERE sync = ? AND system = ? AND native_id = ?`;
const ORDER = `UPDATE sync_syncs SET drain_ordered_until = ?3 WHERE sync = ?1 AND (drain_ordered_until IS NULL OR drain_ordered_until <= ?2)
  AND NOT EXISTS (SELECT 1 FROM sync_takes t WHERE t.sync = ?1 AND t.taken_by IS NOT NULL AND t.taken_until > ?2)`;
const ORDER_FOLLOWED = `UPDATE sync_syncs SET drain_ordered_until = NULL WHERE sync = ? AND drain_ordered_until IS NOT NULL`;
const FORGET_OVER = `DELETE FROM sync_takes WHERE sync = ? AND taken_until <= ?`;
const BATCH_OVER = `UPDATE sync_takes SET taken_by = NULL WHERE sync = ? AND taken_by = ?`;
const OTHERS = `SELECT count(DISTINCT taken_by) AS others FROM sync_takes WHERE sync = ? AND taken_by IS NOT NULL`;
// Every take that is left is still good. A record has a note in each system, and others may be handed over to it: whoever is at one is at the record.
const WAITING = `SELECT n.system, n.native_id, n.hint_seq FROM sync_notes n
  LEFT JOIN sync_links l ON l.sync = n.sync AND l.system = n.system AND l.native_id = n.native_id
  WHERE n.sync = ?1 AND n.hint_seq > n.handled_seq AND n.drain_seq > n.handled_seq AND n.system IN (?3, ?4)
    AND NOT EXISTS (SELECT 1 FROM sync_takes t WHERE t.sync = n.sync AND t.system = n.system AND t.native_id = n.native_id AND (t.taken_by IS NOT NULL OR t.taken_seq >= n.hint_seq))
    AND NOT EXISTS (SELECT 1 FROM sync_records r WHERE r.sync = n.sync AND r.record_key = coalesce(l.record_key, n.record_key) AND (r.lease_expires_at > ?2
      OR EXISTS (SELECT 1 FROM sync_links o JOIN sync_takes t ON t.sync = o.sync AND t.system = o.system AND t.native_id = o.native_id
        WHERE o.sync = r.sync AND o.record_key = r.record_key AND t.taken_by IS NOT NULL)
      OR EXISTS (SELECT 1 FROM sync_notes o JOIN sync_takes t ON t.sync = o.sync AND t.system = o.system AND t.native_id = o.native_id
        WHERE o.sync = r.sync AND o.record_key = r.record_key AND t.taken_by IS NOT NULL)))
  ORDER BY n.hint_seq LIMIT ?5`;
const HOLD = `INSERT INTO sync_takes (sync, system, native_id, taken_by, taken_seq, taken_until) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (sync, system, native_id) DO UPDATE SET taken_by = excluded.taken_by, taken_seq = excluded.taken_seq, taken_until = excluded.taken_until`;

const othersSchema = z.object({ others: z.number() });
const waitingSchema = z.object({ system: z.string(), native_id: z.string(), hint_seq: z.number() });
type Waiting = z.infer<typeof waitingSchema>;

const after = (now: string, seconds: number): string => new Date(Date.parse(now) + seconds * 1000).toISOString();

export function note(connection: SqliteConnection, request: NoteRequest, now: string): NoteResult {
  const { sync } = request;
  register(connection, request, false, now);
  const hints = distinct(request.hints);
  noteHints(connection, sync, hints);
  for (const { system, native_id } of hints) connection.run(FOR_DRAIN, sync, system, native_id);
  const order = hints.length > 0 && connection.run(ORDER, sync, now, after(now, request.order_seconds)) > 0;
  return { noted: hints.length, order };
}

export function take(connection: SqliteConnection, request: TakeRequest, now: string): TakeResult {
  const { sync, drain } = request;
  register(connection, request, false, now);
  connection.run(FORGET_OVER, sync, now);
  connection.run(BATCH_OVER, sync, drain);
  if (othersSchema.parse(connection.get(OTHERS, sync)).others >= request.drains_at_once) return { kind: 'Draining' };
  connection.run(ORDER_FOLLOWED, sync);
  const [oldest] = waiting(connection, request, [request.source, request.target], 1, now);
  if (oldest === undefined) return { kind: 'NothingLeft' };
  const batch = waiting(connection, request, [oldest.system, oldest.system], request.limit, now);
  for (const { system, native_id, hint_seq } of batch) connection.run(HOLD, sync, system, native_id, drain, hint_seq, after(now, request.hold_seconds));
  const run = beginRun(connection, request, oldest.system, now);
  return { kind: 'Taken', run, noted: notedHints(connection, sync, oldest.system, batch.map(({ system, native_id }) => ({ system, native_id }))) };
}

function waiting(connection: SqliteConnection, { sync }: TakeRequest, systems: readonly [SystemName, SystemName], limit: number, now: string): readonly Waiting[] {
  return connection.all(WAITING, sync, now, ...systems, limit).map((row) => waitingSchema.parse(row));
}

/** The token is drawn after the notes were seen: what is read from now on is younger than all of them. */
function beginRun(connection: SqliteConnection, { sync, record_type, source, target, execution_id }: TakeRequest, system: SystemName, now: string): RunContext {
  const direction = system === source ? { source, target } : { source: target, target: source };
  const run: RunContext = { sync, record_type, ...direction, run_id: randomUUID(), read_token: nextNumber(connection), dry_run: false, attempt: 0 };
  addRun(connection, run, { cause: 'drain', execution_id }, now);
  return run;
}
