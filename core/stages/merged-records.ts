import { canonicalRecord } from '../json/canonical-record';
import type { LedgerRow, Observation } from '../model';

interface Sides {
  readonly source: Observation;
  readonly target: Observation;
}

/**
 * A system that merged two of its records answers for the losing id with the record that won. To the row that is linked to the
 * losing id this is not its record, and no deletion either: its partner on the other side still stands for somebody. A person is
 * told, until the partner is merged or deleted too; then the row is at its end.
 */
export function withoutMerged(row: LedgerRow | null, { source, target }: Sides): Sides {
  const [sourceLost, targetLost] = [lost(row, source), lost(row, target)];
  const over = (other: Observation, otherLost: boolean): boolean => otherLost || other.presence === 'gone';
  return {
    source: sourceLost ? inItsPlace(source, over(target, targetLost)) : source,
    target: targetLost ? inItsPlace(target, over(source, sourceLost)) : target,
  };
}

/** Other ids in an answer are only another spelling, as long as no row is linked to the one that was asked for. */
function lost(row: LedgerRow | null, side: Observation): boolean {
  return side.presence === 'present' && side.merged_id !== undefined && side.merged_id === row?.links[side.system];
}

function inItsPlace(side: Observation, over: boolean): Observation {
  return {
    ...side, presence: over ? 'gone' : 'ambiguous', native_id: side.merged_id ?? null, record: canonicalRecord([]), fingerprint: null, match_key: null,
    etag: null, stamp: null, updated_at: null, candidates: over || side.native_id === null ? [] : [side.native_id],
  };
}
