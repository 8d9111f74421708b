/** What may be called what. Names and ids are keys of the ledger's tables, and no index holds a text of any length. */

/** In UTF-16 units; the longest id of a known business system has 255. */
export const LONGEST_ID = 512;
const LONGEST_NAME = 64;

/** NUL, half a surrogate pair: no system can be asked for a record that is called so. */
const UNASKABLE = /[\p{Surrogate}\0]/u;
const CONTROL = /[\p{Cc}\p{Surrogate}]/u;

/** Why no record can be called that; null when it can. */
export function idProblem(id: string): string | null {
  if (id.length > LONGEST_ID) return `has ${id.length} characters; an id has at most ${LONGEST_ID}`;
  return UNASKABLE.test(id) ? 'holds a character that no id has (NUL or half of a pair)' : null;
}

/** Why a sync, a system or a record type cannot be called that; null when it can. */
export function nameProblem(name: string): string | null {
  if (name.length > LONGEST_NAME) return `has ${name.length} characters; at most ${LONGEST_NAME} can be kept`;
  if (CONTROL.test(name)) return 'holds a control character';
  // Names are keys of plain objects on their way through n8n, where `constructor` is always there.
  return name in {} ? 'is a word that JavaScript keeps for itself' : null;
}

/** `a-to-b` and `c` would be one direction with `a` and `b-to-c`. */
export function systemNameProblem(name: string): string | null {
  return nameProblem(name) ?? (name.includes('-to-') ? 'holds "-to-", which separates the two systems in a direction' : null);
}
