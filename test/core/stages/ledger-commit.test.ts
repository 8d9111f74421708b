import { describe, expect, it } from 'vitest';
import type { WriteOutcome } from '../../../core/model';
import { commitItem } from '../../../core/stages/ledger-commit';
import { reserveItem } from '../../../core/stages/reserve-item';
import { intent, none, planOf, present, review, route, row, rule, rules, RUN, snapshot, writes } from '../../support/decisions';

const OLD = { name: 'Ann', phone: '+1' };
const known = row(snapshot(OLD), snapshot(OLD));
const plan = planOf(route({ a: present('a', { ...OLD, phone: '+2' }), b: present('b', OLD), row: known }));
const commit = (outcome: WriteOutcome) => commitItem(RUN, plan, known, { fencing_token: 7 }, [{ system: 'b', outcome }]);

describe('what a commit remembers', () => {
  it('E11 law 3: the written field as the response shows it, every other field as the diff had read it', () => {
    const item = commit({ kind: 'written', observation: present('b', { name: 'edited meanwhile', phone: '(2)' }) });
    expect(item.snapshots).toMatchObject({ a: { record: { phone: '+2' } }, b: { record: { name: 'Ann', phone: '(2)' } } });
    expect(item).toMatchObject({ recheck: null, note_hints: [], journal: [{ direction: 'a-to-b' }] });
  });

  it('V1 what a new record shows empty is remembered, so that it does not look emptied later; what it shows filled unasked is not', () => {
    const creating = planOf(route({ a: present('a', { name: 'Ann', phone: null }), b: none('b'), row: null }));
    const item = commitItem(RUN, creating, null, { fencing_token: 7 }, [{ system: 'b', outcome: { kind: 'written', observation: present('b', { name: 'Ann', phone: null, tags: [], city: 'set by b' }) } }]);
    expect(item.snapshots['b']?.record).toEqual({ name: 'Ann', phone: null, tags: [] });
  });

  it('keeps what was meant where the response does not show it', () => {
    expect(commit({ kind: 'written', observation: null }).snapshots['b']?.record).toEqual({ name: 'Ann', phone: '+2' });
  });

  it.each([['refused', { kind: 'refused', reason: '412' }], ['postponed', { kind: 'postponed', reason: '429', retry_after_seconds: 1 }]] as const)('a %s write moves nothing on either side, notes both and looks again', (recheck, outcome) => {
    const item = commit(outcome);
    expect(item.snapshots).toMatchObject({ a: { record: OLD }, b: { record: OLD } });
    expect(item).toMatchObject({ recheck, note_hints: ['a', 'b'], journal: [], keep_intents: [] });
  });

  it('a repeated create that is answered ends every intent of the same request, superseded ones too', () => {
    const creating = planOf(route({ a: present('a', OLD), b: none('b'), row: null }));
    const earlier = intent('b', 4, OLD, OLD, { op: 'create', superseded: true, idempotency_key: creating.patches[0]!.idempotency_key });
    const other = intent('b', 3, OLD, OLD, { op: 'create', superseded: true, idempotency_key: 'of another version' });
    const used = (outcome: WriteOutcome) => commitItem(RUN, creating, { ...known, intents: [earlier, other] }, { fencing_token: 7 }, [{ system: 'b', outcome }]).used_intents;
    expect(used({ kind: 'written', observation: present('b', OLD) })).toEqual(['4:b']);
    expect(used({ kind: 'unknown', reason: 'timeout' })).toEqual([]);
  });

  it('E1 a commit that writes nothing and moves a snapshot makes its value the latest of the journal [11]', () => {
    const both = { ...OLD, phone: '+2' };
    const converged = planOf(route({ a: present('a', both), b: present('b', both), row: known }));
    expect(commitItem(RUN, converged, known, null, []).journal).toMatchObject([{ direction: 'a-to-b', field_hash: present('a', both).fingerprint, idempotency_key: null }]);
  });

  it('F3 an unknown outcome keeps the intent open', () => {
    expect(commit({ kind: 'unknown', reason: 'timeout' })).toMatchObject({ recheck: 'unknown', keep_intents: ['b'] });
  });

  it.each([['unknown', 1], ['refused', 0]] as const)('C4 F3 what a write with %s outcome overwrote is on record (%i)', (kind, recorded) => {
    const owned = rules([rule('phone', { by: 'owner', owner: 'a', lone_edit: 'accept' })]);
    const overriding = planOf(route({ a: present('a', { ...OLD, phone: '+2' }), b: present('b', { ...OLD, phone: '+3' }), row: known }, owned));
    expect(commitItem(RUN, overriding, known, { fencing_token: 7 }, [{ system: 'b', outcome: { kind, reason: '' } }]).overrides).toHaveLength(recorded);
  });

  it('a write without any result may have been made', () => {
    expect(commitItem(RUN, plan, known, { fencing_token: 7 }, []).keep_intents).toEqual(['b']);
  });

  it('F5 a rejected value becomes a question and an issue, and is not looked at again at once', () => {
    const item = commit({ kind: 'rejected', reason: 'too long' });
    expect(item).toMatchObject({ recheck: null, open_reviews: [{ kind: 'rejected_write', subject: 'rejected:b', values: { a: { phone: '+2' }, b: { phone: '+1' } } }], issues: [{ code: 'rejected_write', reasons: ['too long'] }] });
  });

  it('a decision whose write was postponed is kept', () => {
    const decided = review({ status: 'decided', values: { a: { phone: '+2' }, b: { phone: '+3' } }, decision: { kind: 'winner', system: 'a', by: 'ann' } });
    const withDecision = row(snapshot(OLD), snapshot(OLD), { reviews: [decided] });
    const decision = planOf(route({ a: present('a', { ...OLD, phone: '+2' }), b: present('b', { ...OLD, phone: '+3' }), row: withDecision }));
    const closes = (outcome: WriteOutcome) => commitItem(RUN, decision, withDecision, { fencing_token: 7 }, [{ system: 'b', outcome }]).close_reviews;
    expect(closes({ kind: 'postponed', reason: '429', retry_after_seconds: 1 })).toEqual([]);
    expect(closes({ kind: 'written', observation: null })).toEqual(['r1']);
  });

  it('F5 a person lets a refused value be sent again, and it is refused again: the question comes back', () => {
    const decided = review({ kind: 'rejected_write', subject: 'rejected:b', status: 'decided', values: { a: { phone: '+2' }, b: { phone: '+1' } }, decision: { kind: 'winner', system: 'a', by: 'ann' } });
    const withDecision = row(snapshot(OLD), snapshot(OLD), { reviews: [decided] });
    const again = planOf(route({ a: present('a', { ...OLD, phone: '+2' }), b: present('b', OLD), row: withDecision }));
    const item = (outcome: WriteOutcome) => commitItem(RUN, again, withDecision, { fencing_token: 7 }, [{ system: 'b', outcome }]);
    expect(item({ kind: 'rejected', reason: 'too long' })).toMatchObject({ close_reviews: ['r1'], open_reviews: [{ subject: 'rejected:b' }] });
    expect(item({ kind: 'unknown', reason: 'timeout' })).toMatchObject({ close_reviews: [], open_reviews: [] });
  });

  it('a set that was to be written to both sides and reached one is merged again', () => {
    const sets = rules([rule('tags', { by: 'merge_set' })]);
    const before = row(snapshot({ tags: ['x'] }), snapshot({ tags: ['x'] }));
    const [a, b] = [present('a', { tags: ['p', 'x'] }), present('b', { tags: ['q', 'x'] })];
    const merged = planOf(route({ a, b, row: before }, sets));
    for (const done of ['a', 'b'] as const) {
      const other = done === 'a' ? 'b' : 'a';
      const item = commitItem(RUN, merged, before, { fencing_token: 7 }, [{ system: done, outcome: { kind: 'written', observation: null } }, { system: other, outcome: { kind: 'refused', reason: '412' } }]);
      const after = row(item.snapshots['a'] ?? null, item.snapshots['b'] ?? null);
      const all = present(done, { tags: ['p', 'q', 'x'] });
      const again = route({ a: done === 'a' ? all : a, b: done === 'b' ? all : b, row: after }, sets);
      expect(again?.plan.patches.map(({ system, fields }) => [system, { ...fields }])).toEqual([[other, { tags: ['p', 'q', 'x'] }]]);
    }
  });

  it.each(['refused', 'rejected'] as const)('C9 what is taken out of a set where the merged one was %s stays out', (kind) => {
    const sets = rules([rule('tags', { by: 'merge_set' })]);
    const before = row(snapshot({ tags: ['x'] }), snapshot({ tags: ['x'] }));
    const merged = planOf(route({ a: present('a', { tags: ['p', 'x'] }), b: present('b', { tags: ['q', 'x'] }), row: before }, sets));
    const item = commitItem(RUN, merged, before, { fencing_token: 7 }, [{ system: 'a', outcome: { kind: 'written', observation: null } }, { system: 'b', outcome: { kind, reason: '' } }]);
    const after = row(item.snapshots['a'] ?? null, item.snapshots['b'] ?? null);
    const again = route({ a: present('a', { tags: ['p', 'q', 'x'] }), b: present('b', { tags: ['x'] }), row: after }, sets);
    expect(writes(again)).toEqual([['a', 'update', { tags: ['p', 'x'] }], ['b', 'update', { tags: ['p', 'x'] }]]);
  });

  it("a person's own value that reached one side travels on from there, and what it replaces on the other goes on record", () => {
    const decided = review({ status: 'decided', values: { a: { phone: '+2' }, b: { phone: '+3' } }, decision: { kind: 'value', value: { phone: '+9' }, by: 'ann' } });
    const known = row(snapshot(OLD), snapshot(OLD), { reviews: [decided] });
    const owned = rules([rule('phone', { by: 'owner', owner: 'b', lone_edit: 'accept' })]);
    const both = planOf(route({ a: present('a', { ...OLD, phone: '+2' }), b: present('b', { ...OLD, phone: '+3' }), row: known }, owned));
    const item = commitItem(RUN, both, known, { fencing_token: 7 }, [{ system: 'a', outcome: { kind: 'written', observation: null } }, { system: 'b', outcome: { kind: 'refused', reason: '412' } }]);
    const after = row(item.snapshots['a'] ?? null, item.snapshots['b'] ?? null, { reviews: [decided] });
    const again = planOf(route({ a: present('a', { ...OLD, phone: '+9' }), b: present('b', { ...OLD, phone: '+3' }), row: after }, owned));
    expect(again.patches.map(({ system, fields }) => [system, { ...fields }])).toEqual([['b', { phone: '+9' }]]);
    expect(again.overrides).toMatchObject([{ system: 'b', field: 'phone', lost: '+3', won: '+9' }]);
  });

  it('a create links the record by the id that the response gave', () => {
    const created = planOf(route({ a: present('a', OLD), b: none('b'), row: null }));
    expect(reserveItem({ lease_seconds: 60, sentinel: 'n8n-sync' }, RUN, created, null, [])).toMatchObject({ version: 0, links: { a: 'a1' }, intents: [{ op: 'create', match_key: 'x@example.org' }] });
    expect(commitItem(RUN, created, null, { fencing_token: 7 }, [{ system: 'b', outcome: { kind: 'written', observation: present('b', OLD, { native_id: 'b9' }) } }]).links).toEqual({ a: 'a1', b: 'b9' });
  });
});
