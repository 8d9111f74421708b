/** What a run wrote, and the decisions that put it back (`core/policies/undo.ts`). */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../core/json/canonical-json';
import { recordSchema } from '../../core/json/guards';
import type { CanonicalRecord, Hint, Pair, RecordKey } from '../../core/model';
import { undoSubject, type UndoDraft } from '../../core/policies/undo';
import { effectSchema, jsonColumn, toColumn } from '../json-column';
import type { RunWrites, SyncScope, UndoVerdict } from '../ledger-store';
import type { SqliteConnection } from './driver';
import { noteHint } from './notes';
import { linksOf } from './records';
import { nextNumber } from './sequence';

const COUNTED = `SELECT coalesce(json_extract(counts, '$.write'), 0) AS counted FROM sync_runs WHERE sync = ? AND run_id = ?`;
const EFFECTS = `SELECT h.record_key, h.effect, EXISTS (SELECT 1 FROM sync_reviews v WHERE v.sync = h.sync AND v.record_key = h.record_key AND v.subject = ?3) AS waiting
  FROM sync_history h WHERE h.sync = ?1 AND h.run_id = ?2 AND h.effect IS NOT NULL
  AND h.seq = (SELECT max(n.seq) FROM sync_history n WHERE n.sync = h.sync AND n.record_key = h.record_key AND n.run_id = h.run_id AND n.effect IS NOT NULL) ORDER BY h.record_key`;
const HELD = `SELECT system, record FROM sync_snapshots WHERE sync = ? AND record_key = ? AND presence = 'present'`;
const LEAVE = `INSERT INTO sync_reviews (id, seq, sync, record_key, kind, subject, fields, reason, "values", base, status, decision, source_system, source_native_id, opened_at, decided_at)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'decided', ?11, ?12, ?13, ?14, ?14 WHERE EXISTS (SELECT 1 FROM sync_records WHERE sync = ?3 AND record_key = ?4)
  ON CONFLICT (sync, record_key, subject) DO NOTHING`;

const countedRow = z.object({ counted: z.number() }).optional();
const effectRow = z.object({ record_key: z.string(), effect: jsonColumn(effectSchema), waiting: z.number().transform((flag) => flag !== 0) });
const heldRow = z.object({ system: z.string(), record: jsonColumn(recordSchema) });

export function writesOf(connection: SqliteConnection, { sync }: SyncScope, run_id: string): RunWrites {
  const records = connection.all(EFFECTS, sync, run_id, undoSubject(run_id)).map((row) => effectRow.parse(row));
  return {
    counted: countedRow.parse(connection.get(COUNTED, sync, run_id))?.counted ?? null,
    records: records.map((record) => ({ ...record, holds: heldBy(connection, sync, record.record_key) })),
  };
}

function heldBy(connection: SqliteConnection, sync: string, record_key: RecordKey): Pair<CanonicalRecord> {
  return Object.fromEntries(connection.all(HELD, sync, record_key).map((row) => heldRow.parse(row)).map(({ system, record }) => [system, record]));
}

export function undo(connection: SqliteConnection, scope: SyncScope, drafts: readonly UndoDraft[], now: string): readonly UndoVerdict[] {
  return drafts.map((draft) => leave(connection, scope, draft, now));
}

function leave(connection: SqliteConnection, { sync, source }: SyncScope, draft: UndoDraft, now: string): UndoVerdict {
  const { record_key } = draft;
  const links = linksOf(connection, sync, record_key);
  const asked = connection.run(LEAVE, randomUUID(), nextNumber(connection), sync, record_key, draft.kind, draft.subject, toColumn(draft.fields), draft.reason,
    canonicalJson(draft.values), canonicalJson(draft.base), toColumn(draft.decision), source, links[source] ?? null, now) > 0;
  const read = asked ? Object.entries(links).map(([system, native_id]): Hint => ({ system, native_id })).sort((a, b) => (a.system < b.system ? -1 : 1)) : [];
  for (const hint of read) noteHint(connection, sync, hint, record_key);
  return { record_key, asked, read };
}
