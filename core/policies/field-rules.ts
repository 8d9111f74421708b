import { DateTime } from 'luxon';
import type { JsonValue, Observation, Pair, RunContext } from '../model';
import { otherSystem } from '../model';
import { canonicalJson } from '../json/canonical-json';
import { isList } from '../json/json-value';
import { assertNever } from '../sync-error';
import type { TableOutcome } from './decision-table';
import type { FieldRule } from './rule-set';

/** What a rule makes of a field or group that the decision table could not (or need not) leave alone. */
export type FieldVerdict =
  /** `winner`'s value goes to the other side. `overrides`: the other side had an edit of its own, which is recorded. */
  | { readonly kind: 'write'; readonly winner: string; readonly overrides: boolean; readonly reason: string }
  | { readonly kind: 'review'; readonly review: 'conflict' | 'lone_edit'; readonly reason: string };

/** Facts about the whole batch that single records cannot show. */
export interface BatchFacts {
  /** ISO 8601: timestamps after this lie in the future. */
  readonly now: string;
  /** Systems in which a bulk job touched `updated_at` of many records at one moment: their timestamps say nothing. */
  readonly bulk_touched: readonly string[];
}

export interface FieldContext {
  readonly run: RunContext;
  readonly outcome: Extract<TableOutcome, 'source_to_target' | 'target_to_source' | 'conflict'>;
  readonly observed: Pair<Observation>;
  readonly facts: BatchFacts;
}

export function decideField(rule: FieldRule, context: FieldContext): FieldVerdict {
  const { run, outcome } = context;
  const conflict = outcome === 'conflict';
  const editor = outcome === 'target_to_source' ? run.target : run.source;
  const { decide } = rule;
  switch (decide.by) {
    case 'owner':
      return conflict ? { kind: 'write', winner: decide.owner, overrides: true, reason: `owner ${decide.owner}` } : loneEdit(run, editor, decide.owner, decide.lone_edit);
    case 'review':
    case 'merge_set': // A set that is no list on one side cannot be merged: it is decided like any other field.
      return conflict ? { kind: 'review', review: 'conflict', reason: 'changed on both sides, no rule decides' } : lone(editor);
    case 'latest':
      return conflict ? latest(context, decide.tolerance_seconds, decide.fallback_owner) : lone(editor);
    default:
      return assertNever(decide);
  }
}

function lone(editor: string): FieldVerdict {
  return { kind: 'write', winner: editor, overrides: false, reason: `changed in ${editor} only` };
}

function loneEdit(run: RunContext, editor: string, owner: string, rule: 'accept' | 'revert' | 'review'): FieldVerdict {
  if (editor === owner || rule === 'accept') return lone(editor);
  if (rule === 'review') return { kind: 'review', review: 'lone_edit', reason: `edited in ${editor}, owned by ${owner}` };
  return { kind: 'write', winner: otherSystem(run, editor), overrides: true, reason: `owner ${owner}: edit in ${editor} reverted` };
}

function latest(context: FieldContext, tolerance: number, fallbackOwner: string | null): FieldVerdict {
  const { run, observed, facts } = context;
  const verdict = trustedOrder(run, observed, facts, tolerance);
  if (verdict.winner !== null) return { kind: 'write', winner: verdict.winner, overrides: true, reason: `latest edit, in ${verdict.winner}` };
  if (fallbackOwner !== null) return { kind: 'write', winner: fallbackOwner, overrides: true, reason: `owner ${fallbackOwner}, since ${verdict.reason}` };
  return { kind: 'review', review: 'conflict', reason: `changed on both sides; ${verdict.reason}` };
}

type Order = { readonly winner: string; readonly reason: null } | { readonly winner: null; readonly reason: string };

/** Clocks lie: a timestamp decides only when nothing speaks against it, and the reason is kept when something does. */
function trustedOrder(run: RunContext, observed: Pair<Observation>, facts: BatchFacts, tolerance: number): Order {
  const untrusted = (reason: string): Order => ({ winner: null, reason });
  const now = DateTime.fromISO(facts.now, { setZone: true });
  const times: DateTime[] = [];
  for (const system of [run.source, run.target]) {
    const text = observed[system]?.updated_at ?? null;
    if (text === null) return untrusted(`${system} gives no timestamp`);
    if (!/(?:Z|[+-]\d{2}:?\d{2})$/u.test(text)) return untrusted(`the timestamp of ${system} has no time zone`);
    const time = DateTime.fromISO(text, { setZone: true });
    if (!time.isValid) return untrusted(`the timestamp of ${system} cannot be read`);
    if (time > now) return untrusted(`the timestamp of ${system} lies in the future`);
    if (facts.bulk_touched.includes(system)) return untrusted(`a bulk job touched the timestamps of ${system}`);
    times.push(time);
  }
  const [source, target] = times;
  if (source === undefined || target === undefined) return untrusted('a timestamp is missing');
  const seconds = source.diff(target, 'seconds').seconds;
  if (Math.abs(seconds) <= tolerance) return untrusted(`the timestamps are closer than ${tolerance} s`);
  return { winner: seconds > 0 ? run.source : run.target, reason: null };
}

/** An empty value erases nothing unless that was permitted: null and "" are how systems say "I do not know". `[]` is a value. */
export function isEmpty(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === '';
}

/** Shown for the first time, and nothing in it: no edit, for nobody emptied what was never seen filled. */
export function wasNeverFilled(base: JsonValue | undefined, now: JsonValue | undefined): boolean {
  return base === undefined && isEmpty(now);
}

/**
 * Adds and removes of both sides against their own snapshots, merged. Null when a side holds no list.
 * An add wins over the other side's remove of the same entry: nothing that only one side had is lost.
 */
export function mergeSets(a: { readonly base: JsonValue | undefined; readonly now: JsonValue | undefined }, b: { readonly base: JsonValue | undefined; readonly now: JsonValue | undefined }): readonly JsonValue[] | null {
  const nowA = a.now ?? [];
  const nowB = b.now ?? [];
  if (!isList(nowA) || !isList(nowB)) return null;
  // By text: comparing every entry with every other takes minutes for a list of a hundred thousand.
  const [nowOfA, nowOfB] = [byText(nowA), byText(nowB)];
  const [pastOfA, pastOfB] = [byText(isList(a.base) ? a.base : []), byText(isList(b.base) ? b.base : [])];
  const removed = (entry: string): boolean => (pastOfA.has(entry) && !nowOfA.has(entry)) || (pastOfB.has(entry) && !nowOfB.has(entry));
  const added = (entry: string): boolean => (!pastOfA.has(entry) && nowOfA.has(entry)) || (!pastOfB.has(entry) && nowOfB.has(entry));
  const merged = [...new Map([...nowOfB, ...nowOfA])].filter(([entry]) => added(entry) || !removed(entry));
  return merged.sort(([x], [y]) => compareText(x, y)).map(([, entry]) => entry);
}

const byText = (list: readonly JsonValue[]): ReadonlyMap<string, JsonValue> => new Map(list.map((entry) => [canonicalJson(entry), entry]));

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
