import { describe, expect, it } from 'vitest';
import type { JsonValue, LedgerRow, Observation } from '../../../core/model';
import { commitItem } from '../../../core/stages/ledger-commit';
import type { WriteEffect } from '../../../core/ledger-request';
import { gone, none, planOf, present, review, route, row, rule, rules, RUN, schema, snapshot } from '../../support/decisions';
import type { RuleSet } from '../../../core/policies/rule-set';

const OLD = { name: 'Ann', phone: '+1' };

interface Run {
  readonly a: Observation;
  readonly b: Observation;
  readonly known?: LedgerRow | null;
  readonly set?: RuleSet;
  /** What `b` shows in its answer to the write. */
  readonly answer?: Readonly<Record<string, JsonValue>>;
  readonly fails?: 'a' | 'b';
}

/** Plan, write, commit: what is kept of it. */
function effectOf({ a, b, known = row(snapshot(OLD), snapshot(OLD)), set = rules(), answer, fails }: Run): WriteEffect | null {
  const plan = planOf(route({ a, b, row: known }, set));
  const results = plan.patches.map(({ system }) => ({ system, outcome: system === fails ? { kind: 'refused' as const, reason: '412' } : { kind: 'written' as const, observation: system === 'b' && answer !== undefined ? present('b', answer) : null } }));
  return commitItem(RUN, plan, known, { fencing_token: 7 }, results).effect;
}

const owned = rules([rule('phone', { by: 'owner', owner: 'a', lone_edit: 'accept' })]);

describe('what a write did', () => {
  it('G9 is the pair that both sides held before, each in its own form, and what both were observed to hold afterwards', () => {
    const known = row(snapshot({ name: 'Ann', phone: '+1' }), snapshot({ name: 'ANN', phone: '+1' }));
    expect(effectOf({ a: present('a', { name: 'Bea', phone: '+1' }), b: present('b', { name: 'ANN', phone: '+1' }), known, answer: { name: 'BEA', phone: '+1' } }))
      .toEqual({ writes: 1, before: { a: { name: 'Ann' }, b: { name: 'ANN' } }, after: { a: { name: 'Bea' }, b: { name: 'BEA' } }, obstacles: {} });
  });

  it('G9 is the edit that lost, where a rule overruled one', () => {
    expect(effectOf({ a: present('a', { ...OLD, phone: '+2' }), b: present('b', { ...OLD, phone: '+3' }), set: owned }))
      .toMatchObject({ before: { a: { phone: '+3' }, b: { phone: '+3' } }, after: { a: { phone: '+2' }, b: { phone: '+2' } } });
  });

  it('G9 is the difference that was there, where the two had never agreed', () => {
    expect(effectOf({ a: present('a', OLD), b: present('b', { ...OLD, phone: '+3' }), known: null, set: owned })).toMatchObject({ before: { a: { phone: '+1' }, b: { phone: '+3' } }, after: { a: { phone: '+1' }, b: { phone: '+1' } } });
  });

  it('G9 of a person\'s decision on both sides is what both agreed on before only if neither had been edited', () => {
    const asked = { ...review({ values: { a: { phone: '+2' }, b: { phone: '+3' } } }), status: 'decided', decision: { kind: 'value', value: { phone: '+9' }, by: 'ann' } } as const;
    const known = row(snapshot(OLD), snapshot(OLD), { reviews: [asked] });
    expect(effectOf({ a: present('a', { ...OLD, phone: '+2' }), b: present('b', { ...OLD, phone: '+3' }), known })).toMatchObject({ writes: 2, before: { a: {}, b: {} }, obstacles: { phone: 'merged' } });
    const same = row(snapshot(OLD), snapshot(OLD), { reviews: [{ ...asked, values: { a: { phone: '+1' }, b: { phone: '+1' } } }] });
    expect(effectOf({ a: present('a', OLD), b: present('b', OLD), known: same })).toMatchObject({ before: { a: { phone: '+1' }, b: { phone: '+1' } }, after: { a: { phone: '+9' }, b: { phone: '+9' } }, obstacles: {} });
  });

  it.each([
    ['a create', { a: present('a', OLD), b: none('b'), known: null }, { '*': 'created' }],
    ['a delete', { a: gone('a'), b: present('b', OLD) }, { '*': 'deleted' }],
    ['an archived record', { a: gone('a'), b: present('b', OLD), set: rules([], { deletes: { unchanged: 'archive', edited: 'edit_wins', archive_fields: { name: 'archived' } } }) }, { name: 'gone' }],
    ['a field that was emptied here and edited there', { a: present('a', { ...OLD, phone: null }), b: present('b', { ...OLD, phone: '+3' }) }, { phone: 'filled' }],
    ['a field that nobody had seen before', { a: present('a', { ...OLD, city: 'Oslo' }), b: present('b', OLD) }, { city: 'unseen' }],
    ['a field of which only one side was written', { a: present('a', { ...OLD, tags: ['x', 'y'] }), b: present('b', { ...OLD, tags: ['x', 'z'] }), known: row(snapshot({ ...OLD, tags: ['x'] }), snapshot({ ...OLD, tags: ['x'] })), set: rules([rule('tags', { by: 'merge_set' })]), fails: 'a' as const }, { tags: 'half' }],
    ['a set that was merged', { a: present('a', { ...OLD, tags: ['x', 'y'] }), b: present('b', { ...OLD, tags: ['x', 'z'] }), known: row(snapshot({ ...OLD, tags: ['x'] }), snapshot({ ...OLD, tags: ['x'] })), set: rules([rule('tags', { by: 'merge_set' })]) }, { tags: 'merged' }],
  ])('G9 cannot be put back: %s', (_what, run, obstacles) => {
    expect(effectOf(run)?.obstacles).toEqual(obstacles);
    expect(Object.values(effectOf(run)?.before ?? {}).flatMap((record) => Object.keys(record))).toEqual([]);
  });

  it('G9 cannot be put back where the field is sealed: its value was never here', () => {
    const seal = (digit: string): string => `sealed:v1:${digit.repeat(64)}`;
    const sealed = { schema: schema({ sealed: ['phone'] }) };
    const known = row(snapshot({ name: 'Ann', phone: seal('1') }), snapshot({ name: 'Ann', phone: seal('1') }));
    const effect = effectOf({ a: present('a', { name: 'Ann', phone: seal('2') }, { ...sealed, plain: { phone: '+2' } }), b: present('b', { name: 'Ann', phone: seal('1') }, sealed), known });
    expect(effect).toEqual({ writes: 1, before: { a: {}, b: {} }, after: { a: {}, b: {} }, obstacles: { phone: 'sealed' } });
  });

  it('is nothing where nothing was written', () => {
    expect(effectOf({ a: present('a', { ...OLD, phone: '+2' }), b: present('b', { ...OLD, phone: '+2' }) })).toBeNull();
    expect(effectOf({ a: present('a', { ...OLD, phone: '+2' }), b: present('b', OLD), fails: 'b' })).toBeNull();
  });
});
