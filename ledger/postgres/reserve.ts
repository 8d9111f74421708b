import { z } from 'zod';
import type { RunContext } from '../../core/model';
import { FEW_RECORDS, RECORD_WINDOW_SECONDS, RELEASE_SECONDS, type GuardSettings } from '../../core/policies/guard-settings';
import { guardTests } from '../../core/policies/guards';
import { toColumn } from '../json-column';
import type { ReserveItem, ReserveVerdict } from '../ledger-store';
import type { PostgresConnection } from './driver';
import { holdSchema } from './holds';
import { callForEach, toWire } from './wire';

const RESERVE = 'SELECT answer FROM {schema}.sync_reserve_guarded($1::jsonb, $2::jsonb, $4::jsonb, $3::timestamptz) AS answer';

const verdictSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('Reserved'), record_key: z.string(), fencing_token: z.number(), version: z.number(), lease_expires_at: z.string() }),
  z.object({ kind: z.literal('Recheck'), record_key: z.string(), reason: z.enum(['version', 'lease', 'hint', 'link_claimed', 'match_key_claimed']), claimed_by: z.string().nullable() }),
  z.object({ kind: z.literal('Held'), record_key: z.string(), hold: holdSchema }),
]);

export function reserve(connection: PostgresConnection, run: RunContext, items: readonly ReserveItem[], guards: GuardSettings | undefined, now: Date | null): Promise<readonly ReserveVerdict[]> {
  const wire = items.map((item) => ({
    ...item,
    intents: item.intents.map((intent) => ({ ...intent, to: toColumn(intent.to), from: toColumn(intent.from), overrides: toColumn(intent.overrides), used: toColumn(intent.used) })),
  }));
  return callForEach(connection, RESERVE, run, wire, now, verdictSchema, [toWire(guards === undefined ? null : guardsToWire(guards, items))]);
}

/** What the guards ask of this batch, for `sync_guard`. */
function guardsToWire(guards: GuardSettings, items: readonly ReserveItem[]): unknown {
  return {
    tests: guardTests(guards, items), few: FEW_RECORDS, release_seconds: RELEASE_SECONDS,
    writes_per_record: guards.writes_per_record?.count ?? null, record_window_seconds: RECORD_WINDOW_SECONDS,
  };
}
