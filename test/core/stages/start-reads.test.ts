import { describe, expect, it } from 'vitest';
import { readsOf, type Starting } from '../../../core/stages/start-reads';
import { RUN } from '../../support/decisions';

const starting = (over: Partial<Starting>): Starting => ({ hints: [{ system: 'b', native_id: 'b1' }], full: true, as_record_key: 'contact_1', from_target: false, attempt: 1, ...over });
const noted = (a: string | null) => [{ system: 'b', native_id: 'b1', record_key: 'contact_1', source_id: a }];
const reads = (item: Starting, a: string | null) => {
  const { own, other } = readsOf(RUN, [{ index: 0, value: item }], noted(a));
  return { own: own.map(({ hint }) => hint.native_id), other: other.map(({ hint }) => hint.native_id) };
};

describe('what a run reads of a hint about its target', () => {
  it('is the linked record of its source', () => {
    expect(reads(starting({}), 'a1')).toEqual({ own: ['a1'], other: [] });
  });

  it('is left to the reverse direction where no source record is linked, or the linked one is known to say nothing', () => {
    expect(reads(starting({}), null)).toEqual({ own: [], other: ['b1'] });
    expect(reads(starting({ from_target: true }), 'a1')).toEqual({ own: [], other: ['b1'] });
  });

  it('is its own record for a hint about its source, whatever else is asked', () => {
    const { own, other } = readsOf(RUN, [{ index: 0, value: starting({ hints: [{ system: 'a', native_id: 'a1' }], from_target: true }) }], [{ system: 'a', native_id: 'a1', record_key: 'contact_1', source_id: 'a1' }]);
    expect([own.map(({ hint }) => hint.native_id), other]).toEqual([['a1'], []]);
  });
});
