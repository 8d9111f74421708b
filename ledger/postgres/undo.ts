/** What a run wrote, and the decisions that put it back (`core/policies/undo.ts`). */
import { z } from 'zod';
import { recordSchema, pairSchema } from '../../core/json/guards';
import { undoSubject, type UndoDraft } from '../../core/policies/undo';
import { effectSchema, jsonColumn, toColumn } from '../json-column';
import type { RunWrites, SyncScope, UndoVerdict } from '../ledger-store';
import type { PostgresConnection } from './driver';
import { callOnce, parsedRows, textToWire, toWire } from './wire';

// One statement, so that the snapshots are those of one moment.
const WRITES = `SELECT jsonb_build_object(
    'counted', (SELECT coalesce((r.counts->>'write')::bigint, 0) FROM {schema}.sync_runs r WHERE r.sync = $1 AND r.run_id = $2),
    'records', (SELECT coalesce(jsonb_agg(jsonb_build_object('record_key', h.record_key, 'effect', h.effect,
        'waiting', EXISTS (SELECT 1 FROM {schema}.sync_reviews v WHERE v.sync = $1 AND v.record_key = h.record_key AND v.subject = $3),
        'holds', (SELECT coalesce(jsonb_object_agg(s.system, s.record), '{}') FROM {schema}.sync_snapshots s WHERE s.sync = $1 AND s.record_key = h.record_key AND s.presence = 'present')
      ) ORDER BY h.record_key COLLATE "C"), '[]') FROM (
      SELECT DISTINCT ON (record_key) record_key, effect FROM {schema}.sync_history WHERE sync = $1 AND run_id = $2 AND effect IS NOT NULL ORDER BY record_key, seq DESC) AS h)) AS answer`;
const UNDO = 'SELECT answer FROM {schema}.sync_undo($1::jsonb, $2::jsonb, $3::timestamptz) AS answer';

const writesSchema = z.object({
  counted: z.number().nullable(),
  records: z.array(z.object({ record_key: z.string(), effect: jsonColumn(effectSchema), waiting: z.boolean(), holds: pairSchema(jsonColumn(recordSchema)) })),
});
const verdictRow = z.object({ answer: z.object({ record_key: z.string(), asked: z.boolean(), read: z.array(z.object({ system: z.string(), native_id: z.string() })) }) });

export function writesOf(connection: PostgresConnection, { sync }: SyncScope, run_id: string): Promise<RunWrites> {
  return callOnce(connection, WRITES, [textToWire(sync), textToWire(run_id), textToWire(undoSubject(run_id))], writesSchema);
}

export async function undo(connection: PostgresConnection, scope: SyncScope, drafts: readonly UndoDraft[], now: Date | null): Promise<readonly UndoVerdict[]> {
  const rows = await parsedRows(connection, UNDO, [toWire(scope), toWire(drafts.map(draftToWire)), now], verdictRow);
  return rows.map(({ answer }) => answer);
}

function draftToWire(draft: UndoDraft): unknown {
  return { ...draft, fields: toColumn(draft.fields), values: toColumn(draft.values), base: toColumn(draft.base), decision: toColumn(draft.decision) };
}
