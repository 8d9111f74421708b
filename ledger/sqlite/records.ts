/** The row of a record, with what hangs on it: links, snapshots, intents, reviews. */
import { z } from 'zod';
import { canonicalJson } from '../../core/json/canonical-json';
import type { Intent, Pair, RecordKey, Snapshot, SystemName } from '../../core/model';
import { recordSchema } from '../../core/json/guards';
import { jsonColumn, overridesSchema, textsSchema, toColumn } from '../json-column';
import { escaped } from '../odd-text';
import type { IntentDraft } from '../ledger-store';
import type { RowNumbers, StoredIntent, StoredRow } from '../steps/step';
import type { SqliteConnection } from './driver';
import { reviewsOf } from './reviews';

// Most rows have neither open work nor a question: two statements less for each.
const RECORD = `SELECT record_key, version, committed_version, changed_seq, fencing_token, committed_token, lease_run, lease_expires_at,
    EXISTS (SELECT 1 FROM sync_intents i WHERE i.sync = r.sync AND i.record_key = r.record_key) AS has_intents,
    EXISTS (SELECT 1 FROM sync_reviews v WHERE v.sync = r.sync AND v.record_key = r.record_key) AS has_reviews
  FROM sync_records r WHERE sync = ? AND record_key = ?`;
const INSERT_RECORD = `INSERT INTO sync_records (sync, record_key, version, committed_version, changed_seq, fencing_token, committed_token, lease_run, lease_expires_at, tombstone_at)
  VALUES (?, ?, 0, 0, 0, 0, 0, NULL, NULL, NULL)`;
const UPDATE_RECORD = `UPDATE sync_records SET version = ?1, committed_version = ?2, changed_seq = ?3, fencing_token = ?4, committed_token = ?5, lease_run = ?6, lease_expires_at = ?7,
  tombstone_at = CASE WHEN (SELECT count(*) FROM sync_snapshots s WHERE s.sync = ?8 AND s.record_key = ?9) > 0
    AND NOT EXISTS (SELECT 1 FROM sync_snapshots s WHERE s.sync = ?8 AND s.record_key = ?9 AND s.presence <> 'gone') THEN coalesce(tombstone_at, ?10) END
  WHERE sync = ?8 AND record_key = ?9`;
const DROP = ['sync_reviews', 'sync_issues', 'sync_intents', 'sync_snapshots', 'sync_links', 'sync_records'].map((table) => `DELETE FROM ${table} WHERE sync = ?1 AND record_key IN (SELECT value FROM json_each(?2))`);
const LINKS = `SELECT system, native_id FROM sync_links WHERE sync = ? AND record_key = ?`;
const LINK_HOLDER = `SELECT record_key FROM sync_links WHERE sync = ? AND system = ? AND native_id = ?`;
const LINK = `INSERT INTO sync_links (sync, system, native_id, record_key) VALUES (?, ?, ?, ?)
  ON CONFLICT (sync, system, native_id) DO NOTHING ON CONFLICT (sync, record_key, system) DO UPDATE SET native_id = excluded.native_id`;
const SNAPSHOTS = `SELECT system, presence, record, fingerprint, mapping_fingerprint FROM sync_snapshots WHERE sync = ? AND record_key = ?`;
const SAVE_SNAPSHOT = `INSERT INTO sync_snapshots (sync, record_key, system, native_id, presence, record, fingerprint, mapping_fingerprint, observed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (sync, record_key, system) DO UPDATE SET native_id = excluded.native_id, presence = excluded.presence, record = excluded.record,
    fingerprint = excluded.fingerprint, mapping_fingerprint = excluded.mapping_fingerprint, observed_at = excluded.observed_at`;
const FORGET_SNAPSHOT = `DELETE FROM sync_snapshots WHERE sync = ? AND record_key = ? AND system = ?`;
const INTENTS = `SELECT fencing_token, system, op, to_record AS "to", from_record AS "from", echo_fingerprint, idempotency_key, native_id, match_key, overrides, used, superseded, may_land_until
  FROM sync_intents WHERE sync = ? AND record_key = ? ORDER BY fencing_token DESC, system`;
const ADD_INTENT = `INSERT INTO sync_intents (sync, record_key, fencing_token, system, op, to_record, from_record, echo_fingerprint, idempotency_key, native_id, match_key, overrides, used, superseded, run_id, may_land_until)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)`;
const SUPERSEDE = `UPDATE sync_intents SET superseded = 1 WHERE sync = ? AND record_key = ? AND superseded = 0`;
const CONSUME = `DELETE FROM sync_intents WHERE sync = ? AND record_key = ? AND fencing_token = ? AND system = ?`;
const MATCH_KEY_HOLDER = `SELECT record_key FROM sync_intents WHERE sync = ? AND system = ? AND match_key = ? AND op = 'create' AND record_key <> ? AND (superseded = 0 OR may_land_until > ?) ORDER BY record_key LIMIT 1`;
const CREATE_OF_STAMP = `SELECT record_key FROM sync_intents WHERE sync = ? AND record_key = ? AND fencing_token = ? AND system = ? AND op = 'create'`;

const KNOWN = `SELECT count(*) AS n FROM (SELECT 1 FROM sync_records WHERE sync = ? AND tombstone_at IS NULL LIMIT ?)`;
// A commit that only observed has no fields; an intent that nobody settled may have been written all the same.
const WRITES_SINCE = `SELECT (SELECT count(*) FROM sync_history WHERE sync = ?1 AND record_key = ?2 AND at > ?3 AND fields <> '[]')
  + (SELECT count(*) FROM sync_intents WHERE sync = ?1 AND record_key = ?2 AND may_land_until > ?3) AS n`;

const numberRow = z.object({ n: z.number() });
const keySchema = z.object({ record_key: z.string() }).optional();
const recordRow = z.object({
  record_key: z.string(),
  version: z.number(),
  committed_version: z.number(),
  changed_seq: z.number(),
  fencing_token: z.number(),
  committed_token: z.number(),
  lease_run: z.string().nullable(),
  lease_expires_at: z.string().nullable(),
  has_intents: z.number(),
  has_reviews: z.number(),
});
const linkRow = z.object({ system: z.string(), native_id: z.string() });
const snapshotRow = z.object({
  system: z.string(),
  presence: z.enum(['present', 'gone']),
  record: jsonColumn(recordSchema),
  fingerprint: z.string().nullable(),
  mapping_fingerprint: z.string(),
});
const intentRow = z.object({
  fencing_token: z.number(),
  system: z.string(),
  op: z.enum(['create', 'update', 'delete']),
  to: jsonColumn(recordSchema),
  from: jsonColumn(recordSchema),
  echo_fingerprint: z.string().nullable(),
  idempotency_key: z.string(),
  native_id: z.string().nullable(),
  match_key: z.string().nullable(),
  overrides: jsonColumn(overridesSchema),
  used: jsonColumn(textsSchema),
  superseded: z.number().transform((flag) => flag !== 0),
  may_land_until: z.string(),
});

export function loadRow(connection: SqliteConnection, sync: string, record_key: RecordKey): StoredRow | null {
  const found = connection.get(RECORD, sync, record_key);
  if (found === undefined) return null;
  const { lease_run, lease_expires_at, has_intents, has_reviews, ...record } = recordRow.parse(found);
  return {
    ...record,
    lease: lease_run === null || lease_expires_at === null ? null : { run_id: lease_run, expires_at: lease_expires_at },
    links: linksOf(connection, sync, record_key),
    snapshots: Object.fromEntries(connection.all(SNAPSHOTS, sync, record_key).map((row) => {
      const { system, ...snapshot } = snapshotRow.parse(row);
      return [system, snapshot];
    })),
    intents: has_intents === 1 ? intentsOf(connection, sync, record_key) : [],
    reviews: has_reviews === 1 ? reviewsOf(connection, sync, record_key) : [],
  };
}

export function intentsOf(connection: SqliteConnection, sync: string, record_key: RecordKey): readonly StoredIntent[] {
  return connection.all(INTENTS, sync, record_key).map((row) => intentRow.parse(row));
}

export function linksOf(connection: SqliteConnection, sync: string, record_key: RecordKey): Pair<string> {
  return Object.fromEntries(connection.all(LINKS, sync, record_key).map((row) => {
    const { system, native_id } = linkRow.parse(row);
    return [system, native_id];
  }));
}

export function linkHolder(connection: SqliteConnection, sync: string, system: SystemName, native_id: string): RecordKey | null {
  return keySchema.parse(connection.get(LINK_HOLDER, sync, system, native_id))?.record_key ?? null;
}

/** Another row whose create with this match key is not settled: both would create the same record. */
export function matchKeyHolder(connection: SqliteConnection, sync: string, system: SystemName, match_key: string, except: RecordKey, now: string): RecordKey | null {
  return keySchema.parse(connection.get(MATCH_KEY_HOLDER, sync, system, match_key, except, now))?.record_key ?? null;
}

export function hasCreate(connection: SqliteConnection, sync: string, record_key: RecordKey, fencing_token: number, system: SystemName): boolean {
  return connection.get(CREATE_OF_STAMP, sync, record_key, fencing_token, system) !== undefined;
}

export function insertRow(connection: SqliteConnection, sync: string, record_key: RecordKey): StoredRow {
  connection.run(INSERT_RECORD, sync, record_key);
  return { record_key, version: 0, committed_version: 0, changed_seq: 0, fencing_token: 0, committed_token: 0, lease: null, links: {}, snapshots: {}, intents: [], reviews: [] };
}

/** Rows with what hangs on them. Whoever drops one has made sure that nobody is asked about it. */
export function dropRows(connection: SqliteConnection, sync: string, record_keys: readonly RecordKey[]): void {
  const keys = keyList(record_keys);
  for (const drop of DROP) connection.run(drop, sync, keys);
}

/** For `json_each`. */
export const keyList = (record_keys: readonly RecordKey[]): string => toColumn(record_keys.map((key) => escaped(key)));

export function saveRow(connection: SqliteConnection, sync: string, record_key: RecordKey, numbers: RowNumbers, now: string): void {
  const { version, committed_version, changed_seq, fencing_token, committed_token, lease } = numbers;
  connection.run(UPDATE_RECORD, version, committed_version, changed_seq, fencing_token, committed_token, lease?.run_id ?? null, lease?.expires_at ?? null, sync, record_key, now);
}

export function saveLink(connection: SqliteConnection, sync: string, system: SystemName, native_id: string, record_key: RecordKey): void {
  connection.run(LINK, sync, system, native_id, record_key);
}

export function saveSnapshot(connection: SqliteConnection, sync: string, record_key: RecordKey, system: SystemName, native_id: string | null, snapshot: Snapshot | null, now: string): void {
  if (snapshot === null) connection.run(FORGET_SNAPSHOT, sync, record_key, system);
  else connection.run(SAVE_SNAPSHOT, sync, record_key, system, native_id, snapshot.presence, canonicalJson(snapshot.record), snapshot.fingerprint, snapshot.mapping_fingerprint, now);
}

export function supersedeIntents(connection: SqliteConnection, sync: string, record_key: RecordKey): void {
  connection.run(SUPERSEDE, sync, record_key);
}

export function addIntent(connection: SqliteConnection, sync: string, record_key: RecordKey, fencing_token: number, draft: IntentDraft, run_id: string, may_land_until: string): void {
  connection.run(ADD_INTENT, sync, record_key, fencing_token, draft.system, draft.op, canonicalJson(draft.to), canonicalJson(draft.from), draft.echo_fingerprint,
    draft.idempotency_key, draft.native_id, draft.match_key, toColumn(draft.overrides), toColumn(draft.used), run_id, may_land_until);
}

export function consumeIntent(connection: SqliteConnection, sync: string, record_key: RecordKey, intent: Pick<Intent, 'fencing_token' | 'system'>): void {
  connection.run(CONSUME, sync, record_key, intent.fencing_token, intent.system);
}

export function knownRecords(connection: SqliteConnection, sync: string, most: number): number {
  return numberRow.parse(connection.get(KNOWN, sync, most)).n;
}

export function writesSince(connection: SqliteConnection, sync: string, record_key: RecordKey, since: string): number {
  return numberRow.parse(connection.get(WRITES_SINCE, sync, record_key, since)).n;
}
