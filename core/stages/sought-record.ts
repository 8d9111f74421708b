import { fieldOf } from '../json/canonical-record';
import type { Intent, LedgerRow, Observation, SystemName } from '../model';
import { linkedId } from '../policies/review-decisions';

/** What a reader is asked for: a record by its id, else by its match key. */
export interface SoughtRecord {
  readonly native_id: string | null;
  readonly match_key: string | null;
}

/**
 * The record of `system` that belongs to `other`: the linked one, else the one with its match key. Only a record that exists is
 * searched for [L7]: by the key of one that is gone, somebody else's would be found.
 *
 * While a create is open the link may still name the deleted record that the create is to replace. What it made is searched for
 * by the key it was sent with, or the create is repeated and makes a second one [L5].
 */
export function soughtRecord(row: LedgerRow | null, system: SystemName, other: Observation): SoughtRecord {
  const match_key = other.presence === 'present' ? other.match_key : null;
  const created = other.presence === 'present' ? openCreate(row, system)?.match_key ?? null : null;
  return created === null ? { native_id: linkedId(row, system), match_key } : { native_id: null, match_key: created };
}

/** Superseded, it counts as long as the row knows of no living record there (then the link was read since) or a person is asked which of several there is meant. */
function openCreate(row: LedgerRow | null, system: SystemName): Intent | null {
  // There, and not in the other system: both directions would search, and each put its own question in the place of the other's, for ever.
  const isAsked = row?.reviews.some(({ kind, status, values }) => kind === 'ambiguous' && status === 'open' && fieldOf(values[system] ?? {}, 'candidates') !== undefined) === true;
  const isAlive = !isAsked && row?.snapshots[system]?.presence === 'present';
  return row?.intents.find((intent) => intent.op === 'create' && intent.system === system && !(intent.superseded && isAlive)) ?? null;
}

/** Whether the link says less than a search does. */
export function mustBeSearched(row: LedgerRow | null, system: SystemName, other: Observation): boolean {
  const { native_id, match_key } = soughtRecord(row, system, other);
  return native_id === null && match_key !== null;
}
