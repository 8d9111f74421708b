/**
 * The planner, property-based: one record that both sides changed in any way, under any rules, planned and carried out by the
 * real stages. Whatever was done, it must come to rest, agree or say why not, and lose nothing that only one side had.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldOf, sameValue } from '../../../core/json/canonical-record';
import type { JsonValue, Plan, ReviewDecision, ReviewItem } from '../../../core/model';
import { compileRules } from '../../../core/policies/rule-set';
import type { PipelineVerdict } from '../../../core/stages/pipeline';
import { runs } from '../../support/property-runs';
import { FIELDS, other, perturbations, SIDES, type Perturbation, type Side } from './perturbed-records';
import { carryOut, leftToDo, pass, reformatted, worldOf, type Fate, type World } from './two-systems';

const isEmpty = (value: JsonValue | undefined): boolean => value === undefined || value === null || value === '';
const sameOrUnset = (x: JsonValue | undefined, y: JsonValue | undefined): boolean => sameValue(x, y) || ((x ?? null) === null && (y ?? null) === null);

/** Runs until nothing is left to do; a sync that needs more than a few rounds for one record is going in circles. */
function settle(start: World, source: Side, mostRounds = 1): World {
  let world = start;
  for (let round = 0; round < mostRounds; round += 1) world = carryOut(world, pass(world, source, true));
  return world;
}

function expectRest(world: World): void {
  for (const source of SIDES) expect(leftToDo(world, pass(world, source, true))).toEqual([]);
}

/** What a side held before that the ledger did not know of: its users' edits. Lists are looked at entry by entry, elsewhere. */
function editsOf({ sides }: Perturbation, side: Side): readonly (readonly [string, JsonValue])[] {
  const { past, now } = sides[side];
  const known = past === null || past.gone ? {} : past.fields;
  return FIELDS.flatMap((field) => {
    const value = now === null ? undefined : fieldOf(now, field);
    return value === undefined || isEmpty(value) || sameValue(value, fieldOf(known, field)) ? [] : [[field, value] as const];
  });
}

const questions = (world: World): readonly ReviewItem[] => world.row?.reviews ?? [];
const asksAbout = (world: World, field: string): boolean => questions(world).some((review) => review.subject === '*' || review.fields.includes(field));
const isOverridden = (world: World, side: Side, field: string, value: JsonValue): boolean =>
  world.overrides.some((override) => override.system === side && override.field === field && sameValue(override.lost, value));
const holds = (world: World, side: Side, field: string): JsonValue | undefined => fieldOf(world.holds[side] ?? {}, field);
const mergesSets = (given: Perturbation, field: string): boolean => given.rules.rules.some((rule) => rule.decide.by === 'merge_set' && rule.fields.includes(field));

/** Decided by a side that shows no such field: it is reverted, or lost with its group, yet there is nothing to put in its place. */
function isDecidedByAbsence({ rules }: Perturbation, field: string): boolean {
  const { decide, fields } = compileRules(rules, ['a', 'b']).ruleFor(field);
  return fields.length > 1 || (decide.by === 'owner' && decide.lone_edit === 'revert');
}

/** An edit may be overwritten only where that is on record. A set may also have grown, or lost what the other side took out. */
function expectNothingLost(world: World): void {
  for (const side of SIDES) {
    for (const [field, value] of editsOf(world.given, side)) {
      const now = holds(world, side, field);
      const kept = sameValue(now, value) || isOverridden(world, side, field, value) || (mergesSets(world.given, field) && Array.isArray(value) && keepsAdded(world, side, field, value, now));
      if (!kept) throw new Error(`${side}.${field}: ${JSON.stringify(value)} was overwritten by ${JSON.stringify(now)} without a record of it`);
    }
  }
}

function keepsAdded(world: World, side: Side, field: string, value: readonly JsonValue[], now: JsonValue | undefined): boolean {
  const { past } = world.given.sides[side];
  const before = past === null || past.gone ? [] : fieldOf(past.fields, field) ?? [];
  const added = value.filter((entry) => !Array.isArray(before) || !before.includes(entry));
  return Array.isArray(now) && added.every((entry) => now.includes(entry));
}

/** Why two values may stay apart: a question, a field that is not taken, an empty value that erases nothing, an old difference. */
function mayDiffer(world: World, field: string): boolean {
  const { given } = world;
  const [x, y] = [holds(world, 'a', field), holds(world, 'b', field)];
  if (asksAbout(world, field) || SIDES.some((side) => !given.writable[side].includes(field))) return true;
  if (isEmpty(x) || isEmpty(y)) return true;
  if (SIDES.some((side) => given.reformats[side]) && sameValue(reformatted(x ?? null), reformatted(y ?? null))) return true;
  const edited = SIDES.some((side) => editsOf(given, side).some(([name]) => name === field));
  return !edited;
}

describe('one record perturbed twice', () => {
  it('comes to rest after one round: neither direction has anything left to write, ask or remember', () => {
    fc.assert(fc.property(perturbations, fc.constantFrom(...SIDES), (given, source) => { expectRest(settle(worldOf(given), source)); }), runs(1500));
  });

  it('converges: what still differs is a question, or nobody may or did change it', () => {
    fc.assert(fc.property(perturbations, fc.constantFrom(...SIDES), (given, source) => {
      const world = settle(worldOf(given), source);
      if (world.holds.a === null || world.holds.b === null) return;
      for (const field of FIELDS) {
        const [x, y] = [holds(world, 'a', field), holds(world, 'b', field)];
        if (!sameOrUnset(x, y) && !mayDiffer(world, field)) throw new Error(`${field}: a ${JSON.stringify(x)}, b ${JSON.stringify(y)}`);
      }
    }), runs(1500));
  });

  it('loses nothing that only one side had: an edit is still there, or stands among the overrides', () => {
    fc.assert(fc.property(perturbations, fc.constantFrom(...SIDES), (given, source) => { expectNothingLost(settle(worldOf(given), source)); }), runs(1500));
  });

  it('an edit that nobody contradicts arrives, unless a rule, a mapping or a question stands against it', () => {
    fc.assert(fc.property(perturbations, fc.constantFrom(...SIDES), (given, source) => {
      const world = settle(worldOf(given), source);
      if (given.sides.a.now === null || given.sides.b.now === null) return;
      for (const side of SIDES) {
        for (const [field, value] of editsOf(given, side)) {
          if (editsOf(given, other(side)).some(([name]) => name === field) || !given.writable[other(side)].includes(field)) continue;
          const there = holds(world, other(side), field);
          const arrived = sameValue(there, value) || (given.reformats[other(side)] && sameValue(there, reformatted(value)));
          const merged = mergesSets(given, field) && Array.isArray(there);
          // A rule is against it, but the side does not take the field, or the other one has no value for it.
          if (!given.writable[side].includes(field) || (there === undefined && isDecidedByAbsence(given, field))) continue;
          if (!arrived && !merged && !asksAbout(world, field) && !isOverridden(world, side, field, value)) throw new Error(`${side}.${field} = ${JSON.stringify(value)} did not arrive: ${JSON.stringify(there)}`);
        }
      }
    }), runs(1500));
  });

  it('swapping the sides swaps nothing but the direction: the same patches with the same keys, questions and overrides', () => {
    const decided = (verdict: PipelineVerdict) => ('plan' in verdict ? sorted(verdict.plan) : { kind: verdict.kind });
    fc.assert(fc.property(perturbations, (given) => {
      const world = worldOf(given);
      expect(decided(pass(world, 'b', true))).toEqual(decided(pass(world, 'a', true)));
    }), runs(1000));
  });

  it('whichever side is looked at first, and with or without the Echo Guard, the end is the same', () => {
    fc.assert(fc.property(perturbations, (given) => {
      const [one, two] = SIDES.map((source) => settle(worldOf(given), source));
      expect(two?.holds).toEqual(one?.holds);
      const guarded = SIDES.reduce((world, source) => carryOut(world, pass(world, source, false)), worldOf(given));
      expect(settle(guarded, 'a').holds).toEqual(one?.holds);
    }), runs(1000));
  });
});

/** A plan without what only says in which order the two sides were looked at. */
function sorted(plan: Plan): unknown {
  const by = <T>(list: readonly T[], key: (entry: T) => string): readonly T[] => [...list].sort((x, y) => (key(x) < key(y) ? -1 : 1));
  const { situation: _situation, reasons: _reasons, ...rest } = plan;
  return {
    ...rest, patches: by(plan.patches, ({ system }) => system),
    open_reviews: by(plan.open_reviews.map((review) => ({ ...review, reason: '' })), ({ subject }) => subject),
    overrides: by(plan.overrides.map((override) => ({ ...override, rule: '' })), ({ system, field }) => `${system} ${field}`), close_reviews: [...plan.close_reviews].sort(),
  };
}

const fates = fc.array(fc.constantFrom<Fate>('answered', 'silent', 'refused', 'postponed', 'timeout_before', 'timeout_after'), { minLength: 2, maxLength: 6 });

describe('writes that do not go through', () => {
  it('F1 F2 F3 F4 refused, postponed, timed out before or after landing: later rounds come to rest and nothing is lost', () => {
    fc.assert(fc.property(perturbations, fates, fc.constantFrom(...SIDES), (given, fate, source) => {
      const left = [...fate];
      // A value that a system keeps in a form of its own, and never told us, is an edit to whoever finds it later.
      let world = worldOf({ ...given, reformats: { a: false, b: false } });
      while (left.length > 0) {
        world = carryOut(world, pass(world, source, true), () => left.pop() ?? 'answered');
        if (!('plan' in pass(world, source, true))) break;
        left.pop();
      }
      const rested = settle(world, source, 3);
      expectRest(rested);
      expectNothingLost(rested);
    }), runs(1500));
  });
});

const answers = fc.oneof(
  fc.constantFrom<Side>(...SIDES).map((system): ReviewDecision => ({ kind: 'winner', system, by: 'ann' })),
  fc.constantFrom<JsonValue>('p', 'new').map((value): ReviewDecision => ({ kind: 'value', value: Object.fromEntries(FIELDS.map((field) => [field, value])), by: 'ann' })),
  fc.constant<ReviewDecision>({ kind: 'keep_apart', by: 'ann' }),
);

describe('a person answers', () => {
  it('C6 every question can be answered, the answer is carried out once, and what it overwrote is on record', () => {
    fc.assert(fc.property(perturbations, answers, fc.constantFrom(...SIDES), (given, decision, source) => {
      // An answer that a system does not take is asked about again.
      const asked = settle(worldOf({ ...given, writable: { a: FIELDS, b: FIELDS } }), source);
      if (questions(asked).length === 0 || asked.row === null) return;
      // A value is no answer to whether a record is deleted.
      const answerable = (review: ReviewItem): boolean => decision.kind !== 'value' || review.kind !== 'delete';
      const row = { ...asked.row, reviews: asked.row.reviews.map((review): ReviewItem => (answerable(review) ? { ...review, status: 'decided', decision } : review)) };
      const answered = settle({ ...asked, row }, source);
      expectRest(answered);
      expectNothingLost(answered);
    }), runs(1500));
  });
});
