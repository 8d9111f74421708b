/**
 * What the users and the weather did, as an observer who sees everything would write it down. The sync never sees it: it is
 * what the laws are judged by.
 */
import { SYSTEMS, type PerSide, type Side } from './scope';

export interface Edit {
  readonly side: Side;
  readonly field: string;
  /** Edits whose values lay under this one when it was made (bit n: edit n): it was made knowing them. */
  readonly ancestors: number;
}

export interface Past {
  /** Edit n stands at n - 1. */
  readonly edits: readonly Edit[];
  /** By side and field, the edit whose value the user of that side set last. */
  readonly last: PerSide<{ readonly [field: string]: number }>;
  /** A user set an old value again: values no longer say who came first. */
  readonly setBack: boolean;
  /** Edits, creates and deletes of users. */
  readonly changes: number;
  readonly writes: number;
  readonly crashes: number;
  readonly expiries: number;
  readonly losses: number;
  readonly timeouts: number;
  readonly decisions: number;
  readonly partials: number;
  /** Edits that lost to a run which had read them (bit n: edit n). */
  readonly judged: number;
  /** Edits that were on a record when a user deleted it, or lay under those. */
  readonly deleted: number;
  /** A user's value fell between our read and our write in a system without conditional writes: nobody can prevent it. */
  readonly inWindow: boolean;
}

export const NO_PAST: Past = {
  edits: [], last: { a: {}, b: {} }, setBack: false, changes: 0, writes: 0, crashes: 0, expiries: 0, losses: 0, timeouts: 0, decisions: 0, partials: 0, judged: 0, deleted: 0, inWindow: false,
};

export const bit = (edit: number): number => 1 << edit;

/** The edit and all that it was made on. Edit 0, the first value, knows nothing. */
export function knownBy(past: Past, edit: number): number {
  return bit(edit) | (past.edits[edit - 1]?.ancestors ?? 0);
}

/** `later` was made on top of `earlier`. */
export function isOnTopOf(past: Past, later: number, earlier: number): boolean {
  return ((past.edits[later - 1]?.ancestors ?? 0) & bit(earlier)) !== 0;
}

export function isFaulty(past: Past): boolean {
  return past.crashes + past.expiries + past.timeouts > 0;
}

/** A user put a new value over `under` (the edit whose value lay there; null on a new record). The new edit's number is the number of edits. */
export function withEdit(past: Past, side: Side, field: string, under: number | null): Past {
  const edits = [...past.edits, { side, field, ancestors: under === null ? 0 : knownBy(past, under) }];
  return { ...withLast(past, side, field, edits.length), edits, changes: past.changes + 1 };
}

/** A user set the value of an earlier edit again. */
export function withSetBack(past: Past, side: Side, field: string, edit: number): Past {
  return { ...withLast(past, side, field, edit), setBack: true, changes: past.changes + 1 };
}

function withLast(past: Past, side: Side, field: string, edit: number): Past {
  return { ...past, last: { ...past.last, [side]: { ...past.last[side], [field]: edit } } };
}

/** The last edits of a field: of its only editor, or of both. */
export function lastEdits(past: Past, field: string): readonly { readonly side: Side; readonly edit: number }[] {
  return SYSTEMS.flatMap((side) => {
    const edit = past.last[side][field];
    return edit === undefined ? [] : [{ side, edit }];
  });
}

/** Whether one of two edits was made knowing the other: then it is simply the later one. */
export function laterOf(past: Past, first: number, second: number): number | null {
  if (isOnTopOf(past, first, second)) return first;
  return isOnTopOf(past, second, first) ? second : null;
}

