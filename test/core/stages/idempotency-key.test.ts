import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../../core/json/fingerprint';
import type { Intent, JsonValue, LedgerRow, Observation } from '../../../core/model';
import { formatStamp } from '../../../core/origin-stamp';
import { gone, intent, none, planOf, present, route, row, RUN, snapshot } from '../../support/decisions';

const OLD = { name: 'Ann', phone: '+1' };
const STAMP_7 = formatStamp({ sync: 'test', record_key: 'contact_1', fencing_token: 7, value_hash: fingerprint({}) });
const known = (over: Partial<LedgerRow> = {}) => row(snapshot(OLD), snapshot(OLD), over);
const keysOf = (a: Record<string, JsonValue>, held: LedgerRow | null, run = RUN) =>
  planOf(route({ a: present('a', a), b: held === null ? none('b') : present('b', OLD), row: held, run })).patches.map((patch) => patch.idempotency_key);

describe('[law 16] the idempotency key names the write', () => {
  it('by direction, record, committed version and what is patched', () => {
    expect(keysOf({ ...OLD, phone: '+2' }, known())).toEqual([expect.stringMatching(/^a-to-b-contact_1-v2-[0-9a-f]{12}$/u)]);
    expect(keysOf(OLD, null)).toEqual(['a-to-b-contact_1-v0']);
    expect(keysOf({ ...OLD, phone: '+2' }, known(), { ...RUN, source: 'b', target: 'a' })).toEqual(keysOf({ ...OLD, phone: '+2' }, known()));
  });

  it('F1 and tells a delete from the create of a record that came back meanwhile', () => {
    const deleting = planOf(route({ a: gone('a'), b: present('b', OLD), row: known() })).patches;
    const creating = planOf(route({ a: present('a', { ...OLD, phone: '+2' }), b: gone('b'), row: known() })).patches;
    expect([...deleting, ...creating].map(({ op, idempotency_key }) => [op, idempotency_key])).toEqual([['delete', 'a-to-b-contact_1-v2-delete'], ['create', 'a-to-b-contact_1-v2']]);
  });

  it('F2 and is the same after a takeover, which moves the version and commits nothing', () => {
    expect(keysOf({ ...OLD, phone: '+2' }, known({ version: 9 }))).toEqual(keysOf({ ...OLD, phone: '+2' }, known()));
  });

  it('F1 E1 and is another one when other writes came between, or it has landed, though nobody has committed', () => {
    const wanted = { ...OLD, phone: '+2' };
    const [first] = keysOf(wanted, known());
    const sent = (token: number, phone: string, key = `${first ?? ''}${phone}`) => intent('b', token, { phone }, { phone }, { idempotency_key: key, superseded: token < 9 });
    expect(keysOf(wanted, known({ intents: [sent(9, '+2', first)] }))).toEqual([first]);
    expect(keysOf(wanted, known({ intents: [sent(9, '+3'), sent(7, '+2', first)] }))).toEqual([`${first ?? ''}-2`]);
    expect(keysOf(wanted, known({ intents: [sent(9, '+2', `${first ?? ''}-2`), sent(8, '+3'), sent(7, '+2', first)] }))).toEqual([`${first ?? ''}-2`]);
  });

  it('F1 F2 and is another one when an older write has landed that may lie over it, which the next try keeps', () => {
    const [first] = keysOf({ ...OLD, phone: '+2' }, known());
    const late = intent('b', 7, { phone: '+3' }, { phone: '+3' }, { superseded: true });
    const sent = (token: number, key = first ?? '', used: readonly string[] = []) => intent('b', token, { phone: '+2' }, { phone: '+2' }, { idempotency_key: key, used, superseded: token < 9 });
    const keys = (shown: string, intents: readonly Intent[], over: Partial<Observation> = {}) =>
      planOf(route({ a: present('a', { ...OLD, phone: '+2' }), b: present('b', { ...OLD, phone: shown }, over), row: known({ intents }) })).patches.map((patch) => patch.idempotency_key);
    for (const over of [{ holds_stamps: false }, { stamp: STAMP_7 }]) {
      expect(keys('+3', [sent(8), late], over)).toEqual([`${first ?? ''}-2`]);
      expect(keys('+3', [sent(9, `${first ?? ''}-2`, ['7:b']), sent(8), late], over)).toEqual([`${first ?? ''}-2`]);
      // Its plan had read what the older one wrote, so it would have landed over that.
      expect(keys('+3', [sent(9, first, ['7:b']), late], over)).toEqual([first]);
    }
    expect(keys('+1', [sent(8), late])).toEqual([first]);
  });

  it('F3 and is kept by a delete: only an update may be applied twice', () => {
    const late = intent('b', 7, { phone: '+3' }, { phone: '+3' }, { superseded: true });
    const sent = intent('b', 9, {}, {}, { op: 'delete', idempotency_key: 'a-to-b-contact_1-v2-delete' });
    const { patches } = planOf(route({ a: gone('a'), b: present('b', { ...OLD, phone: '+3' }, { stamp: STAMP_7 }), row: known({ intents: [sent, late] }) }));
    expect(patches.map(({ op, idempotency_key }) => [op, idempotency_key])).toEqual([['delete', sent.idempotency_key]]);
  });

  it('E1 and is another one when the same value is written again later', () => {
    expect(keysOf({ ...OLD, phone: '+2' }, known({ committed_version: 3 }))).not.toEqual(keysOf({ ...OLD, phone: '+2' }, known()));
    expect(keysOf({ ...OLD, phone: '+3' }, known())).not.toEqual(keysOf({ ...OLD, phone: '+2' }, known()));
  });
});
