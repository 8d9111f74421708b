/**
 * Undo of a run: only where the current value is still the one we wrote. It adds no second way to write. For each record it leaves a
 * decision already made ("each system gets back what it held before, if both still hold what the run left there"), which a run then
 * carries out as it carries out a person's answer: read, planned, reserved, written and committed like any other change.
 */
import { fieldOf, pickFields, sameValue } from '../json/canonical-record';
import type { UndoObstacle, WriteEffect } from '../ledger-request';
import type { CanonicalRecord, JsonValue, Observation, Pair, RecordKey, ReviewItem, SystemName } from '../model';
import { assertNever } from '../sync-error';

/** What a run did to one record, and what the ledger knows of it by now. */
export interface WrittenRecord {
  readonly record_key: RecordKey;
  readonly effect: WriteEffect;
  /** What each system is remembered to hold; a system that is not known to have the record is left out. */
  readonly holds: Pair<CanonicalRecord>;
  /** An undo of this run was asked for already and not carried out yet. */
  readonly waiting: boolean;
}

/** `asked`: as the run left it, so its undo is left to the next run. `changed`: somebody has changed it since. */
export type UndoState = 'asked' | 'waiting' | 'undone' | 'changed' | UndoObstacle;

/** Where the ledger's own knowledge already says no, nothing is asked; where it says yes, the systems are asked before anything is written. */
export function decideUndo({ effect, holds, waiting }: WrittenRecord): ReadonlyMap<string, UndoState> {
  const { before, after, obstacles } = effect;
  const fields = Object.keys(Object.values(before)[0] ?? {});
  return new Map([...fields.map((field): [string, UndoState] => [field, stateOf(field)]), ...Object.entries(obstacles)]);

  function stateOf(field: string): UndoState {
    if (isHeld(before, field, (system) => fieldOf(holds[system] ?? {}, field))) return 'undone';
    if (!isHeld(after, field, (system) => fieldOf(holds[system] ?? {}, field), before)) return 'changed';
    return waiting ? 'waiting' : 'asked';
  }
}

/** The decision that the ledger keeps, and what it was made for. */
export type UndoDraft = Pick<ReviewItem, 'kind' | 'subject' | 'fields' | 'reason' | 'values' | 'base'> & { readonly record_key: RecordKey; readonly decision: NonNullable<ReviewItem['decision']> };

/** One draft for each record of which anything can be put back. */
export function undoDrafts(records: readonly WrittenRecord[], run_id: string, by: string): readonly UndoDraft[] {
  return records.flatMap((written) => {
    const states = [...decideUndo(written)];
    const named = (isMeant: (state: UndoState) => boolean): readonly string[] => states.filter(([, state]) => isMeant(state)).map(([field]) => field);
    const fields = named((state) => state === 'asked');
    return fields.length === 0 ? [] : [undoDraft(written, { run_id, by, fields, stays: named((state) => state !== 'asked' && state !== 'undone') })];
  });
}

interface Asked {
  readonly run_id: string;
  readonly by: string;
  readonly fields: readonly string[];
  readonly stays: readonly string[];
}

export function undoDraft({ record_key, effect }: Pick<WrittenRecord, 'record_key' | 'effect'>, { run_id, by, fields, stays }: Asked): UndoDraft {
  const only = (pair: Pair<CanonicalRecord>): Pair<CanonicalRecord> => Object.fromEntries(Object.entries(pair).map(([system, record]) => [system, pickFields(record, fields)]));
  const [values, before] = [only(effect.after), only(effect.before)];
  return { record_key, kind: 'undo', subject: undoSubject(run_id), fields, reason: `undo of run ${run_id}`, values, base: before, decision: { kind: 'undo', run_id, values: before, stays, by } };
}

export const undoSubject = (run_id: string): string => `undo:${run_id}`;

/** What an undo says about one field (or group) of a record that both systems were just read to hold. */
export type FieldUndo =
  | { readonly kind: 'put_back'; readonly fields: readonly string[]; readonly values: Pair<CanonicalRecord>; readonly reason: string }
  | { readonly kind: 'not_done'; readonly fields: readonly string[]; readonly reason: string };

/**
 * @param group the fields that are decided as one: what one of them was changed to since belongs to the others
 * @param isChanged whether a system's value differs from what it was remembered to hold
 */
export function decideFieldUndo(review: ReviewItem, group: readonly string[], observed: Pair<Observation>, isChanged: (system: SystemName, field: string) => boolean): FieldUndo | null {
  const { decision } = review;
  if (decision?.kind !== 'undo' || review.status !== 'decided') return null;
  const fields = group.filter((field) => review.fields.includes(field));
  if (fields.length === 0) return null;
  const reason = `undo of run ${decision.run_id} by ${decision.by}`;
  const notDone = (why: string): FieldUndo => ({ kind: 'not_done', fields, reason: `${reason}: not done, ${why}` });
  const now = (system: SystemName, field: string): JsonValue | undefined => fieldOf(observed[system]?.record ?? {}, field);
  const systems = Object.keys(observed);
  const isOurs = fields.every((field) => isHeld(review.values, field, (system) => now(system, field), decision.values));
  const isGroupOurs = group.every((field) => fields.includes(field) || systems.every((system) => !isChanged(system, field)));
  if (!isOurs || !isGroupOurs) return notDone('changed since');
  if (group.some((field) => decision.stays.includes(field))) return notDone('a field that is decided with it stays');
  const shut = systems.find((system) => fields.some((field) => !sameValue(now(system, field), fieldOf(decision.values[system] ?? {}, field)) && observed[system]?.schema.writable.includes(field) !== true));
  return shut === undefined ? { kind: 'put_back', fields, values: decision.values, reason } : notDone(`${shut} does not take it`);
}

/** Whether each system holds its value of `pair`, or has been given that of `instead` already (a crash in between, a person who was faster). */
function isHeld(pair: Pair<CanonicalRecord>, field: string, now: (system: SystemName) => JsonValue | undefined, instead: Pair<CanonicalRecord> = pair): boolean {
  return Object.keys(pair).every((system) => [pair, instead].some((one) => sameValue(now(system), fieldOf(one[system] ?? {}, field))));
}

/** As a person reads it. */
export function undoSentence(state: UndoState): string {
  switch (state) {
    case 'asked':
      return 'is put back by the next run, if both systems still hold what this run left there';
    case 'waiting':
      return 'waits for the next run: its undo was asked for before';
    case 'undone':
      return 'is as it was before this run';
    case 'changed':
      return 'stays: it was changed since';
    case 'created':
      return 'stays: a created record is not deleted by an undo; delete it in one of the systems if it is not wanted';
    case 'deleted':
      return 'stays deleted: an undo does not bring a record back';
    case 'gone':
      return 'stays: the record was not in both systems';
    case 'sealed':
      return 'stays: the field is sealed, so the ledger never had the value';
    case 'unseen':
      return 'stays: nobody saw what stood there before';
    case 'filled':
      return 'stays: it was empty on one side and was filled from the other, so nothing was replaced';
    case 'merged':
      return 'stays: both sides had an edit of their own, so there is no one value from before; List History names both';
    case 'half':
      return 'stays: only one of its two writes went through';
    default:
      return assertNever(state);
  }
}
