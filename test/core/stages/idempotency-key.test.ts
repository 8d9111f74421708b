import { describe, expect, it } from 'vitest';
import type { JsonValue, LedgerRow } from '../../../core/model';
import { gone, intent, none, planOf, present, route, row, RUN, snapshot } from '../../support/decisions';

const OLD = { name: 'Ann', phone: '+1' };
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

  it('E1 and is another one when the same value is written again later', () => {
    expect(keysOf({ ...OLD, phone: '+2' }, known({ committed_version: 3 }))).not.toEqual(keysOf({ ...OLD, phone: '+2' }, known()));
    expect(keysOf({ ...OLD, phone: '+3' }, known())).not.toEqual(keysOf({ ...OLD, phone: '+2' }, known()));
  });
});
