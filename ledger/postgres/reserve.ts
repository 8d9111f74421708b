import { z } from 'zod';
import type { RunContext } from '../../core/model';
import { toColumn } from '../json-column';
import type { ReserveItem, ReserveVerdict } from '../ledger-store';
import type { PostgresConnection } from './driver';
import { callForEach } from './wire';

const RESERVE = 'SELECT answer FROM {schema}.sync_reserve($1::jsonb, $2::jsonb, $3::timestamptz) AS answer';

const verdictSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('Reserved'), record_key: z.string(), fencing_token: z.number(), version: z.number(), lease_expires_at: z.string() }),
  z.object({ kind: z.literal('Recheck'), record_key: z.string(), reason: z.enum(['version', 'lease', 'hint', 'link_claimed', 'match_key_claimed']), claimed_by: z.string().nullable() }),
]);

export function reserve(connection: PostgresConnection, run: RunContext, items: readonly ReserveItem[], now: Date | null): Promise<readonly ReserveVerdict[]> {
  const wire = items.map((item) => ({
    ...item,
    intents: item.intents.map((intent) => ({ ...intent, to: toColumn(intent.to), from: toColumn(intent.from), overrides: toColumn(intent.overrides), used: toColumn(intent.used) })),
  }));
  return callForEach(connection, RESERVE, run, wire, now, verdictSchema);
}
