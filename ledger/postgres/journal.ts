import { z } from 'zod';
import type { RecordKey } from '../../core/model';
import { jsonSchema } from '../../core/json/guards';
import { jsonColumn, overridesSchema, textsSchema } from '../json-column';
import type { RecordHistory, SyncScope } from '../ledger-store';
import type { PostgresConnection } from './driver';
import { parsedRows, textToWire } from './wire';

const HISTORY = `SELECT direction, field_hash, fields, {schema}.sync_iso(at) AS at, run_id, cause, change_set, overrides FROM {schema}.sync_history WHERE sync = $1 AND record_key = $2 ORDER BY seq DESC LIMIT $3`;

const historyRow = z.object({
  direction: z.string(),
  field_hash: z.string(),
  fields: jsonColumn(textsSchema),
  at: z.string(),
  run_id: z.string(),
  cause: z.string(),
  change_set: jsonColumn(jsonSchema),
  overrides: jsonColumn(overridesSchema),
});

export async function historyOf(connection: PostgresConnection, scope: SyncScope, record_key: RecordKey, limit: number): Promise<RecordHistory> {
  return { entries: await parsedRows(connection, HISTORY, [textToWire(scope.sync), textToWire(record_key), limit], historyRow) };
}
