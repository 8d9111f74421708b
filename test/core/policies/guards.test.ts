import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGuardSettings, DEFAULT_GUARDS, FEW_RECORDS, type GuardSettings } from '../../../core/policies/guard-settings';
import { decideGuard, decideRecordGuard, enoughRecords, guardTests, type GuardedItem } from '../../../core/policies/guards';
import { GUARDS, reasonOf, remedyOf, type HoldFacts } from '../../../core/policies/holds';
import type { WriteOperation } from '../../../core/model';
import { runs } from '../../support/property-runs';

const planned = (op: WriteOperation, over: Partial<GuardedItem> = {}): GuardedItem => ({ record_key: 'contact_1', version: 2, intents: [{ system: 'b', op }], findings: { gone_in: [], remapped_in: [], stamp: 0 }, ...over });
const many = (count: number, op: WriteOperation, over: Partial<GuardedItem> = {}): readonly GuardedItem[] => Array.from({ length: count }, (_, index) => planned(op, { record_key: `contact_${index}`, ...over }));

interface Past {
  readonly known?: number;
  readonly earlier?: number;
  readonly released?: number;
  readonly sequence?: number;
}

/** The guards that trip. `known` is counted only as far as a store would. */
function tripped(items: readonly GuardedItem[], { known = 1000, earlier = 0, released = 0, sequence = 1e9 }: Past = {}, settings: GuardSettings = DEFAULT_GUARDS): readonly HoldFacts[] {
  return guardTests(settings, items).flatMap((test) => {
    const before = test.counter === null ? 0 : earlier;
    return decideGuard(test, { earlier: before, released, sequence, known: Math.min(known, enoughRecords(test, before)) }) ?? [];
  });
}
const names = (holds: readonly HoldFacts[]): readonly string[] => holds.map(({ guard }) => guard);

describe('the guards over a batch', () => {
  it('D5 more deletes than a number or a share of the known records are held', () => {
    expect(tripped(many(100, 'delete'), { known: 1000 })).toEqual([]);
    expect(tripped(many(101, 'delete'), { known: 5000 })).toEqual([{ guard: 'mass_delete', subject: '', counted: 101, allowed: 100, known: null }]);
    expect(tripped(many(60, 'delete'), { known: 500 })).toEqual([{ guard: 'mass_delete', subject: '', counted: 60, allowed: 50, known: 500 }]);
    expect(tripped(many(FEW_RECORDS, 'delete'), { known: 12 })).toEqual([]);
  });

  it('D5 deletes that trickle in one by one are counted together', () => {
    expect(names(tripped([planned('delete')], { earlier: 100, known: 5000 }))).toEqual(['mass_delete']);
    expect(tripped([planned('update')], { earlier: 100, known: 5000 })).toEqual([]);
  });

  it('D6 one side that lost most records is held, whatever would be done about it', () => {
    const lost = { findings: { gone_in: ['a'], remapped_in: [], stamp: 0 } };
    expect(tripped(many(60, 'create', lost), { known: 100 })).toEqual([{ guard: 'side_emptied', subject: 'a', counted: 60, allowed: 50, known: 100 }]);
    expect(names(tripped(many(60, 'delete', lost), { known: 100 }))).toEqual(['side_emptied', 'mass_delete']);
    expect(tripped(many(60, 'create', { ...lost, version: 0 }), { known: 100 })).toEqual([]);
  });

  it('G4 a batch that would write most of the known records is held; a first sync creates as many as it likes', () => {
    expect(names(tripped(many(501, 'update'), { known: 1000 }))).toEqual(['everything_changed']);
    expect(tripped(many(500, 'update'), { known: 1000 })).toEqual([]);
    expect(tripped(many(800, 'create', { version: 0 }), { known: 0 })).toEqual([]);
  });

  it('G5 the circuit breaker of a sync counts an hour, that of a record ten minutes', () => {
    expect(tripped(many(10, 'update'), { earlier: 4990 })).toEqual([]);
    expect(tripped(many(11, 'update'), { earlier: 4990 })).toEqual([{ guard: 'writes_per_sync', subject: '', counted: 5001, allowed: 5000, known: null }]);
    expect(decideRecordGuard(DEFAULT_GUARDS, planned('update'), 9, 0)).toBeNull();
    expect(decideRecordGuard(DEFAULT_GUARDS, planned('update'), 10, 0)).toEqual({ guard: 'writes_per_record', subject: 'contact_1', counted: 11, allowed: 10, known: null });
    expect(decideRecordGuard({ ...DEFAULT_GUARDS, writes_per_record: null }, planned('update'), 99, 0)).toBeNull();
  });

  it('G1 no write is made on top of a snapshot of another mapping', () => {
    expect(tripped([planned('update'), planned('update', { findings: { gone_in: [], remapped_in: ['a'], stamp: 0 } })])).toEqual([{ guard: 'mapping_changed', subject: 'a', counted: 1, allowed: 0, known: null }]);
  });

  it('F9 a stamp that this ledger never gave tells that it was lost or restored', () => {
    const stamped = planned('update', { findings: { gone_in: [], remapped_in: [], stamp: 4711 } });
    expect(tripped([stamped], { sequence: 4711 })).toEqual([]);
    expect(tripped([planned('update'), stamped], { sequence: 12 })).toEqual([{ guard: 'ledger_behind', subject: '', counted: 4711, allowed: 12, known: null }]);
  });

  it('a guard that is switched off never trips', () => {
    const off = { mass_delete: null, everything_changed: null, side_emptied: null, writes_per_record: null, writes_per_sync: null };
    expect(tripped(many(900, 'delete', { findings: { gone_in: ['a'], remapped_in: [], stamp: 0 } }), { earlier: 1e6 }, off)).toEqual([]);
  });

  it('G11 an empty batch trips nothing, whatever happened before', () => {
    expect(guardTests(DEFAULT_GUARDS, [])).toEqual([]);
  });
});

describe('for every batch', () => {
  const item = fc.record({
    version: fc.nat(2), op: fc.constantFrom<WriteOperation[]>('create', 'update', 'delete'), gone: fc.boolean(), both: fc.boolean(),
  }).map(({ version, op, gone, both }) => planned(op, { version, intents: both ? [{ system: 'a', op: 'update' }, { system: 'b', op }] : [{ system: 'b', op }], findings: { gone_in: gone ? ['a'] : [], remapped_in: [], stamp: 0 } }));
  const batch = fc.array(item, { maxLength: 60 });
  const past = fc.record({ known: fc.nat(200), earlier: fc.nat(40) });
  const settings = fc.record({
    mass_delete: fc.record({ count: fc.integer({ min: 1, max: 30 }), percent: fc.integer({ min: 1, max: 100 }) }), everything_changed: fc.record({ percent: fc.integer({ min: 1, max: 100 }) }),
    side_emptied: fc.record({ percent: fc.integer({ min: 1, max: 100 }) }), writes_per_record: fc.constant(null), writes_per_sync: fc.record({ count: fc.integer({ min: 1, max: 90 }) }),
  });

  it('more of the same never makes a guard let go', () => {
    fc.assert(fc.property(batch, item, past, settings, (items, more, before, given) => {
      const first = names(tripped(items, before, given));
      expect(names(tripped([...items, more], before, given))).toEqual(expect.arrayContaining([...first]));
    }), runs(300));
  });

  it('what a person was shown and released passes, and what exceeds it by more than the limit does not', () => {
    fc.assert(fc.property(batch, past, settings, (items, before, given) => {
      for (const hold of tripped(items, before, given)) {
        expect(hold.counted).toBeGreaterThan(hold.allowed);
        expect(names(tripped(items, { ...before, released: hold.counted }, given))).not.toContain(hold.guard);
      }
    }), runs(300));
  });

  it('counting known records only as far as needed decides the same as counting all', () => {
    fc.assert(fc.property(batch, past, settings, (items, before, given) => {
      const all = guardTests(given, items).flatMap((test) => decideGuard(test, { released: 0, sequence: 1e9, known: before.known, earlier: test.counter === null ? 0 : before.earlier }) ?? []);
      expect(names(all)).toEqual(names(tripped(items, before, given)));
    }), runs(300));
  });
});

describe('a hold', () => {
  it.each(GUARDS)('of %s says in whole sentences what was counted and what to do', (guard) => {
    const hold = { guard, subject: 'crm', counted: 412, allowed: 100, known: 1200, by: 'ann', said: 'moving house' };
    expect(reasonOf(hold)).toMatch(/^.{20,}[.?e]$/u);
    expect(reasonOf(hold)).toMatch(guard === 'paused' || guard === 'credentials' ? /moving house/u : /412/u);
    expect(remedyOf(hold)).toMatch(/release|Release/u);
  });

  it('counts in words that fit one record too', () => {
    expect(reasonOf({ guard: 'mapping_changed', subject: 'crm', counted: 1, allowed: 0, known: null, by: null, said: null })).toContain('since 1 record was');
  });
});

describe('the settings of the guards', () => {
  it('are refused with the guard named', () => {
    expect(compileGuardSettings(DEFAULT_GUARDS)).toEqual(DEFAULT_GUARDS);
    expect(() => compileGuardSettings({ ...DEFAULT_GUARDS, mass_delete: { count: 0, percent: 10 } })).toThrow(/mass_delete\.count/u);
    expect(() => compileGuardSettings({ ...DEFAULT_GUARDS, everything_changed: { percent: 101 } })).toThrow(/everything_changed\.percent/u);
    expect(() => compileGuardSettings({})).toThrow(/Guards/u);
  });
});
