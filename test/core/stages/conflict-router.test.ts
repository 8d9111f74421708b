import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../core/model';
import { linkedId } from '../../../core/policies/review-decisions';
import { diff, gone, none, planOf, present, review, route, row, rule, rules, RUN, schema, snapshot, writes } from '../../support/decisions';

const OLD = { name: 'Ann', phone: '+1', city: 'Bonn', zip: '1', tags: ['x'] };
const linked = (over = {}) => row(snapshot(OLD), snapshot(OLD), over);
const owner = (system: string, lone_edit: 'accept' | 'revert' | 'review' = 'accept') => ({ by: 'owner', owner: system, lone_edit }) as const;

describe('Conflict Router', () => {
  it('C1 different fields changed on both sides: both move, no conflict', () => {
    const verdict = route({ a: present('a', { ...OLD, phone: '+2' }), b: present('b', { ...OLD, name: 'Bea' }), row: linked() });
    expect(verdict?.kind).toBe('Write');
    expect(writes(verdict)).toEqual([['b', 'update', { phone: '+2' }], ['a', 'update', { name: 'Bea' }]]);
  });

  it('C2 the same new value on both sides: converged, nothing written', () => {
    const verdict = route({ a: present('a', { ...OLD, phone: '+2' }), b: present('b', { ...OLD, phone: '+2' }), row: linked() });
    expect(verdict?.kind).toBe('Converged');
    expect(planOf(verdict).next['b']?.record['phone']).toBe('+2');
  });

  it('V1 a field that shows empty for the first time was not emptied: it beats no edit and no delete, even where it may erase', () => {
    const { phone: _unseen, ...created } = OLD;
    const b = present('b', { ...created, phone: null }, { schema: schema({ clearable: ['phone'] }) });
    const edited = route({ a: present('a', OLD), b, row: row(snapshot({ ...created, phone: null }), snapshot(created)) }, rules([rule('phone', owner('b'))]));
    expect(writes(edited)).toEqual([['b', 'update', { phone: '+1' }]]);
    expect(writes(route({ a: gone('a'), b, row: row(snapshot(created), snapshot(created)) }))).toEqual([['b', 'delete', {}]]);
  });

  it('V1 a field that one side does not show is unknown there, not emptied: the other side’s edit of it is written', () => {
    const { phone: _unshown, ...shown } = OLD;
    expect(writes(route({ a: present('a', { ...OLD, phone: '+2' }), b: present('b', shown), row: linked() }))).toEqual([['b', 'update', { phone: '+2' }]]);
    expect(route({ a: present('a', OLD), b: present('b', shown), row: linked() })).toBeNull();
  });

  it('E11 an old difference that neither side touched is left alone', () => {
    expect(route({ a: present('a', OLD), b: present('b', { ...OLD, phone: '(1)' }), row: row(snapshot(OLD), snapshot({ ...OLD, phone: '(1)' })) })).toBeNull();
  });

  it('C4 the owner wins, the loser is corrected and its value is kept in the history', () => {
    const verdict = route({ a: present('a', { ...OLD, phone: '+2' }), b: present('b', { ...OLD, phone: '+3' }), row: linked() }, rules([rule('phone', owner('b'))]));
    expect(writes(verdict)).toEqual([['a', 'update', { phone: '+3' }]]);
    expect(planOf(verdict).overrides).toEqual([{ system: 'a', field: 'phone', lost: '+2', won: '+3', rule: 'owner b' }]);
  });

  it.each([['accept', [['b', 'update', { phone: '+2' }]]], ['revert', [['a', 'update', { phone: '+1' }]]], ['review', []]] as const)('C5 a lone edit of a non-owner: %s', (lone, expected) => {
    const verdict = route({ a: present('a', { ...OLD, phone: '+2' }), b: present('b', OLD), row: linked() }, rules([rule('phone', owner('b', lone))]));
    expect(writes(verdict)).toEqual(expected);
    expect(planOf(verdict).open_reviews).toHaveLength(lone === 'review' ? 1 : 0);
  });

  it('C6 without a rule a person is asked; the other fields go on, and neither snapshot of the field moves', () => {
    const verdict = route({ a: present('a', { ...OLD, phone: '+2', city: 'Ulm' }), b: present('b', { ...OLD, phone: '+3' }), row: linked() });
    expect(writes(verdict)).toEqual([['b', 'update', { city: 'Ulm' }]]);
    expect(planOf(verdict).open_reviews).toMatchObject([{ subject: 'phone', values: { a: { phone: '+2' }, b: { phone: '+3' } } }]);
    expect([planOf(verdict).next['a']?.record['phone'], planOf(verdict).next['b']?.record['phone']]).toEqual(['+1', '+1']);
  });

  it('C6 a decision counts only while both sides hold what was shown', () => {
    const decided = review({ status: 'decided', values: { a: { phone: '+2' }, b: { phone: '+3' } }, decision: { kind: 'winner', system: 'b', by: 'ann' } });
    const sides = (b: string) => ({ a: present('a', { ...OLD, phone: '+2' }), b: present('b', { ...OLD, phone: b }), row: linked({ reviews: [decided] }) });
    expect(writes(route(sides('+3')))).toEqual([['a', 'update', { phone: '+3' }]]);
    expect(planOf(route(sides('+3'))).close_reviews).toEqual(['r1']);
    expect(writes(route(sides('+4')))).toEqual([]);
    expect(planOf(route(sides('+4'))).open_reviews).toHaveLength(1);
  });

  it('C7 latest wins only between trusted timestamps; else the reason is kept', () => {
    const latest = rules([rule('phone', { by: 'latest', tolerance_seconds: 5, fallback_owner: null })]);
    const at = (a: string, b: string) => route({ a: present('a', { ...OLD, phone: '+2' }, { updated_at: a }), b: present('b', { ...OLD, phone: '+3' }, { updated_at: b }), row: linked() }, latest);
    expect(writes(at('2026-01-01T10:00:00Z', '2026-01-01T09:00:00Z'))).toEqual([['b', 'update', { phone: '+2' }]]);
    for (const [a, why] of [['2026-01-01T10:00:00', 'time zone'], ['2026-01-01T09:00:01Z', 'closer'], ['2027-01-01T00:00:00Z', 'future']] as const) {
      expect(planOf(at(a, '2026-01-01T09:00:00Z')).open_reviews[0]?.reason).toContain(why);
    }
  });

  it('C8 a group is decided as one', () => {
    const group = rules([rule('address', owner('a'), { fields: ['city', 'zip'] })]);
    const verdict = route({ a: present('a', { ...OLD, city: 'Ulm' }), b: present('b', { ...OLD, zip: '2' }), row: linked() }, group);
    expect(writes(verdict)).toEqual([['b', 'update', { city: 'Ulm', zip: '1' }]]);
  });

  it('C8 law 9: a field that the winner of a group did not show is not filled from the loser', () => {
    const { zip: _absent, ...partial } = OLD;
    const group = rules([rule('address', owner('a'), { fields: ['city', 'zip'] })]);
    const verdict = route({ a: present('a', { ...partial, city: 'Ulm' }), b: present('b', { ...OLD, city: 'Kiel', zip: '2' }), row: linked() }, group);
    expect(writes(verdict)).toEqual([['b', 'update', { city: 'Ulm' }]]);
  });

  it('C9 adds and removes of both sides are merged', () => {
    const verdict = route({ a: present('a', { ...OLD, tags: ['new', 'x'] }), b: present('b', { ...OLD, tags: [] }), row: linked() }, rules([rule('tags', { by: 'merge_set' })]));
    expect(writes(verdict)).toEqual([['a', 'update', { tags: ['new'] }], ['b', 'update', { tags: ['new'] }]]);
  });

  it.each([[undefined], [null]])('C9 V2 a side that shows no set (%s) removes nothing from the other', (shown) => {
    const { tags: _absent, ...partial } = OLD;
    const a = present('a', shown === undefined ? { ...partial, name: 'Bea' } : { ...OLD, tags: shown });
    const verdict = route({ a, b: present('b', { ...OLD, tags: ['x', 'y'] }), row: linked() }, rules([rule('tags', { by: 'merge_set' })]));
    for (const [, , fields] of writes(verdict)) if ('tags' in fields) expect(fields['tags']).toEqual(['x', 'y']);
  });

  it('V1 null erases nothing unless clearing is allowed, and travels when it is', () => {
    const cleared = (clearable: readonly string[]) => route({ a: present('a', { ...OLD, phone: null }, { schema: schema({ clearable }) }), b: present('b', OLD), row: linked() });
    expect(writes(cleared([]))).toEqual([]);
    expect(writes(cleared(['phone']))).toEqual([['b', 'update', { phone: null }]]);
  });

  it('V1 null on one side and no such field on the other are both "unset": nothing to write', () => {
    const { phone: _absent, ...without } = OLD;
    const verdict = route({ a: present('a', { ...OLD, phone: null }), b: present('b', without), row: null }, rules([], { otherwise: owner('a') }));
    expect(writes(verdict)).toEqual([]);
  });

  it('V10 a field that a system does not take is not written to it, and no overwrite is claimed', () => {
    const verdict = route({ a: present('a', { ...OLD, phone: '+2' }), b: present('b', { ...OLD, phone: '+3' }, { schema: schema({ writable: ['name'] }) }), row: linked() }, rules([rule('phone', owner('a'))]));
    expect(writes(verdict)).toEqual([]);
    expect(planOf(verdict).overrides).toEqual([]);
  });

  it('V8 field names such as constructor and __proto__ are ordinary data', () => {
    const verdict = route({ a: present('a', JSON.parse('{"name":"Ann","constructor":"c","__proto__":"p"}') as Record<string, string>), b: none('b'), row: null });
    expect(JSON.stringify(planOf(verdict).patches[0]?.fields)).toBe('{"name":"Ann","constructor":"c","__proto__":"p"}');
  });

  it('I1 a record that only one side has is created once, without its nulls, unless creating is switched off', () => {
    const sides = { a: present('a', { name: 'Ann', phone: null }), b: none('b'), row: null };
    expect(writes(route(sides))).toEqual([['b', 'create', { name: 'Ann' }]]);
    const off = route(sides, rules([], { creates: { allowed_in: ['a'] } }));
    expect(off?.kind).toBe('Converged');
    expect(planOf(off)).toMatchObject({ links: {}, next: { a: null, b: null } });
  });

  it('a system that takes none of the fields gets no record, and none is remembered for it', () => {
    const takesNothing = { schema: schema({ writable: [] }) };
    const edited = route({ a: present('a', { ...OLD, phone: '+2' }), b: { ...gone('b'), ...takesNothing }, row: linked() });
    expect([edited?.kind, planOf(edited).next]).toEqual(['Converged', planOf(edited).bases]);
    const unknown = route({ a: present('a', OLD), b: { ...none('b'), ...takesNothing }, row: null });
    expect(planOf(unknown)).toMatchObject({ patches: [], next: { a: null, b: null } });
  });

  it('I1 I2 several matches are reported and never created', () => {
    const verdict = route({ a: present('a', OLD), b: present('b', {}, { presence: 'ambiguous', native_id: null, candidates: ['b1', 'b2'] }), row: null });
    expect(verdict?.kind).toBe('Review');
    expect(planOf(verdict)).toMatchObject({ patches: [], open_reviews: [{ kind: 'ambiguous', subject: '*', values: { a: {}, b: { candidates: ['b1', 'b2'] } } }] });
  });

  it('I2 an ambiguous match stays a question when it is seen from one of the matches', () => {
    const open = review({ kind: 'ambiguous', subject: '*', fields: [] });
    const run = { sync: 'test', record_type: 'contact', source: 'b', target: 'a', run_id: 'r', read_token: 1, dry_run: false, attempt: 0 };
    const verdict = route({ a: present('a', OLD), b: present('b', OLD), row: { ...row(null, null, { reviews: [open] }), links: { a: 'a1', b: null } }, run });
    expect(planOf(verdict)).toMatchObject({ patches: [], close_reviews: [] });
  });

  it('I1 the candidate that a person chose is read by its id and linked, and the question is closed', () => {
    const decided = review({ kind: 'ambiguous', subject: '*', fields: [], status: 'decided', decision: { kind: 'link', native_id: 'b1', by: 'ann' } });
    const known = { ...row(null, null, { reviews: [decided] }), links: { a: 'a1', b: null } };
    expect([linkedId(known, 'b'), linkedId(known, 'a'), linkedId(null, 'b')]).toEqual(['b1', 'a1', null]);
    expect(planOf(route({ a: present('a', OLD), b: present('b', OLD), row: known }))).toMatchObject({ links: { a: 'a1', b: 'b1' }, close_reviews: ['r1'] });
  });

  describe('I1 a second record of one system with the match key of a linked one', () => {
    const second = present('a', OLD, { native_id: 'a2' });
    const asked = planOf(route({ a: second, b: present('b', OLD), row: linked(), also: [present('a', OLD)] })).open_reviews;
    const claim = review({ ...asked[0] });
    const pass = (city: string, ...also: Observation[]) => ({ a: present('a', { ...OLD, city }), b: present('b', OLD), row: linked({ reviews: [claim] }), also });

    it('is asked about by its own name', () => {
      expect(asked).toMatchObject([{ kind: 'ambiguous', subject: 'claim:a:a2', values: { a: { match_key: 'x@example.org' }, b: {} } }]);
      expect(planOf(route({ a: second, b: present('b', OLD), row: linked({ reviews: [claim] }), also: [present('a', OLD)] }))).toMatchObject({ open_reviews: [], close_reviews: [] });
    });

    it('stays a question when only the linked record is looked at, which goes on being synced', () => {
      const verdict = route(pass('new'));
      expect(writes(verdict)).toEqual([['b', 'update', { city: 'new' }]]);
      expect(planOf(verdict).close_reviews).toEqual([]);
    });

    it('is read when nothing else is to be done, and leaves the ledger as it is while it stands', () => {
      expect(diff(pass(OLD.city))).toMatchObject({ kind: 'Recheck', reason: 'claim_unread', read: [{ native_id: 'a1' }, { native_id: 'a2' }] });
      expect(diff(pass(OLD.city, second)).kind).toBe('Unchanged');
      expect(diff({ ...pass(OLD.city), run: { ...RUN, source: 'b', target: 'a' } }).kind).toBe('Unchanged');
    });

    it.each([['is gone', { ...gone('a'), native_id: 'a2' }], ['has another match key by now', { ...second, match_key: 'y@example.org' }]])('is no question any more when it %s', (_what, now) => {
      expect(planOf(route(pass(OLD.city, now)))).toMatchObject({ patches: [], close_reviews: ['r1'] });
      if (now.presence === 'present') expect(diff({ ...pass(OLD.city, present('a', OLD)), a: now }).kind).toBe('Unchanged');
    });

    it('takes the place of a linked record that is gone, and the question is closed', () => {
      const plan = planOf(route({ a: second, b: present('b', OLD), row: linked({ reviews: [claim] }), also: [gone('a')] }));
      expect(plan).toMatchObject({ links: { a: 'a2', b: 'b1' }, close_reviews: ['r1'] });
    });
  });

  it('D1 deleted and unchanged: by rule', () => {
    const sides = { a: gone('a'), b: present('b', OLD), row: linked() };
    expect(writes(route(sides))).toEqual([['b', 'delete', {}]]);
    const by = (unchanged: 'ignore' | 'review') => route(sides, rules([], { deletes: { unchanged, edited: 'edit_wins', archive_fields: {} } }));
    expect(by('ignore')?.kind).toBe('Converged');
    expect(by('review')?.kind).toBe('Review');
  });

  it('D2 an edit beats a delete: the record is created again', () => {
    expect(writes(route({ a: gone('a'), b: present('b', { ...OLD, phone: '+2' }), row: linked() }))).toEqual([['a', 'create', { ...OLD, phone: '+2' }]]);
  });

  it('D2 an edit made after the question is not deleted by the answer', () => {
    const byReview = rules([], { deletes: { unchanged: 'review', edited: 'review', archive_fields: {} } });
    const asked = planOf(route({ a: gone('a'), b: present('b', OLD), row: linked() }, byReview)).open_reviews[0];
    const decided = review({ ...asked, status: 'decided', decision: { kind: 'winner', system: 'a', by: 'ann' } });
    const after = (phone: string) => route({ a: gone('a'), b: present('b', { ...OLD, phone }), row: linked({ reviews: [decided] }) }, byReview);
    expect(writes(after('+1'))).toEqual([['b', 'delete', {}]]);
    expect(writes(after('+2'))).toEqual([]);
  });

  it('D3 gone on both sides: remembered, nothing written', () => {
    expect(writes(route({ a: gone('a'), b: gone('b'), row: linked() }))).toEqual([]);
  });

  it('a late update of a deleted record never brings it back', () => {
    const verdict = route({ a: gone('a'), b: present('b', { ...OLD, phone: '+2' }), row: row(snapshot(OLD, 'gone'), snapshot(OLD)) });
    expect(writes(verdict)).toEqual([]);
  });

  it('D6 a search that finds nothing is no proof of a deletion', () => {
    const verdict = route({ a: present('a', { ...OLD, phone: '+2' }), b: none('b'), row: linked({ links: { a: 'a1', b: 'b1' } }) });
    expect(verdict?.kind).toBe('Converged');
    expect(planOf(verdict).next).toEqual(planOf(verdict).bases);
  });

  it('I6 out of scope is not deleted', () => {
    expect(diff({ a: present('a', {}, { presence: 'out_of_scope' }), b: present('b', OLD), row: linked() }).kind).toBe('Unchanged');
  });

  it('F5 a refused value is not sent again until one side changes it; a refused delete neither', () => {
    const refused = review({ kind: 'rejected_write', subject: 'rejected:b', values: { a: { phone: '+2' }, b: { phone: '+1' } } });
    const sides = (phone: string) => ({ a: present('a', { ...OLD, phone }), b: present('b', OLD), row: linked({ reviews: [refused] }) });
    expect(writes(route(sides('+2')))).toEqual([]);
    expect(planOf(route(sides('+2'))).close_reviews).toEqual([]);
    expect(writes(route(sides('+4')))).toEqual([['b', 'update', { phone: '+4' }]]);
    const undeletable = review({ kind: 'rejected_write', subject: 'rejected:b', fields: Object.keys(OLD), values: { a: {}, b: OLD } });
    expect(writes(route({ a: gone('a'), b: present('b', OLD), row: linked({ reviews: [undeletable] }) }))).toEqual([]);
  });

  it('F5 a value that one system refused travels the other way as soon as the difference says so, and is remembered', () => {
    const refused = review({ kind: 'rejected_write', subject: 'rejected:b', fields: ['name', 'phone'], values: { a: { name: 'Bea', phone: '+2' }, b: { name: 'Ann', phone: '+1' } } });
    const plan = planOf(route({ a: present('a', { ...OLD, name: 'Bea', phone: '+2' }), b: present('b', OLD), row: row(snapshot({ ...OLD, name: 'Bea' }), snapshot({ ...OLD, name: 'Bea' }), { reviews: [refused] }) }));
    expect(plan.patches.map(({ system, fields }) => [system, fields])).toEqual([['a', { name: 'Ann' }]]);
    expect([plan.next['a']?.record['name'], plan.next['b']?.record['name'], plan.next['b']?.record['phone']]).toEqual(['Ann', 'Ann', '+1']);
    expect(plan.close_reviews).toEqual([]);
  });
});
