import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../../core/json/fingerprint';
import { settleIntents } from '../../../core/stages/settle-intents';
import { commitItem } from '../../../core/stages/ledger-commit';
import { formatStamp } from '../../../core/origin-stamp';
import { gone, intent, none, planOf, present, row, route, RUN, snapshot, writes } from '../../support/decisions';

const V0 = { phone: 'v0', city: 'c0' };
const stamp = (token: number, sync = 'test') => formatStamp({ sync, record_key: 'contact_1', fencing_token: token, value_hash: fingerprint({}) });
const v = (phone: string) => ({ ...V0, phone });

describe('settling intents', () => {
  it('F1 a write that landed without a commit is adopted on both sides', () => {
    const known = row(snapshot(V0), snapshot(V0), { intents: [intent('b', 7, { phone: 'v1' }, { phone: 'v1' })] });
    const { bases, used } = settleIntents(RUN, { a: present('a', v('v1')), b: present('b', v('v1'), { stamp: stamp(7) }) }, known);
    expect([bases['a']?.record['phone'], bases['b']?.record['phone']]).toEqual(['v1', 'v1']);
    expect(used).toEqual(['7:b']);
  });

  it('F1 an edit made on top of a landed write travels, and is no conflict', () => {
    const known = row(snapshot(V0), snapshot(V0), { intents: [intent('b', 7, { phone: 'v1' }, { phone: 'v1' })] });
    expect(writes(route({ a: present('a', v('v1')), b: present('b', v('v2'), { stamp: stamp(7) }), row: known }))).toEqual([['a', 'update', { phone: 'v2' }]]);
  });

  it('F2 a write that did not land is planned again', () => {
    const known = row(snapshot(V0), snapshot(V0), { intents: [intent('b', 7, { phone: 'v1' }, { phone: 'v1' })] });
    expect(writes(route({ a: present('a', v('v1')), b: present('b', V0), row: known }))).toEqual([['b', 'update', { phone: 'v1' }]]);
  });

  it('E1 set back while the write was under way: the set-back travels', () => {
    const known = row(snapshot(V0), snapshot(V0), { intents: [intent('b', 7, { phone: 'v1' }, { phone: 'v1' })] });
    expect(writes(route({ a: present('a', V0), b: present('b', v('v1'), { stamp: stamp(7) }), row: known }))).toEqual([['b', 'update', { phone: 'v0' }]]);
  });

  it('without stamps the value proves it, if it differs from the snapshot', () => {
    const known = row(snapshot(V0), snapshot(V0), { intents: [intent('b', 7, { phone: 'v1' }, { phone: 'v1' })] });
    const b = (phone: string) => present('b', v(phone), { holds_stamps: false });
    expect(settleIntents(RUN, { a: present('a', v('v1')), b: b('v1') }, known).used).toEqual(['7:b']);
    expect(settleIntents(RUN, { a: present('a', v('v1')), b: b('v0') }, known).used).toEqual([]);
  });

  it('a superseded write that lands after a newer plan is our own late write, not an edit', () => {
    const late = intent('a', 7, { phone: 'v1' }, { phone: 'v1' }, { superseded: true });
    const newer = intent('b', 9, { phone: 'v2' }, { phone: 'v2' });
    const known = row(snapshot(V0), snapshot(V0), { intents: [newer, late] });
    const verdict = route({ a: present('a', v('v1'), { stamp: stamp(7) }), b: present('b', v('v2'), { stamp: stamp(9) }), row: known });
    expect(writes(verdict)).toEqual([['a', 'update', { phone: 'v2' }]]);
    expect(verdict?.plan.used_intents).toEqual(['9:b', '7:a']);
  });

  it('F1 what the plan of a landed write had found landed has landed, also where only the value proves it', () => {
    const older = intent('a', 7, { city: 'c1' }, { city: 'c1' }, { superseded: true });
    const newer = { ...intent('b', 9, { phone: 'v1' }, { phone: 'v1' }), used: ['7:a'] };
    const known = row(snapshot(V0), snapshot(V0), { intents: [newer, older] });
    const unstamped = (system: 'a' | 'b') => present(system, v('v1'), { holds_stamps: false });
    expect(settleIntents(RUN, { a: unstamped('a'), b: unstamped('b') }, known).used).toEqual(['9:b', '7:a']);
  });

  it('F1 a stamp proves a write whatever its first word is', () => {
    const own = formatStamp({ sentinel: 'acme', sync: 'test', record_key: 'contact_1', fencing_token: 7, value_hash: fingerprint({}) });
    const known = row(snapshot(V0), snapshot(V0), { intents: [intent('b', 7, { phone: 'v1' }, { phone: 'v1' })] });
    expect(settleIntents(RUN, { a: present('a', v('v1')), b: present('b', v('v1'), { stamp: own }) }, known).used).toEqual(['7:b']);
  });

  it('the stamp of another sync proves nothing', () => {
    const known = row(snapshot(V0), snapshot(V0), { intents: [intent('b', 7, { phone: 'v1' }, { phone: 'v1' })] });
    expect(settleIntents(RUN, { a: present('a', V0), b: present('b', v('v1'), { stamp: stamp(7, 'other') }) }, known).used).toEqual([]);
  });

  it('F1 C4 what a landed write overwrote comes on record when it is adopted, whatever becomes of the new plan', () => {
    const overrides = [{ system: 'b', field: 'phone', lost: 'theirs', won: 'v1', rule: 'owner a' }];
    const known = row(snapshot(V0), snapshot(V0), { intents: [intent('b', 7, { phone: 'v1' }, { phone: 'v1' }, { overrides, superseded: true })] });
    const landed = planOf(route({ a: present('a', v('v1')), b: present('b', v('v1'), { stamp: stamp(7) }), row: known }));
    expect(commitItem(RUN, landed, known, null, []).overrides).toEqual(overrides);

    const edited = planOf(route({ a: present('a', v('v3')), b: present('b', v('v1'), { stamp: stamp(7) }), row: known }));
    expect(commitItem(RUN, edited, known, { fencing_token: 8 }, [{ system: 'b', outcome: { kind: 'refused', reason: '412' } }]).overrides).toEqual(overrides);

    const lost = planOf(route({ a: present('a', v('v1')), b: present('b', V0), row: known }));
    expect(lost.landed_overrides).toEqual([]);
  });

  it.each([true, false])('C4 so does what a landed write put back to the snapshot, which moves no base (stamps: %s)', (holds_stamps) => {
    const overrides = [{ system: 'b', field: 'phone', lost: 'theirs', won: 'v0', rule: 'owner a: edit in b reverted' }];
    const known = row(snapshot(V0), snapshot(V0), { intents: [intent('b', 7, { phone: 'v0' }, { phone: 'v0' }, { overrides })] });
    const sides = (phone: string, text: string | null) => ({ a: present('a', V0), b: present('b', v(phone), { holds_stamps, stamp: holds_stamps ? text : null }), row: known });
    expect(planOf(route(sides('v0', stamp(7)))).landed_overrides).toEqual(overrides);
    const { a, b } = sides('theirs', null);
    expect(settleIntents(RUN, { a, b }, known).overrides).toEqual([]);
  });

  it.each([true, false])('F1 C4 what the plan of a landed write had found landed has landed, though the later stamp lies over it (stamps: %s)', (holds_stamps) => {
    const overrides = [{ system: 'b', field: 'phone', lost: 'theirs', won: 'v1', rule: 'owner a' }];
    const [first, second] = [intent('b', 7, { phone: 'v1' }, { phone: 'v1' }, { overrides, superseded: true }), intent('b', 9, { city: 'c1' }, { city: 'c1' }, { used: ['7:b'] })];
    const known = row(snapshot(V0), snapshot(V0), { intents: [second, first] });
    const sides = (phone: string) => ({ a: present('a', { phone: 'v1', city: 'c1' }), b: present('b', { phone, city: 'c1' }, { holds_stamps, stamp: holds_stamps ? stamp(9) : null }), row: known });
    const plan = planOf(route(sides('v1')));
    expect(plan.landed_overrides).toEqual(overrides);
    expect([...plan.used_intents].sort()).toEqual(['7:b', '9:b']);
    // Nobody but that write moved the first one's base, so an edit made on top of it is no conflict.
    if (holds_stamps) expect(writes(route(sides('v2')))).toEqual([['a', 'update', { phone: 'v2' }]]);
    expect(settleIntents(RUN, { a: present('a', { phone: 'v1', city: 'c1' }), b: present('b', V0, { holds_stamps, stamp: null }) }, known).overrides).toEqual([]);
  });

  it('only the open delete is ours: a superseded one proves nothing about who deleted', () => {
    const known = (superseded: boolean) => row(snapshot(V0), snapshot(V0), { intents: [intent('b', 7, {}, {}, { op: 'delete', superseded })] });
    const observed = { a: gone('a'), b: gone('b') };
    expect(settleIntents(RUN, observed, known(false)).bases['b']?.presence).toBe('gone');
    expect(settleIntents(RUN, observed, known(true)).bases['b']?.presence).toBe('present');
  });

  it('an open create is repeated exactly as it was, and the run looks again for what is newer', () => {
    const open = intent('b', 7, { phone: 'v0' }, { phone: 'v0' }, { op: 'create', native_id: null, idempotency_key: 'first', match_key: 'x@example.org' });
    const known = row(null, null, { links: { a: 'a1', b: null }, intents: [open] });
    const verdict = route({ a: present('a', v('v1')), b: present('b', {}, { presence: 'none', native_id: null }), row: known });
    expect(verdict?.plan).toMatchObject({ look_again: true, patches: [{ op: 'create', idempotency_key: 'first', fields: { phone: 'v0' } }] });
  });

  it('a field that was empty when an open create was first sent, and is set by now, travels afterwards', () => {
    const open = intent('b', 5, { name: 'Ann' }, { name: 'Ann' }, { op: 'create', native_id: null, match_key: 'x@example.org' });
    const plan = planOf(route({ a: present('a', { name: 'Ann', phone: '1' }), b: none('b'), row: row(null, null, { links: { a: 'a1', b: null }, intents: [open] }) }));
    expect(plan.patches.map(({ fields }) => ({ ...fields }))).toEqual([{ name: 'Ann' }]);
    expect(plan.look_again).toBe(true);
    expect({ ...plan.next['a']?.record }).toEqual({ name: 'Ann' });
  });
});
