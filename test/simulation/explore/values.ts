/**
 * Every user's edit puts a value of its own: `v1`, `v2`, …; `v0` is what the record held at first. So a value says where it
 * comes from, in whatever form a system keeps it (` v1 `, `V1`).
 */
import type { JsonValue } from '../../../core/model';

const FORM = /^\s*v(\d+)\s*$/iu;

export function textOf(edit: number): string {
  return `v${edit}`;
}

/** The edit that made this value; null for what is not a value of the explored fields. */
export function editOf(value: JsonValue | undefined): number | null {
  const found = typeof value === 'string' ? FORM.exec(value) : null;
  return found?.[1] === undefined ? null : Number(found[1]);
}
