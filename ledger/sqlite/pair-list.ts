/** A batch as one parameter: pairs of a system and an id (or a key) of its. */
import type { Hint, SystemName } from '../../core/model';
import { escaped } from '../odd-text';

/**
 * The pairs of parameter 2 in the order of their keys: neighbours lie on the same pages of a large table, and each page is looked for once.
 * `place` is a pair's in the list. With a limit, since SQLite drops the order of what it joins.
 */
export const PAIRS = `(SELECT key AS place, value ->> 0 AS system, value ->> 1 AS id FROM json_each(?2) ORDER BY system, id LIMIT -1)`;

export const pairList = (pairs: readonly (readonly [SystemName, string])[]): string => JSON.stringify(pairs.map(([system, id]) => [escaped(system), escaped(id)]));
export const hintList = (hints: readonly Hint[]): string => pairList(hints.map(({ system, native_id }) => [system, native_id]));
