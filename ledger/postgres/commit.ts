import { z } from 'zod';
import { isPlainObject } from '../../core/json/json-value';
import type { RunContext, Snapshot } from '../../core/model';
import { reviewSchema, toColumn } from '../json-column';
import type { CommitItem, CommitVerdict } from '../ledger-store';
import type { PostgresConnection } from './driver';
import { issueToWire } from './finish';
import { callForEach } from './wire';

const COMMIT = 'SELECT answer FROM {schema}.sync_commit($1::jsonb, $2::jsonb, $3::timestamptz) AS answer';

const reasonSchema = z.enum(['version', 'lease', 'hint', 'link_claimed', 'match_key_claimed', 'stale', 'newer_hints', 'refused', 'unknown', 'postponed', 'look_again']);
const verdictSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('Committed'), record_key: z.string(), version: z.number(), opened_reviews: z.array(reviewSchema) }),
  z.object({
    kind: z.literal('Recheck'),
    record_key: z.string(),
    reason: reasonSchema,
    claimed_by: z.string().nullable(),
    read: z.array(z.object({ system: z.string(), native_id: z.string() })),
  }),
]);

export function commit(connection: PostgresConnection, run: RunContext, items: readonly CommitItem[], now: Date | null): Promise<readonly CommitVerdict[]> {
  return callForEach(connection, COMMIT, run, items.map(itemToWire), now, verdictSchema);
}

function itemToWire(item: CommitItem): unknown {
  return {
    ...item,
    snapshots: Object.fromEntries(Object.entries(item.snapshots).map(([system, snapshot]) => [system, snapshotToWire(snapshot)])),
    journal: item.journal.map((tuple) => ({
      ...tuple,
      change_set: toColumn(tuple.change_set),
      fields: toColumn(isPlainObject(tuple.change_set) ? Object.keys(tuple.change_set).sort() : []),
    })),
    open_reviews: item.open_reviews.map((draft) => ({ ...draft, fields: toColumn(draft.fields), values: toColumn(draft.values), base: toColumn(draft.base) })),
    overrides: toColumn(item.overrides),
    effect: item.effect === null ? null : toColumn(item.effect),
    issues: item.issues.map(issueToWire),
  };
}

function snapshotToWire(snapshot: Snapshot | null): unknown {
  return snapshot === null ? null : { ...snapshot, record: toColumn(snapshot.record) };
}
