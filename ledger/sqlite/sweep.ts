/** What a reconcile run asks for: waiting work, records that a listing no longer shows, and where it stopped last time. */
import { z } from 'zod';
import type { Hint, SystemName } from '../../core/model';
import { toColumn } from '../json-column';
import { escaped } from '../odd-text';
import type { PendingWork, SyncScope } from '../ledger-store';
import type { SqliteConnection } from './driver';

// From what is open to its rows: a sweep must not go through all records, of which hardly any has something open.
const PENDING = `SELECT system, native_id FROM (
    SELECT system, native_id, hint_seq AS since FROM sync_notes n WHERE sync = ?1 AND hint_seq > handled_seq
      AND NOT EXISTS (SELECT 1 FROM sync_takes t WHERE t.sync = n.sync AND t.system = n.system AND t.native_id = n.native_id AND t.taken_by IS NOT NULL AND t.taken_until > ?2)
    UNION ALL
    SELECT l.system, l.native_id, r.changed_seq FROM (
        SELECT record_key FROM sync_intents WHERE sync = ?1 AND superseded = 0 UNION SELECT record_key FROM sync_reviews WHERE sync = ?1 AND status = 'decided') AS unsettled
      CROSS JOIN sync_records r ON r.sync = ?1 AND r.record_key = unsettled.record_key AND (r.lease_expires_at IS NULL OR r.lease_expires_at <= ?2)
      CROSS JOIN sync_links l ON l.sync = r.sync AND l.record_key = r.record_key)
  GROUP BY system, native_id ORDER BY min(since), system, native_id LIMIT ?3`;
// A record that is known to be gone is no news. A claim (`core/policies/review-decisions.ts`) names its claimant in the subject.
const MISSING = `SELECT l.system, l.native_id FROM sync_links l
  WHERE l.sync = ?1 AND l.system = ?2 AND ((l.native_id NOT IN (SELECT value FROM json_each(?3))
    AND NOT EXISTS (SELECT 1 FROM sync_snapshots s WHERE s.sync = l.sync AND s.record_key = l.record_key AND s.system = l.system AND s.presence = 'gone'))
    OR EXISTS (SELECT 1 FROM sync_reviews v WHERE v.sync = l.sync AND v.record_key = l.record_key AND substr(v.subject, 1, length('claim:' || l.system || ':')) = 'claim:' || l.system || ':'
      AND (substr(v.subject, length('claim:' || l.system || ':') + 1) NOT IN (SELECT value FROM json_each(?3))
        OR EXISTS (SELECT 1 FROM sync_links o WHERE o.sync = v.sync AND o.system = l.system AND o.native_id = substr(v.subject, length('claim:' || l.system || ':') + 1)))))
  ORDER BY l.native_id`;
const CURSOR = `SELECT cursor FROM sync_cursors WHERE sync = ? AND system = ?`;
const SAVE_CURSOR = `INSERT INTO sync_cursors (sync, system, cursor, saved_at) VALUES (?, ?, ?, ?) ON CONFLICT (sync, system) DO UPDATE SET cursor = excluded.cursor, saved_at = excluded.saved_at`;

const hintRow = z.object({ system: z.string(), native_id: z.string() });
const cursorRow = z.object({ cursor: z.string() }).optional();

export function pendingWork(connection: SqliteConnection, scope: SyncScope, limit: number, now: string): PendingWork {
  return { hints: connection.all(PENDING, scope.sync, now, limit).map((row) => hintRow.parse(row)) };
}

export function missingRecords(connection: SqliteConnection, scope: SyncScope, system: SystemName, seen: readonly string[]): readonly Hint[] {
  return connection.all(MISSING, scope.sync, system, toColumn(seen.map(escaped))).map((row) => hintRow.parse(row));
}

export function cursorOf(connection: SqliteConnection, scope: SyncScope, system: SystemName): string | null {
  return cursorRow.parse(connection.get(CURSOR, scope.sync, system))?.cursor ?? null;
}

export function saveCursor(connection: SqliteConnection, scope: SyncScope, system: SystemName, cursor: string, now: string): void {
  connection.run(SAVE_CURSOR, scope.sync, system, cursor, now);
}
