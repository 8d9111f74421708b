import { z } from 'zod';
import type { Hint, RunContext } from '../../../core/model';
import { SyncError } from '../../../core/sync-error';
import type { FinishItem } from '../../../ledger/ledger-store';
import { hasFailed, hintIfAny, recordKeyOf, runOf, sideIfAny, verdictOf, type IncomingJson } from '../../shared/envelope';

export interface FinishingItem {
  readonly run: RunContext;
  readonly item: FinishItem;
  /** Commit stored the issue of a rejected write already. */
  readonly reported: boolean;
}

const reasonShape = z.union([
  z.string(),
  z.object({ field: z.string().optional(), reason: z.string() }).transform(({ field, reason }) => (field === undefined ? reason : `${field}: ${reason}`)),
]);

const rejectedShape = z.object({
  code: z.string().min(1).default('rejected_record'),
  reasons: z.array(reasonShape).min(1),
  system: z.string().min(1).optional(),
  native_id: z.string().min(1).nullish(),
  retryable: z.boolean().default(false),
  reported: z.boolean().default(false),
});
type Rejected = z.infer<typeof rejectedShape>;

function rejectedOf(json: IncomingJson, reason: string | null): Rejected | null {
  const { rejected } = json;
  if (rejected === undefined || rejected === null) {
    // Why a step outside this package failed is no verdict about the record: its note stays, and it is tried again.
    return reason === null ? null : { code: 'failed_step', reasons: [reason], retryable: true, reported: false };
  }
  const parsed = rejectedShape.safeParse(rejected);
  if (!parsed.success) throw new SyncError('bad_item', '`rejected` is not as the nodes of this package make it.', 'It holds { code, reasons: [text], retryable }.');
  return parsed.data;
}

/** The end of a run for a record that needs no Commit. */
export function finishingItemOf(json: IncomingJson, reason: string | null = null): FinishingItem {
  const run = runOf(json);
  const rejected = rejectedOf(json, reason);
  const record_key = recordKeyOf(json);
  if (rejected === null) {
    const outcome = verdictOf(json)?.kind === 'Echo' ? 'echo' : 'unchanged';
    return { run, reported: false, item: { record_key, hints: readHints(json), outcome, issues: [] } };
  }
  const [about] = readHints(json);
  const { code, reasons, retryable, reported } = rejected;
  const system = rejected.system ?? about?.system ?? run.source;
  const native_id = rejected.native_id ?? (about?.system === system ? about.native_id : null);
  // What may succeed later keeps its note, so that a sweep takes it up.
  const hints = retryable || hasFailed(json) ? [] : readHints(json);
  return { run, reported, item: { record_key, hints, outcome: retryable ? 'issue' : 'rejected', issues: [{ record_key, system, native_id, code, reasons }] } };
}

/** The records that were read for this item: only their notes may be ended. A side nobody read keeps its note. */
function readHints(json: IncomingJson): readonly Hint[] {
  const sides = (['source', 'target'] as const).flatMap((side): Hint[] => {
    const observation = sideIfAny(json, side);
    return observation === null || observation.native_id === null ? [] : [{ system: observation.system, native_id: observation.native_id }];
  });
  const hint = hintIfAny(json);
  return sides.length > 0 || hint === null ? sides : [hint];
}
