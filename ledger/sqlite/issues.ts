import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Hint } from '../../core/model';
import { jsonColumn, textsSchema, toColumn } from '../json-column';
import type { Issue, IssueDraft, SyncScope } from '../ledger-store';
import { escaped } from '../odd-text';
import type { SqliteConnection } from './driver';
import { nextNumber } from './sequence';
import type { Step } from './step';

const OPEN = `INSERT INTO sync_issues (id, seq, sync, record_key, system, native_id, code, reasons, opened_at, seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`;
const REASONS = `SELECT reasons FROM sync_issues WHERE sync = ? AND system = ? AND native_id = ? AND code = ?`;
const AGAIN = `UPDATE sync_issues SET reasons = ?, record_key = coalesce(?, record_key), seen = seen + 1 WHERE sync = ? AND system = ? AND native_id = ? AND code = ?`;
const CLOSE = `DELETE FROM sync_issues WHERE sync = ?1 AND (system, native_id, code) IN (SELECT e.value ->> 0, e.value ->> 1, e.value ->> 2 FROM json_each(?2) e)`;
const NEWEST = `SELECT id, record_key, system, native_id, code, reasons, opened_at, seen FROM sync_issues WHERE sync = ? ORDER BY seq DESC LIMIT ?`;

const reasonsRow = z.object({ reasons: z.string() });
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

/** The same issue with the same reasons leaves the ledger as it is (law 10). */
export function openIssues({ connection, run, now }: Step, drafts: readonly IssueDraft[]): void {
  for (const draft of drafts) {
    const reasons = toColumn(draft.reasons);
    const where = [run.sync, draft.system, draft.native_id ?? '', draft.code] as const;
    const present = connection.get(REASONS, ...where);
    if (present === undefined) {
      connection.run(OPEN, randomUUID(), nextNumber(connection), run.sync, draft.record_key, draft.system, draft.native_id ?? '', draft.code, reasons, now);
    } else if (reasonsRow.parse(present).reasons !== reasons) {
      connection.run(AGAIN, reasons, draft.record_key, ...where);
    }
  }
}

/** What has gone through by now is no issue any more, unless this very step says it again. */
export function closeIssues({ connection, run }: Step, hints: readonly Hint[], codes: readonly string[], except: readonly IssueDraft[]): void {
  const isSaid = ({ system, native_id }: Hint, code: string): boolean => except.some((draft) => draft.code === code && draft.system === system && draft.native_id === native_id);
  const over = codes.flatMap((code) => hints.filter((hint) => !isSaid(hint, code)).map(({ system, native_id }) => [escaped(system), escaped(native_id), code]));
  if (over.length > 0) connection.run(CLOSE, run.sync, JSON.stringify(over));
}

export function newestIssues(connection: SqliteConnection, scope: SyncScope, limit: number): readonly Issue[] {
  return connection.all(NEWEST, scope.sync, limit).map((row) => issueRow.parse(row));
}
