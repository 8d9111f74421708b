import { describe, expect, it } from 'vitest';
import { compileRules } from '../../../core/policies/rule-set';
import { commitItem } from '../../../core/stages/ledger-commit';
import { reserveItem } from '../../../core/stages/reserve-item';
import { rebaseline, type Differences } from '../../../core/stages/rebaseline';
import type { Observation, Plan, Snapshot } from '../../../core/model';
import { diff, gone, none, planOf, present, review, route, row, rule, rules, RUN, schema, snapshot, writes, type Sides } from '../../support/decisions';

const NEW_MAPPING = { schema: schema({ mapping_fingerprint: 'v1:new map' }) };
const OLD = { name: 'Ann', phone: '+1', city: 'Oslo', zip: '0150' };
const ADDRESS = rule('address', { by: 'owner', owner: 'a', lone_edit: 'accept' }, { fields: ['city', 'zip'] });

function rebased(sides: Sides, differences: Differences = 'rules'): Plan {
  const verdict = diff(sides);
  if (verdict.kind !== 'Changed') throw new Error(verdict.kind);
  const { kind, plan } = rebaseline(compileRules(rules([ADDRESS]), ['a', 'b']), sides.run ?? RUN, verdict.difference, differences);
  expect(kind).toBe('Converged');
  expect(plan.patches).toEqual([]);
  return plan;
}

/** The record as the ledger knows it after a plan without writes. */
function afterwards(plan: Plan, sides: Sides): Sides {
  const { snapshots } = commitItem(RUN, plan, sides.row, null, []);
  return { ...sides, row: row(snapshots['a'] ?? null, snapshots['b'] ?? null) };
}

const remapped = (fields: typeof OLD, past: Snapshot = snapshot(OLD)): Sides => ({ a: present('a', fields, NEW_MAPPING), b: present('b', fields), row: row(past, snapshot(OLD)) });

describe('a changed mapping', () => {
  it('G1 that reads the same values renews the snapshot without a write, and the next run finds nothing', () => {
    const sides = remapped(OLD);
    const verdict = route(sides);
    expect(verdict?.kind).toBe('Converged');
    expect(planOf(verdict).next['a']).toMatchObject({ record: OLD, mapping_fingerprint: 'v1:new map' });
    expect(diff(afterwards(planOf(verdict), sides)).kind).toBe('Unchanged');
  });

  it('G1 is told to the guards by every plan that would write to it, and by no other', () => {
    const findings = (sides: Sides) => reserveItem({ lease_seconds: 60, sentinel: 'n8n-sync' }, RUN, planOf(route(sides)), sides.row, [sides.a, sides.b]).findings;
    expect(findings({ ...remapped(OLD), a: present('a', { ...OLD, phone: '+2' }, NEW_MAPPING) }).remapped_in).toEqual(['a']);
    expect(findings({ ...remapped(OLD), a: present('a', { ...OLD, phone: '+2' }) }).remapped_in).toEqual([]);
    expect(findings({ a: present('a', OLD, NEW_MAPPING), b: gone('b'), row: row(snapshot(OLD), snapshot(OLD)) }).remapped_in).toEqual([]);
  });

  it('G2 a field that is added and equal on both sides changes nothing else', () => {
    const known = row(snapshot({ name: 'Ann' }), snapshot({ name: 'Ann' }));
    const sides: Sides = { a: present('a', { name: 'Ann', phone: '+1' }, NEW_MAPPING), b: present('b', { name: 'Ann', phone: '+1' }, NEW_MAPPING), row: known };
    expect(route(sides)?.kind).toBe('Converged');
    expect(diff(afterwards(planOf(route(sides)), sides)).kind).toBe('Unchanged');
  });

  it('G2 a field that is added and differs is decided as at first contact, and only this field', () => {
    const known = row(snapshot({ name: 'Ann', tags: ['x'] }), snapshot({ name: 'ANN', tags: ['x'] }));
    const sides: Sides = { a: present('a', { name: 'Ann', tags: ['x'], phone: '+1' }, NEW_MAPPING), b: present('b', { name: 'ANN', tags: ['x'], phone: '+2' }, NEW_MAPPING), row: known };
    const next = afterwards(rebased(sides), sides);
    expect(next.row?.snapshots['a']?.record).toEqual({ name: 'Ann', tags: ['x'] });
    const owned = rules([rule('phone', { by: 'owner', owner: 'b', lone_edit: 'accept' })]);
    expect(writes(route(next, owned))).toEqual([['a', 'update', { phone: '+2' }]]);
    expect(planOf(route(next)).open_reviews.map(({ subject }) => subject)).toEqual(['phone']);
  });
});

describe('a new baseline', () => {
  it('G1 writes nothing, and what differs is decided by the next run as at first contact, groups as one', () => {
    const sides = { ...remapped({ ...OLD, phone: '+2', city: 'Bergen' }), b: present('b', OLD) };
    const plan = rebased(sides);
    expect(plan.next['a']?.record).toEqual({ name: 'Ann' });
    expect(plan.next['b']?.record).toEqual({ name: 'Ann' });
    const next = afterwards(plan, sides);
    expect(planOf(route(next)).open_reviews.map(({ subject }) => subject).sort()).toEqual(['city', 'phone']);
    expect(writes(route(next, rules([ADDRESS])))).toEqual([['b', 'update', { city: 'Bergen' }]]);
  });

  it('can take both as they are: then the next run finds nothing', () => {
    const sides = { ...remapped({ ...OLD, phone: '+2' }), b: present('b', OLD) };
    const next = afterwards(rebased(sides, 'keep_apart'), sides);
    expect(diff(next).kind).toBe('Unchanged');
  });

  it('F9 of a lost ledger links what has a match and agrees on what is equal', () => {
    const sides: Sides = { a: present('a', OLD), b: present('b', { ...OLD, phone: '+9' }), row: null };
    const plan = rebased(sides);
    expect(plan).toMatchObject({ links: { a: 'a1', b: 'b1' }, next: { a: { record: { name: 'Ann', city: 'Oslo', zip: '0150' } } } });
    expect(planOf(route(afterwards(plan, sides))).open_reviews.map(({ subject }) => subject)).toEqual(['phone']);
  });

  it('F9 of a restored ledger does not take a value that came back for an edit of the other side', () => {
    // The backup knows +1 on both. Later +2 was synced, then a set +1 again: b alone looks edited.
    const sides: Sides = { a: present('a', OLD), b: present('b', { ...OLD, phone: '+2' }), row: row(snapshot(OLD), snapshot(OLD)) };
    expect(writes(route(sides))).toEqual([['a', 'update', { phone: '+2' }]]);
    expect(writes(route(afterwards(rebased(sides), sides)))).toEqual([]);
    expect(planOf(route(afterwards(rebased(sides), sides))).open_reviews.map(({ subject }) => subject)).toEqual(['phone']);
  });

  it('E11 leaves an old difference that neither side touched as it is', () => {
    const sides: Sides = { a: present('a', { ...OLD, name: 'Ann' }, NEW_MAPPING), b: present('b', { ...OLD, name: 'ANN' }), row: row(snapshot(OLD), snapshot({ ...OLD, name: 'ANN' })) };
    const next = afterwards(rebased(sides), sides);
    expect(diff(next).kind).toBe('Unchanged');
  });

  it('keeps the past of a record that is not on both sides, is ambiguous, or waits for a decision to be carried out', () => {
    const decided = review({ status: 'decided', decision: { kind: 'winner', system: 'a', by: 'ann' } });
    const known = row(snapshot(OLD), snapshot(OLD));
    const cases: readonly (readonly [Observation, Observation, Sides['row']])[] = [
      [present('a', OLD, NEW_MAPPING), gone('b'), known],
      [present('a', OLD), none('b'), null],
      [present('a', { ...OLD, phone: '+2' }), present('b', OLD), { ...known, reviews: [decided] }],
    ];
    for (const [a, b, past] of cases) {
      const plan = rebased({ a, b, row: past });
      expect(plan.next).toEqual({ a: past?.snapshots['a'] ?? null, b: past?.snapshots['b'] ?? null });
      expect(plan.reasons).toHaveProperty('*');
    }
  });

  it('V1 law 9: a field that one side does not show is unknown: no difference', () => {
    const sides: Sides = { a: present('a', { name: 'Ann' }, NEW_MAPPING), b: present('b', { name: 'Ann', phone: '+1' }), row: row(snapshot({ name: 'Ann' }), snapshot({ name: 'Ann', phone: '+1' })) };
    expect(rebased(sides).next['b']?.record).toEqual({ name: 'Ann', phone: '+1' });
  });
});
