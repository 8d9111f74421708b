import { describe, expect, it } from 'vitest';
import type { LedgerRow, ReviewItem } from '../../../core/model';
import { decideUndo, undoDraft, undoDrafts, undoSentence, type WrittenRecord } from '../../../core/policies/undo';
import { commitItem } from '../../../core/stages/ledger-commit';
import { gone, planOf, present, review, route, row, rule, rules, RUN, schema, snapshot, writes } from '../../support/decisions';

const written = (over: Partial<WrittenRecord> = {}): WrittenRecord => ({
  record_key: 'contact_1', waiting: false,
  effect: { writes: 1, before: { a: { phone: '+1', name: 'Ann' }, b: { phone: '+1', name: 'ANN' } }, after: { a: { phone: '+2', name: 'Bea' }, b: { phone: '+2', name: 'BEA' } }, obstacles: {} },
  holds: { a: { phone: '+2', name: 'Bea' }, b: { phone: '+2', name: 'BEA' } }, ...over,
});
const states = (over: Partial<WrittenRecord> = {}) => Object.fromEntries(decideUndo(written(over)));

describe('what of a run is undone', () => {
  it('G9 every field that both systems still hold as the run left it', () => {
    expect(states()).toEqual({ phone: 'asked', name: 'asked' });
  });

  it('G9 not a field that was changed since, on whichever side', () => {
    expect(states({ holds: { a: { phone: '+2', name: 'Bea' }, b: { phone: '+3', name: 'BEA' } } })).toEqual({ phone: 'changed', name: 'asked' });
    expect(states({ holds: { a: { phone: '+2', name: 'Cleo' }, b: { phone: '+2', name: 'BEA' } } })).toEqual({ phone: 'asked', name: 'changed' });
  });

  it('G9 the other half of a field that a person has set back on one side', () => {
    expect(states({ holds: { a: { phone: '+1', name: 'Bea' }, b: { phone: '+2', name: 'BEA' } } })).toEqual({ phone: 'asked', name: 'asked' });
  });

  it('G9 nothing a second time: it waits, and then it is done', () => {
    expect(states({ waiting: true })).toEqual({ phone: 'waiting', name: 'waiting' });
    expect(states({ holds: { a: { phone: '+1', name: 'Ann' }, b: { phone: '+1', name: 'ANN' } } })).toEqual({ phone: 'undone', name: 'undone' });
  });

  it('G9 nothing of a record that one system does not hold any more, and of what could never be put back', () => {
    expect(states({ holds: { a: { phone: '+2', name: 'Bea' } } })).toEqual({ phone: 'changed', name: 'changed' });
    expect(states({ effect: { ...written().effect, before: { a: {}, b: {} }, after: { a: {}, b: {} }, obstacles: { '*': 'created', phone: 'sealed' } } })).toEqual({ '*': 'created', phone: 'sealed' });
  });

  it('says each in words of its own', () => {
    const all = ['asked', 'waiting', 'undone', 'changed', 'created', 'deleted', 'gone', 'sealed', 'unseen', 'filled', 'merged', 'half'] as const;
    expect(new Set(all.map(undoSentence)).size).toBe(all.length);
  });
});

const FORMER = { phone: '+1', name: 'Ann', city: 'Oslo', zip: '0150', tags: ['x'] };
const LEFT = { phone: '+2', name: 'Bea', city: 'Bergen', zip: '5003', tags: ['x', 'y'] };
const FIELDS = Object.keys(LEFT);

/** The review that an undo of run `r` leaves: both sides went from FORMER to LEFT. */
const asked = (fields: readonly string[] = FIELDS, run = 'r'): ReviewItem => {
  const effect = { writes: 1, before: { a: FORMER, b: FORMER }, after: { a: LEFT, b: LEFT }, obstacles: {} };
  return { ...undoDraft(written({ effect }), { run_id: run, fields, stays: [], by: 'ann' }), id: `undo-${run}`, status: 'decided' };
};
const after = (reviews: readonly ReviewItem[], over: Partial<LedgerRow> = {}): LedgerRow => row(snapshot(LEFT), snapshot(LEFT), { reviews, ...over });

describe('carrying an undo out', () => {
  it('G9 puts back both sides and names run and person', () => {
    const verdict = route({ a: present('a', LEFT), b: present('b', LEFT), row: after([asked(['phone', 'name'])]) });
    expect(writes(verdict)).toEqual([['a', 'update', { phone: '+1', name: 'Ann' }], ['b', 'update', { phone: '+1', name: 'Ann' }]]);
    const plan = planOf(verdict);
    expect(plan).toMatchObject({ close_reviews: ['undo-r'], open_reviews: [], reasons: { phone: 'undo of run r by ann' } });
    expect(plan.overrides).toContainEqual({ system: 'b', field: 'phone', lost: '+2', won: '+1', rule: 'undo of run r by ann' });
  });

  it('G9 gives each system its own form back', () => {
    const effect = written().effect;
    const review_ = { ...undoDraft(written({ effect }), { run_id: 'r', fields: ['name'], stays: [], by: 'ann' }), id: 'u', status: 'decided' } as const;
    const [a, b] = [{ phone: '+2', name: 'Bea' }, { phone: '+2', name: 'BEA' }];
    expect(writes(route({ a: present('a', a), b: present('b', b), row: row(snapshot(a), snapshot(b), { reviews: [review_] }) }))).toEqual([['a', 'update', { name: 'Ann' }], ['b', 'update', { name: 'ANN' }]]);
  });

  it('G9 leaves a field alone that was changed since, lets that edit travel, and says so', () => {
    const verdict = route({ a: present('a', LEFT), b: present('b', { ...LEFT, phone: '+3' }), row: after([asked(['phone', 'name'])]) });
    expect(writes(verdict)).toEqual([['a', 'update', { phone: '+3', name: 'Ann' }], ['b', 'update', { name: 'Ann' }]]);
    expect(planOf(verdict).close_reviews).toEqual(['undo-r']);
    expect(Object.values(planOf(verdict).reasons)).toContain('undo of run r by ann: not done, changed since');
  });

  it('G9 says it in the history although nothing moved', () => {
    const moved = { ...LEFT, phone: '+3' };
    const known = row(snapshot(moved), snapshot(moved), { reviews: [asked(['phone'])] });
    const plan = planOf(route({ a: present('a', moved), b: present('b', moved), row: known }));
    expect(plan.patches).toEqual([]);
    expect(commitItem(RUN, plan, known, null, [])).toMatchObject({ journal: [], close_reviews: ['undo-r'], effect: null, reason: 'undo of run r by ann: not done, changed since' });
  });

  it('G9 leaves a whole group alone when one of its fields was changed since', () => {
    const place = rules([rule('place', { by: 'review' }, { fields: ['city', 'zip'] })]);
    const changed = { ...LEFT, zip: '5004' };
    expect(writes(route({ a: present('a', LEFT), b: present('b', changed), row: after([asked(['city', 'zip'])]) }, place))).toEqual([['a', 'update', { zip: '5004' }]]);
    expect(writes(route({ a: present('a', LEFT), b: present('b', changed), row: after([asked(['city'])]) }, place))).toEqual([['a', 'update', { zip: '5004' }]]);
    expect(writes(route({ a: present('a', LEFT), b: present('b', LEFT), row: after([asked(['city'])]) }, place))).toEqual([['a', 'update', { city: 'Oslo' }], ['b', 'update', { city: 'Oslo' }]]);
  });

  it('G9 leaves a whole group alone when what the run did to one of its fields cannot be put back', () => {
    const place = rules([rule('place', { by: 'review' }, { fields: ['city', 'zip'] })]);
    const [draft] = undoDrafts([written({ effect: { writes: 1, before: { a: { city: 'Oslo', phone: '+1' }, b: { city: 'Oslo', phone: '+1' } }, after: { a: { city: 'Bergen', phone: '+2' }, b: { city: 'Bergen', phone: '+2' } }, obstacles: { zip: 'unseen' } }, holds: { a: LEFT, b: LEFT } })], 'r', 'ann');
    const verdict = route({ a: present('a', LEFT), b: present('b', LEFT), row: after([{ ...draft!, id: 'u', status: 'decided' }]) }, place);
    expect(writes(verdict)).toEqual([['a', 'update', { phone: '+1' }], ['b', 'update', { phone: '+1' }]]);
    expect(Object.values(planOf(verdict).reasons)).toContain('undo of run r by ann: not done, a field that is decided with it stays');
  });

  it('G9 puts a merged set back, and does not merge it anew', () => {
    expect(writes(route({ a: present('a', LEFT), b: present('b', LEFT), row: after([asked(['tags'])]) }, rules([rule('tags', { by: 'merge_set' })])))).toEqual([['a', 'update', { tags: ['x'] }], ['b', 'update', { tags: ['x'] }]]);
  });

  it('G9 goes on where a crash left one side put back, and is over where both are', () => {
    const half = route({ a: present('a', FORMER), b: present('b', LEFT), row: after([asked()]) });
    expect(writes(half).map(([system]) => system)).toEqual(['b']);
    const whole = route({ a: present('a', FORMER), b: present('b', FORMER), row: after([asked()]) });
    expect(whole).toMatchObject({ kind: 'Converged', plan: { close_reviews: ['undo-r'], next: { a: { record: FORMER }, b: { record: FORMER } } } });
  });

  it('G9 is not half done: where one system does not take the field, neither is written', () => {
    const verdict = route({ a: present('a', LEFT, { schema: schema({ writable: ['name'] }) }), b: present('b', LEFT), row: after([asked(['phone', 'name'])]) });
    expect(writes(verdict)).toEqual([['a', 'update', { name: 'Ann' }], ['b', 'update', { name: 'Ann' }]]);
    expect(Object.values(planOf(verdict).reasons)).toContain('undo of run r by ann: not done, a does not take it');
  });

  it('G9 of two undos of one field the newest that still finds its values is done', () => {
    const older: ReviewItem = { ...asked(['phone'], 'q'), values: { a: { phone: '+1' }, b: { phone: '+1' } }, decision: { kind: 'undo', run_id: 'q', values: { a: { phone: '+0' }, b: { phone: '+0' } }, stays: [], by: 'ann' } };
    const verdict = route({ a: present('a', LEFT), b: present('b', LEFT), row: after([older, asked(['phone'])]) });
    expect(writes(verdict)).toEqual([['a', 'update', { phone: '+1' }], ['b', 'update', { phone: '+1' }]]);
    expect(planOf(verdict).close_reviews).toEqual(['undo-q', 'undo-r']);
  });

  it('G9 waits for its write: a refused one leaves the decision standing', () => {
    const known = after([asked(['phone'])]);
    const plan = planOf(route({ a: present('a', LEFT), b: present('b', LEFT), row: known }));
    const outcomes = [{ system: 'a', outcome: { kind: 'written' as const, observation: null } }, { system: 'b', outcome: { kind: 'refused' as const, reason: '412' } }];
    expect(commitItem(RUN, plan, known, { fencing_token: 7 }, outcomes)).toMatchObject({ close_reviews: [], recheck: 'refused' });
  });

  it('G9 undone itself is what the run had left (redo)', () => {
    const known = after([asked(['phone'])]);
    const plan = planOf(route({ a: present('a', LEFT), b: present('b', LEFT), row: known }));
    const { effect } = commitItem(RUN, plan, known, { fencing_token: 7 }, plan.patches.map(({ system }) => ({ system, outcome: { kind: 'written' as const, observation: null } })));
    expect(effect).toEqual({ writes: 2, before: { a: { phone: '+2' }, b: { phone: '+2' } }, after: { a: { phone: '+1' }, b: { phone: '+1' } }, obstacles: {} });
  });

  it('G9 ends without a write when the record is not in both systems any more, or a person takes it back', () => {
    const ignoring = rules([], { deletes: { unchanged: 'ignore', edited: 'edit_wins', archive_fields: {} } });
    expect(route({ a: present('a', LEFT), b: gone('b'), row: after([asked()]) }, ignoring)).toMatchObject({ kind: 'Converged', plan: { close_reviews: ['undo-r'], reasons: { 'undo:r': 'undo of run r by ann: not done, the record is not in both systems' } } });
    const withdrawn: ReviewItem = { ...asked(), decision: { kind: 'keep_apart', by: 'ann' } };
    expect(route({ a: present('a', LEFT), b: present('b', LEFT), row: after([withdrawn]) })).toMatchObject({ kind: 'Converged', plan: { close_reviews: ['undo-r'], patches: [] } });
  });

  it('G9 gives way to a person who has decided the field', () => {
    const decided = review({ status: 'decided', values: { a: { phone: '+2' }, b: { phone: '+2' } }, decision: { kind: 'value', value: { phone: '+9' }, by: 'bob' } });
    expect(writes(route({ a: present('a', LEFT), b: present('b', LEFT), row: after([decided, asked(['phone'])]) }))).toEqual([['a', 'update', { phone: '+9' }], ['b', 'update', { phone: '+9' }]]);
  });
});
