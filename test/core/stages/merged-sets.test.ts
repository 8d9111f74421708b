import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../../core/json/fingerprint';
import { formatStamp } from '../../../core/origin-stamp';
import { intent, planOf, present, route, row, rule, rules, snapshot, writes } from '../../support/decisions';

const stamp = (token: number) => formatStamp({ sync: 'test', record_key: 'contact_1', fencing_token: token, value_hash: fingerprint({}) });

describe('merged sets', () => {
  it('C9 F3 a merged set that reached one side only keeps what was added there against the other side\'s removal', () => {
    const sets = rules([rule('tags', { by: 'merge_set' })]);
    const past = row(snapshot({ tags: ['z'] }), snapshot({ tags: [] }));
    const a = present('a', { tags: ['w'] });
    const merge = planOf(route({ a, b: present('b', { tags: ['z'] }), row: past }, sets)).patches.find(({ system }) => system === 'b');
    const known = { ...past, intents: [intent('b', 7, merge?.fields ?? {}, merge?.from ?? {})] };
    const again = route({ a, b: present('b', { tags: ['w', 'z'] }, { stamp: stamp(7) }), row: known }, sets);
    expect(writes(again)).toEqual([['a', 'update', { tags: ['w', 'z'] }]]);
  });
});
