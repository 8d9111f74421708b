import { describe, expect, it } from 'vitest';
import type { Intent, Observation } from '../../../core/model';
import { diff, gone, intent, none, present, route, row, schema, writes } from '../../support/decisions';

const ANN = { name: 'Ann' };
const forgetful = schema({ creates_once: false });
const open = (over: Partial<Intent> = {}) => intent('b', 5, ANN, ANN, { op: 'create', native_id: null, idempotency_key: 'first', match_key: 'x@example.org', may_land: true, ...over });
const sides = (b: Observation, ...intents: Intent[]) => ({ a: present('a', ANN), b, row: row(null, null, { links: { a: 'a1', b: null }, intents }) });

describe('[L3] an open create whose request may still land', () => {
  it('F3 is not repeated where that could make a second record: the run waits and looks again', () => {
    const verdict = diff(sides({ ...none('b'), schema: forgetful }, open()));
    expect(verdict).toMatchObject({ kind: 'Recheck', reason: 'create_may_land', read: [{ system: 'a', native_id: 'a1' }], retry_after_seconds: 60 });
    expect(diff(sides({ ...none('b'), schema: forgetful }, open({ superseded: true }))).kind).toBe('Recheck');
  });

  it('is repeated as it was where a unique key or the idempotency key keeps it from making a second one, and once it cannot land any more', () => {
    expect(writes(route(sides(none('b'), open())))).toEqual([['b', 'create', ANN]]);
    expect(writes(route(sides({ ...none('b'), schema: forgetful }, open({ may_land: false }))))).toEqual([['b', 'create', ANN]]);
  });

  it('holds nothing up that makes no second record: the record is found, or was deleted meanwhile', () => {
    expect(route(sides(present('b', ANN, { schema: forgetful }), open()))?.kind).toBe('Converged');
    expect(diff({ ...sides({ ...none('b'), schema: forgetful }, open()), a: gone('a') }).kind).toBe('Changed');
  });
});
