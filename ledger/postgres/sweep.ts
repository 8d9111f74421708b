/** What a reconcile run asks for: waiting work, records that a listing no longer shows, and where it stopped last time. */
import { z } from 'zod';
import type { Hint, SystemName } from '../../core/model';
import type { PendingWork, SyncScope } from '../ledger-store';
import type { PostgresConnection } from './driver';
import { parsedRows, textToWire } from './wire';

// From what is open to its rows, each by its key: a sweep must not go through all records, of which hardly any has something open.
const PENDING = `SELECT system, native_id FROM (
    SELECT system, native_id, hint_seq AS since FROM {schema}.sync_notes n WHERE sync = $1 AND hint_seq > handled_seq
      AND NOT EXISTS (SELECT 1 FROM {schema}.sync_takes t WHERE t.sync = n.sync AND t.system = n.system AND t.native_id = n.native_id AND t.taken_by IS NOT NULL AND t.taken_until > coalesce($2::timestamptz, clock_timestamp()))
    UNION ALL
    SELECT l.system, l.native_id, r.changed_seq FROM (
        SELECT record_key FROM {schema}.sync_intents WHERE sync = $1 AND NOT superseded UNION SELECT record_key FROM {schema}.sync_reviews WHERE sync = $1 AND status = 'decided') AS unsettled
      CROSS JOIN LATERAL (SELECT * FROM {schema}.sync_records o WHERE o.sync = $1 AND o.record_key = unsettled.record_key LIMIT 1) AS r
      CROSS JOIN LATERAL (SELECT * FROM {schema}.sync_links o WHERE o.sync = $1 AND o.record_key = unsettled.record_key OFFSET 0) AS l
      WHERE r.lease_expires_at IS NULL OR r.lease_expires_at <= coalesce($2::timestamptz, clock_timestamp())) AS waiting
  GROUP BY system, native_id ORDER BY min(since), system, native_id LIMIT $3`;
// A record that is known to be gone is no news. A claim (`core/policies/review-decisions.ts`) names its claimant in the subject.
// EXCEPT, which always is one pass through both: the planner, who knows no sizes, would look through the listing for each link, and of a million of
// both that would take days. Claims are few.
const MISSING = `SELECT $2 AS system, native_id FROM (
    SELECT unseen.native_id FROM (SELECT native_id FROM {schema}.sync_links WHERE sync = $1 AND system = $2 EXCEPT SELECT unnest($3::text[])) AS unseen
      WHERE (SELECT s.presence FROM {schema}.sync_links l JOIN {schema}.sync_snapshots s ON s.sync = l.sync AND s.record_key = l.record_key AND s.system = l.system
        WHERE l.sync = $1 AND l.system = $2 AND l.native_id = unseen.native_id LIMIT 1) IS DISTINCT FROM 'gone'
    UNION
    SELECT l.native_id FROM (SELECT record_key, substr(subject, length('claim:' || $2 || ':') + 1) AS claimant FROM {schema}.sync_reviews
        WHERE sync = $1 AND substr(subject, 1, length('claim:' || $2 || ':')) = 'claim:' || $2 || ':') AS claim
      CROSS JOIN LATERAL (SELECT native_id FROM {schema}.sync_links WHERE sync = $1 AND system = $2 AND record_key = claim.record_key LIMIT 1) AS l
      WHERE claim.claimant <> ALL ($3::text[]) OR EXISTS (SELECT 1 FROM {schema}.sync_links o WHERE o.sync = $1 AND o.system = $2 AND o.native_id = claim.claimant)) AS missing
  ORDER BY native_id COLLATE "C"`;
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
