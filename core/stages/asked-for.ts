import type { Hint, LedgerRow, Observation, SystemName } from '../model';
import type { Asked } from './read-response';

/** What an item says about the read that was made for it. */
export interface AskingItem {
  readonly hint: Hint | null;
  /** Diff Engine's question to the target's reader. */
  readonly read_request: Asked | null;
  readonly row: LedgerRow | null;
  readonly source: Observation | null;
  readonly target: Observation | null;
}

/**
 * Which record of `system` was asked for: the hinted one, else the one Diff Engine wants, else the linked one, else whatever has
 * the other side's match key. Without this, a 404 could not be told from an answer to another question.
 */
export function askedFor(system: SystemName, item: AskingItem): Asked {
  if (item.hint?.system === system) return { native_id: item.hint.native_id, match_key: null };
  if (item.read_request !== null) return item.read_request;
  const other = [item.source, item.target].find((side) => side !== null && side.system !== system);
  const linked = item.row?.links[system] ?? null;
  return { native_id: linked, match_key: linked === null ? other?.match_key ?? null : null };
}
