/** What is asked of a whole batch in one statement: a query per record would cost Check and Start most of their time. */
import { z } from 'zod';
import type { Hint, SystemName } from '../../core/model';
import type { HeldRow } from '../../core/stages/ledger-check';
import type { NotedHint } from '../ledger-store';
import type { HeadAsked } from '../steps/step';
import type { SqliteConnection } from './driver';
import { hintList, pairList, PAIRS } from './pair-list';
import { intentsOf } from './records';

// CROSS JOIN: the batch is gone through, and each of its rows found by its key. The planner knows no size of a list.
// The source's own are read as they are: only the target's are looked up a second time.
const LINKED = `SELECT e.place, l.record_key, o.native_id AS source_id FROM ${PAIRS} e
  CROSS JOIN sync_links l ON l.sync = ?1 AND l.system = e.system AND l.native_id = e.id
  LEFT JOIN sync_links o ON e.system <> ?3 AND o.sync = l.sync AND o.record_key = l.record_key AND o.system = ?3`;
const HEAD = `e.place, e.system, r.record_key, r.version, r.changed_seq, r.fencing_token, r.lease_run, r.lease_expires_at, l.native_id, s.presence, s.fingerprint, s.mapping_fingerprint,
  EXISTS (SELECT 1 FROM sync_intents i WHERE i.sync = r.sync AND i.record_key = r.record_key) AS has_intents,
  EXISTS (SELECT 1 FROM sync_reviews v WHERE v.sync = r.sync AND v.record_key = r.record_key AND v.status = 'decided') AS is_decided`;
const SEEN = `LEFT JOIN sync_snapshots s ON s.sync = r.sync AND s.record_key = r.record_key AND s.system = e.system`;
const HEADS = `SELECT ${HEAD} FROM ${PAIRS} e CROSS JOIN sync_records r ON r.sync = ?1 AND r.record_key = e.id
  LEFT JOIN sync_links l ON l.sync = r.sync AND l.record_key = r.record_key AND l.system = e.system ${SEEN}`;
const LINKED_HEADS = `SELECT ${HEAD} FROM ${PAIRS} e CROSS JOIN sync_links l ON l.sync = ?1 AND l.system = e.system AND l.native_id = e.id
  CROSS JOIN sync_records r ON r.sync = l.sync AND r.record_key = l.record_key ${SEEN}`;

const linkedRows = z.array(z.object({ place: z.number(), record_key: z.string(), source_id: z.string().nullable() }));
const headRow = z.object({
  place: z.number(),
  system: z.string(),
  record_key: z.string(),
  version: z.number(),
  changed_seq: z.number(),
  fencing_token: z.number(),
  lease_run: z.string().nullable(),
  lease_expires_at: z.string().nullable(),
  native_id: z.string().nullable(),
  presence: z.enum(['present', 'gone']).nullable(),
  fingerprint: z.string().nullable(),
  mapping_fingerprint: z.string().nullable(),
  // 0 or 1. As numbers: zod reads a shape without transformations several times as fast.
  has_intents: z.number(),
  is_decided: z.number(),
});
// A list at once: to begin anew for each row would cost as much as reading it.
const headRows = z.array(headRow);

/** What the ledger says of the records that hints are about, to a run of this source. */
export function notedHints(connection: SqliteConnection, sync: string, source: SystemName, hints: readonly Hint[]): readonly NotedHint[] {
  const found = new Map(linkedRows.parse(connection.all(LINKED, sync, hintList(hints), source)).map((linked) => [linked.place, linked]));
  return hints.map((hint, place): NotedHint => {
    const linked = found.get(place);
    return { ...hint, record_key: linked?.record_key ?? null, source_id: hint.system === source ? hint.native_id : linked?.source_id ?? null };
  });
}

export function heads(connection: SqliteConnection, sync: string, asked: readonly HeadAsked[]): readonly (HeldRow | null)[] {
  return headsBy(connection, HEADS, sync, pairList(asked.map(({ system, record_key }) => [system, record_key])), asked.length);
}

export function linkedHeads(connection: SqliteConnection, sync: string, hints: readonly Hint[]): readonly (HeldRow | null)[] {
  return headsBy(connection, LINKED_HEADS, sync, hintList(hints), hints.length);
}

function headsBy(connection: SqliteConnection, sql: string, sync: string, list: string, count: number): readonly (HeldRow | null)[] {
  if (count === 0) return [];
  const rows = Array.from({ length: count }, (): HeldRow | null => null);
  for (const head of headRows.parse(connection.all(sql, sync, list))) rows[head.place] = heldRow(connection, sync, head);
  return rows;
}

function heldRow(connection: SqliteConnection, sync: string, head: z.infer<typeof headRow>): HeldRow {
  const { system, record_key, version, changed_seq, fencing_token, lease_run, lease_expires_at, native_id, presence, fingerprint, mapping_fingerprint } = head;
  return {
    record_key, version, changed_seq, fencing_token,
    lease: lease_run === null || lease_expires_at === null ? null : { run_id: lease_run, expires_at: lease_expires_at },
    links: { [system]: native_id },
    snapshots: { [system]: presence === null || mapping_fingerprint === null ? null : { presence, fingerprint, mapping_fingerprint } },
    intents: head.has_intents === 1 ? intentsOf(connection, sync, record_key) : [],
    reviews: head.is_decided === 1 ? [{ status: 'decided' }] : [],
  };
}
