import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../../core/json/fingerprint';
import { settleIntents } from '../../../core/stages/settle-intents';
import { formatStamp } from '../../../core/origin-stamp';
import { gone, intent, present, row, route, RUN, snapshot, writes } from '../../support/decisions';

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

  it('the stamp of another sync proves nothing', () => {
    const known = row(snapshot(V0), snapshot(V0), { intents: [intent('b', 7, { phone: 'v1' }, { phone: 'v1' })] });
    expect(settleIntents(RUN, { a: present('a', V0), b: present('b', v('v1'), { stamp: stamp(7, 'other') }) }, known).used).toEqual([]);
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
});
