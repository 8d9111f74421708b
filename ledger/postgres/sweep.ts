/** What a reconcile run asks for: waiting work, records that a listing no longer shows, and where it stopped last time. */
import { z } from 'zod';
import type { Hint, SystemName } from '../../core/model';
import type { PendingWork, SyncScope } from '../ledger-store';
import type { PostgresConnection } from './driver';
import { parsedRows, textToWire } from './wire';

const PENDING = `SELECT system, native_id FROM (
    SELECT system, native_id, hint_seq AS since FROM {schema}.sync_notes n WHERE sync = $1 AND hint_seq > handled_seq
      AND NOT EXISTS (SELECT 1 FROM {schema}.sync_takes t WHERE t.sync = n.sync AND t.system = n.system AND t.native_id = n.native_id AND t.taken_by IS NOT NULL AND t.taken_until > coalesce($2::timestamptz, clock_timestamp()))
    UNION ALL
    SELECT l.system, l.native_id, r.changed_seq FROM {schema}.sync_records r JOIN {schema}.sync_links l ON l.sync = r.sync AND l.record_key = r.record_key
      WHERE r.sync = $1 AND (r.lease_expires_at IS NULL OR r.lease_expires_at <= coalesce($2::timestamptz, clock_timestamp()))
        AND (EXISTS (SELECT 1 FROM {schema}.sync_intents i WHERE i.sync = r.sync AND i.record_key = r.record_key AND NOT i.superseded)
          OR EXISTS (SELECT 1 FROM {schema}.sync_reviews v WHERE v.sync = r.sync AND v.record_key = r.record_key AND v.status = 'decided'))) AS waiting
  GROUP BY system, native_id ORDER BY min(since), system, native_id LIMIT $3`;
// A record that is known to be gone is no news. A claim (`core/policies/review-decisions.ts`) names its claimant in the subject.
const MISSING = `SELECT l.system, l.native_id FROM {schema}.sync_links l
  WHERE l.sync = $1 AND l.system = $2 AND ((NOT EXISTS (SELECT 1 FROM unnest($3::text[]) AS seen(native_id) WHERE seen.native_id = l.native_id)
    AND NOT EXISTS (SELECT 1 FROM {schema}.sync_snapshots s WHERE s.sync = l.sync AND s.record_key = l.record_key AND s.system = l.system AND s.presence = 'gone'))
    OR EXISTS (SELECT 1 FROM {schema}.sync_reviews v WHERE v.sync = l.sync AND v.record_key = l.record_key AND substr(v.subject, 1, length('claim:' || l.system || ':')) = 'claim:' || l.system || ':'
      AND (NOT EXISTS (SELECT 1 FROM unnest($3::text[]) AS seen(native_id) WHERE seen.native_id = substr(v.subject, length('claim:' || l.system || ':') + 1))
        OR EXISTS (SELECT 1 FROM {schema}.sync_links o WHERE o.sync = v.sync AND o.system = l.system AND o.native_id = substr(v.subject, length('claim:' || l.system || ':') + 1)))))
  ORDER BY l.native_id COLLATE "C"`;
const CURSOR = `SELECT cursor FROM {schema}.sync_cursors WHERE sync = $1 AND system = $2`;
const SAVE_CURSOR = `INSERT INTO {schema}.sync_cursors (sync, system, cursor, saved_at) VALUES ($1, $2, $3, coalesce($4::timestamptz, clock_timestamp())) ON CONFLICT (sync, system) DO UPDATE SET cursor = excluded.cursor, saved_at = excluded.saved_at`;

const hintRow = z.object({ system: z.string(), native_id: z.string() });
const cursorRow = z.object({ cursor: z.string() });

export async function pendingWork(connection: PostgresConnection, scope: SyncScope, limit: number, now: Date | null): Promise<PendingWork> {
  return { hints: await parsedRows(connection, PENDING, [textToWire(scope.sync), now, limit], hintRow) };
}

export function missingRecords(connection: PostgresConnection, scope: SyncScope, system: SystemName, seen: readonly string[]): Promise<readonly Hint[]> {
  return parsedRows(connection, MISSING, [textToWire(scope.sync), textToWire(system), seen.map(textToWire)], hintRow);
}

export async function cursorOf(connection: PostgresConnection, scope: SyncScope, system: SystemName): Promise<string | null> {
  const [row] = await parsedRows(connection, CURSOR, [textToWire(scope.sync), textToWire(system)], cursorRow);
  return row?.cursor ?? null;
}

export async function saveCursor(connection: PostgresConnection, scope: SyncScope, system: SystemName, cursor: string, now: Date | null): Promise<void> {
  await connection.rows(SAVE_CURSOR, [textToWire(scope.sync), textToWire(system), textToWire(cursor), now]);
}
