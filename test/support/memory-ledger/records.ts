import type { Intent, Pair, RecordKey, Snapshot, SystemName } from '../../../core/model';
import { overridesSchema } from '../../../ledger/json-column';
import type { IntentDraft } from '../../../ledger/ledger-store';
import type { RowNumbers } from '../../../ledger/steps/step';
import { keptJson, keptRecord, keptSnapshot } from './kept';
import { keyOf, type StoredRow } from './state';
import type { Tables } from './tables';

export function loadRow(tables: Tables, sync: string, record_key: RecordKey): StoredRow | null {
  return tables.records.get(keyOf(sync, record_key)) ?? null;
}

export function linksOf(tables: Tables, sync: string, record_key: RecordKey): Pair<string> {
  return loadRow(tables, sync, record_key)?.links ?? {};
}

export function linkHolder(tables: Tables, sync: string, system: SystemName, native_id: string): RecordKey | null {
  return tables.links.get(keyOf(sync, system, native_id)) ?? null;
}

/** Another row whose create with this match key is not settled: both would create the same record. */
export function matchKeyHolder(tables: Tables, sync: string, system: SystemName, match_key: string, except: RecordKey, now: string): RecordKey | null {
  const holders = Object.values(tables.records.rows).filter((row) => row.sync === sync && row.record_key !== except
    && row.intents.some((intent) => intent.system === system && intent.match_key === match_key && intent.op === 'create' && (!intent.superseded || intent.may_land_until > now)));
  return holders.map((row) => row.record_key).sort()[0] ?? null;
}

export function hasCreate(tables: Tables, sync: string, record_key: RecordKey, fencing_token: number, system: SystemName): boolean {
  return loadRow(tables, sync, record_key)?.intents.some((intent) => intent.fencing_token === fencing_token && intent.system === system && intent.op === 'create') ?? false;
}

export function insertRow(tables: Tables, sync: string, record_key: RecordKey): StoredRow {
  const row: StoredRow = {
    sync, record_key, version: 0, committed_version: 0, changed_seq: 0, fencing_token: 0, committed_token: 0, lease: null, tombstone_at: null, links: {}, snapshots: {}, intents: [], reviews: [],
  };
  tables.records.put(keyOf(sync, record_key), row);
  return row;
}

export function dropRow(tables: Tables, sync: string, record_key: RecordKey): void {
  for (const [system, native_id] of Object.entries(linksOf(tables, sync, record_key))) tables.links.remove(keyOf(sync, system, native_id));
  for (const [key, issue] of Object.entries(tables.issues.rows)) if (issue.sync === sync && issue.record_key === record_key) tables.issues.remove(key);
  tables.records.remove(keyOf(sync, record_key));
}

export function changeRow(tables: Tables, sync: string, record_key: RecordKey, change: Partial<StoredRow>): void {
  const row = loadRow(tables, sync, record_key);
  if (row !== null) tables.records.put(keyOf(sync, record_key), { ...row, ...change });
}

export function saveRow(tables: Tables, sync: string, record_key: RecordKey, numbers: RowNumbers, now: string): void {
  const row = loadRow(tables, sync, record_key);
  const snapshots = Object.values(row?.snapshots ?? {});
  const gone = snapshots.length > 0 && snapshots.every((snapshot) => snapshot.presence === 'gone');
  changeRow(tables, sync, record_key, { ...numbers, tombstone_at: gone ? (row?.tombstone_at ?? now) : null });
}

/** A native id that belongs to a row stays with it. */
export function saveLink(tables: Tables, sync: string, system: SystemName, native_id: string, record_key: RecordKey): void {
  if (linkHolder(tables, sync, system, native_id) !== null) return;
  const links = linksOf(tables, sync, record_key);
  const former = links[system];
  if (former !== undefined) tables.links.remove(keyOf(sync, system, former));
  tables.links.put(keyOf(sync, system, native_id), record_key);
  changeRow(tables, sync, record_key, { links: bySystem({ ...links, [system]: native_id }) });
}

/** Null forgets: the system counts as never observed. */
export function saveSnapshot(tables: Tables, sync: string, record_key: RecordKey, system: SystemName, snapshot: Snapshot | null): void {
  const others = Object.entries(loadRow(tables, sync, record_key)?.snapshots ?? {}).filter(([name]) => name !== system);
  changeRow(tables, sync, record_key, { snapshots: bySystem(Object.fromEntries(snapshot === null ? others : [...others, [system, keptSnapshot(snapshot)]])) });
}

/** Kept, never overwritten: a late write of theirs must be recognized when it lands. */
export function supersedeIntents(tables: Tables, sync: string, record_key: RecordKey): void {
  const row = loadRow(tables, sync, record_key);
  if (row?.intents.some((intent) => !intent.superseded) !== true) return;
  changeRow(tables, sync, record_key, { intents: row.intents.map((intent) => (intent.superseded ? intent : { ...intent, superseded: true })) });
}

export function addIntent(tables: Tables, sync: string, record_key: RecordKey, fencing_token: number, draft: IntentDraft, may_land_until: string): void {
  const { system, op, echo_fingerprint, idempotency_key, native_id, match_key } = draft;
  const intent = {
    fencing_token, system, op, to: keptRecord(draft.to), from: keptRecord(draft.from), echo_fingerprint, idempotency_key, native_id, match_key, overrides: overridesSchema.parse(keptJson(draft.overrides)), used: [...draft.used], superseded: false, may_land_until,
  };
  const intents = [...(loadRow(tables, sync, record_key)?.intents ?? []), intent];
  changeRow(tables, sync, record_key, { intents: intents.sort((a, b) => b.fencing_token - a.fencing_token || (a.system < b.system ? -1 : 1)) });
}

export function consumeIntent(tables: Tables, sync: string, record_key: RecordKey, { fencing_token, system }: Pick<Intent, 'fencing_token' | 'system'>): void {
  const intents = loadRow(tables, sync, record_key)?.intents ?? [];
  changeRow(tables, sync, record_key, { intents: intents.filter((intent) => intent.fencing_token !== fencing_token || intent.system !== system) });
}

export function knownRecords(tables: Tables, sync: string, most: number): number {
  return Math.min(most, Object.values(tables.records.rows).filter((row) => row.sync === sync && row.tombstone_at === null).length);
}

/** A commit that only observed has no fields; an intent that nobody settled may have been written all the same. */
export function writesSince(tables: Tables, sync: string, record_key: RecordKey, since: string): number {
  const committed = (tables.history.get(keyOf(sync, record_key)) ?? []).filter((line) => line.at > since && line.fields.length > 0);
  return committed.length + (loadRow(tables, sync, record_key)?.intents ?? []).filter((intent) => intent.may_land_until > since).length;
}

function bySystem<T>(pair: Pair<T>): Pair<T> {
  return Object.fromEntries(Object.entries(pair).sort(([a], [b]) => (a < b ? -1 : 1)));
}
