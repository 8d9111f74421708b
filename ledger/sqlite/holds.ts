import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { GUARDS, type Hold, type HoldFacts } from '../../core/policies/holds';
import type { HoldRequest, ReleaseRequest, ReleaseVerdict } from '../hold-store';
import type { SqliteConnection } from './driver';
import { nextNumber, skipTo } from './sequence';

const COLUMNS = 'id, guard, subject, counted, allowed, known, held_by AS by, said, opened_at';
const OPEN = `SELECT ${COLUMNS} FROM sync_holds WHERE sync = ? AND released_at IS NULL ORDER BY seq`;
const ONE = `SELECT ${COLUMNS} FROM sync_holds WHERE sync = ? AND id = ? AND released_at IS NULL`;
const SAME = `SELECT ${COLUMNS} FROM sync_holds WHERE sync = ? AND guard = ? AND subject = ? AND released_at IS NULL`;
const ADD = `INSERT INTO sync_holds (id, seq, sync, guard, subject, counted, allowed, known, held_by, said, opened_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const GROW = `UPDATE sync_holds SET counted = ?, allowed = ?, known = ? WHERE id = ?`;
// Of last month's holds nobody asks any more; nothing else counts them.
const FORGET = `DELETE FROM sync_holds WHERE sync = ?1 AND released_at < strftime('%Y-%m-%dT%H:%M:%fZ', ?2, '-30 days')`;
const RELEASED = `SELECT coalesce(max(counted), 0) AS counted FROM sync_holds WHERE sync = ? AND guard = ? AND subject = ? AND released_at > ?`;
const RELEASE = `UPDATE sync_holds SET released_at = ?, released_by = ? WHERE id = ?`;
const UNTOLD = `SELECT ${COLUMNS} FROM sync_holds WHERE sync = ? AND released_at IS NULL AND told_at IS NULL ORDER BY seq`;
const TELL = `UPDATE sync_holds SET told_at = ? WHERE sync = ? AND released_at IS NULL AND told_at IS NULL`;

const holdRow: z.ZodType<Hold> = z.object({
  id: z.string(), guard: z.enum(GUARDS), subject: z.string(), counted: z.number(), allowed: z.number(), known: z.number().nullable(),
  by: z.string().nullable(), said: z.string().nullable(), opened_at: z.string(),
});
const countedRow = z.object({ counted: z.number() });

export function openHolds(connection: SqliteConnection, sync: string): readonly Hold[] {
  return connection.all(OPEN, sync).map((row) => holdRow.parse(row));
}

export function releasedSince(connection: SqliteConnection, sync: string, guard: string, subject: string, since: string): number {
  return countedRow.parse(connection.get(RELEASED, sync, guard, subject, since)).counted;
}

export function openHold(connection: SqliteConnection, sync: string, hold: HoldFacts & Pick<Hold, 'by' | 'said'>, now: string): Hold {
  const same = (): Hold | null => {
    const found = connection.get(SAME, sync, hold.guard, hold.subject);
    return found === undefined ? null : holdRow.parse(found);
  };
  const present = same();
  if (present !== null) {
    // Law 10: the same again leaves the ledger as it is.
    if (hold.counted > present.counted) connection.run(GROW, hold.counted, hold.allowed, hold.known, present.id);
    return same() ?? present;
  }
  const id = randomUUID();
  const { guard, subject, counted, allowed, known, by, said } = hold;
  connection.run(FORGET, sync, now);
  connection.run(ADD, id, nextNumber(connection), sync, guard, subject, counted, allowed, known, by, said, now);
  return { id, guard, subject, counted, allowed, known, by, said, opened_at: now };
}

export function holdBy(connection: SqliteConnection, sync: string, request: HoldRequest, now: string): Hold {
  return openHold(connection, sync, { ...request, counted: 0, allowed: 0, known: null }, now);
}

export function release(connection: SqliteConnection, sync: string, { id, by, counted }: ReleaseRequest, now: string): ReleaseVerdict {
  const found = connection.get(ONE, sync, id);
  if (found === undefined) return { kind: 'Gone' };
  const hold = holdRow.parse(found);
  if (hold.counted !== counted) return { kind: 'Changed', hold };
  connection.run(RELEASE, now, by, id);
  // Its numbers stand on records already: given again, a foreign write would pass for ours.
  if (hold.guard === 'ledger_behind') skipTo(connection, hold.counted);
  return { kind: 'Released', hold };
}

export function tellHolds(connection: SqliteConnection, sync: string, now: string): readonly Hold[] {
  const untold = connection.all(UNTOLD, sync).map((row) => holdRow.parse(row));
  if (untold.length > 0) connection.run(TELL, now, sync);
  return untold;
}
