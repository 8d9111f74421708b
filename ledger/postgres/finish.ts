import type { RunContext } from '../../core/model';
import { toColumn } from '../json-column';
import type { FinishItem, IssueDraft } from '../ledger-store';
import type { PostgresConnection } from './driver';
import { toWire } from './wire';

const FINISH = 'SELECT {schema}.sync_finish($1::jsonb, $2::jsonb, $3::timestamptz)';

export async function finish(connection: PostgresConnection, run: RunContext, items: readonly FinishItem[], now: Date | null): Promise<void> {
  const wire = items.map((item) => ({ ...item, issues: item.issues.map(issueToWire) }));
  await connection.rows(FINISH, [toWire(run), toWire(wire), now]);
}

export function issueToWire(issue: IssueDraft): unknown {
  return { ...issue, reasons: toColumn(issue.reasons) };
}
