import { describe, expect, it } from 'vitest';
import type { Intent, Observation } from '../../../core/model';
import { fingerprint } from '../../../core/json/fingerprint';
import { formatStamp } from '../../../core/origin-stamp';
import { mustBeSearched, soughtRecord } from '../../../core/stages/sought-record';
import { diff, gone, intent, none, present, review, route, row, RUN, schema, snapshot, writes } from '../../support/decisions';

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

describe('[L5] an open create in the place of a deleted record', () => {
  const EDITED = { name: 'Ann B.' };
  const again = (over: Partial<Intent> = {}) => intent('a', 5, EDITED, EDITED, { op: 'create', native_id: null, idempotency_key: 'again', match_key: 'sent@example.org', ...over });
  const known = (...intents: Intent[]) => row(snapshot(ANN), snapshot(ANN), { intents });
  const stamp = formatStamp({ sync: 'test', record_key: 'contact_1', fencing_token: 5, value_hash: fingerprint({}) });
  const reverse = { ...RUN, source: 'b', target: 'a' };

  it('F3 is searched for by the key it was sent with; the link names the deleted one', () => {
    expect(soughtRecord(known(again()), 'a', present('b', EDITED))).toEqual({ native_id: null, match_key: 'sent@example.org' });
    expect(soughtRecord(known(), 'a', present('b', EDITED))).toEqual({ native_id: 'a1', match_key: 'x@example.org' });
    expect(soughtRecord(known(again({ match_key: null })), 'a', present('b', EDITED)).native_id).toBe('a1');
    expect(soughtRecord(known(again()), 'b', present('a', EDITED)).native_id).toBe('b1');
  });

  it('is not searched for by a record that is gone [L7]: the link is read', () => {
    expect(soughtRecord(known(again()), 'a', gone('b'))).toEqual({ native_id: 'a1', match_key: null });
    expect(mustBeSearched(known(again()), 'a', gone('b'))).toBe(false);
  });

  it('superseded, is searched for until the row knows of a living record again', () => {
    const late = again({ superseded: true });
    expect(soughtRecord(known(late), 'a', present('b', EDITED)).native_id).toBe('a1');
    expect(soughtRecord({ ...known(late), snapshots: { a: snapshot({}, 'gone'), b: snapshot(ANN) } }, 'a', present('b', EDITED)).native_id).toBeNull();
  });

  it('superseded, is searched for while a person is asked which of several records there is meant, and not while that is asked of the other system', () => {
    const late = again({ superseded: true });
    const askedOf = (system: 'a' | 'b') => ({ ...known(late), reviews: [review({ kind: 'ambiguous', subject: '*', fields: [], values: { a: {}, b: {}, [system]: { candidates: ['1', '2'] } } })] });
    expect(soughtRecord(askedOf('a'), 'a', present('b', EDITED)).native_id).toBeNull();
    expect(soughtRecord(askedOf('b'), 'a', present('b', EDITED)).native_id).toBe('a1');
  });

  it('F3 is not repeated by a run whose source lacks the record: only the reverse direction searches there', () => {
    const verdict = diff({ a: gone('a'), b: present('b', EDITED), row: known(again()) });
    expect(verdict).toMatchObject({ kind: 'Recheck', reason: 'create_unsearched', read: [{ system: 'b', native_id: 'b1' }], from_target: true, retry_after_seconds: null });
    // Without a key to search by, the stamp of a hint is all there is.
    expect(writes(route({ a: gone('a'), b: present('b', EDITED), row: known(again({ match_key: null })) }))).toEqual([['a', 'create', EDITED]]);
  });

  it('is repeated as it was when the search finds nothing: that the old record is gone was proven before', () => {
    const verdict = route({ run: reverse, a: none('a'), b: present('b', { name: 'newer' }), row: known(again()) });
    expect(writes(verdict)).toEqual([['a', 'create', EDITED]]);
    expect(verdict?.plan.patches[0]?.idempotency_key).toBe('again');
  });

  it('is adopted when the search finds what it made', () => {
    const made = present('a', EDITED, { native_id: 'a2', stamp });
    const verdict = route({ run: reverse, a: made, b: present('b', EDITED), row: known(again()) });
    expect(verdict).toMatchObject({ kind: 'Converged', plan: { used_intents: ['5:a'], links: { a: 'a2', b: 'b1' }, patches: [] } });
  });

  it('is settled by its stamp, also when it put back the very values that were deleted', () => {
    const kept = again({ to: ANN, from: ANN });
    const made = present('a', ANN, { native_id: 'a2', stamp });
    expect(route({ run: reverse, a: made, b: present('b', ANN), row: known(kept) })?.plan.used_intents).toEqual(['5:a']);
  });
});
