import { z } from 'zod';
import { jsonColumn, textsSchema } from '../json-column';
import type { Issue, SyncScope } from '../ledger-store';
import type { PostgresConnection } from './driver';
import { parsedRows, textToWire } from './wire';

const NEWEST = `SELECT id, record_key, system, native_id, code, reasons, {schema}.sync_iso(opened_at) AS opened_at, seen FROM {schema}.sync_issues WHERE sync = $1 ORDER BY seq DESC LIMIT $2`;

const issueRow = z.object({
  id: z.string(),
  record_key: z.string().nullable(),
  system: z.string(),
  // Empty stands for "none": null would make every such issue a new one in the unique index.
  native_id: z.string().transform((id) => (id === '' ? null : id)),
  code: z.string(),
  reasons: jsonColumn(textsSchema),
  opened_at: z.string(),
  seen: z.number(),
});

export function newestIssues(connection: PostgresConnection, scope: SyncScope, limit: number): Promise<readonly Issue[]> {
  return parsedRows(connection, NEWEST, [textToWire(scope.sync), limit], issueRow);
}
