import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nestPaths, parsePath } from '../../../core/json/path';
import { CLEAN_UPS, FIELD_TYPES } from '../../../core/mapping-schema';
import type { JsonValue, Patch } from '../../../core/model';
import { denormalizePatch } from '../../../core/stages/denormalize';
import { normalizeRecord } from '../../../core/stages/normalize';
import { compiledFrom } from '../../support/mappings';
import { deepFreeze, jsonValue, nastyKey } from '../../support/json-values';

const digits = fc.stringMatching(/^[+-]?\d{0,18}(\.\d{0,6})?(e-?\d)?$/u);
const instant = fc.tuple(fc.date({ noInvalidDate: true, min: new Date('0001-01-02'), max: new Date('9998-01-01') }), fc.constantFrom('Z', '+02:00', '-0330', '+14', '[Europe/Berlin]'))
  .map(([date, zone]) => date.toISOString().replace('Z', zone));

/** Values near each type's border, and any JSON at all. */
const likely: { readonly [type: string]: fc.Arbitrary<JsonValue> } = {
  number: fc.oneof(digits, fc.double({ noNaN: true, noDefaultInfinity: true })),
  decimal: fc.oneof(digits, fc.double({ noNaN: true, noDefaultInfinity: true })),
  boolean: fc.constantFrom('yes', 'OFF', 1, '0', true, 'n '),
  date: fc.date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-01-01') }).map((date) => date.toISOString().slice(0, 10)),
  instant,
  email: fc.oneof(fc.emailAddress(), fc.emailAddress().map((address) => ` ${address.toUpperCase()}`), fc.constantFrom('İ@x.de', 'ΑΣ@ΑΣ.gr')),
  phone: fc.oneof(fc.stringMatching(/^[+0]?[\d ()/-]{3,16}( ?(ext\.?|x) ?\d{1,5})?$/u), fc.constantFrom('+49 30 123456', '+1 201 555 0123 ext. 12')),
  choice: fc.constantFrom('1', 2, ' A ', 'b', ''),
  list: fc.array(fc.constantFrom<JsonValue>('1', 2, 'A', 'b', null)),
  set: fc.array(fc.constantFrom<JsonValue>('1', 2, 'A', 'b', null, 'é', 'e\u0301')),
};

const values = [{ system_value: '1', canonical: 'urgent' }, { system_value: 2, canonical: '2' }, { system_value: 'a', canonical: 'A' }, { system_value: 'B', canonical: '1' }];
const cleanUps = fc.subarray([...CLEAN_UPS]).map((chosen) => (chosen.includes('upper_case') ? chosen.filter((step) => step !== 'lower_case') : chosen));
// Path names as a user writes them: every dot and backslash escaped.
const pathText = fc.array(nastyKey.filter((key) => key !== '' && key !== 'id'), { minLength: 1, maxLength: 3 }).map((keys) => keys.map((key) => key.replace(/[\\.]/gu, '\\$&')).join('.'));

describe.each(FIELD_TYPES)('a %s field', (type) => {
  const settings = fc.record({
    clean_up: cleanUps,
    precision: type === 'decimal' ? fc.option(fc.nat(6), { nil: undefined }) : type === 'instant' ? fc.constantFrom('second', 'minute', undefined) : fc.constant(undefined),
    region: type === 'phone' ? fc.constantFrom('DE', 'US', 'Nowhere', null) : fc.constant(null),
    // "Á" and "a" as system values would be one after clean-up; a rule refuses that, so the test does not ask for it.
    values: type === 'choice' ? fc.constant(values) : type === 'list' || type === 'set' ? fc.constantFrom(values, []) : fc.constant([]),
    direction: fc.constant('both'),
  });

  it('V9 V8 is stable: read, written and read again it is the same, inputs are left alone and nothing throws', () => {
    fc.assert(
      fc.property(settings, nastyKey, pathText, fc.oneof(likely[type] ?? jsonValue, jsonValue), (row, name, path, value) => {
        const compiled = compiledFrom([{ name: name === '' ? 'f' : name, path, type, ...row }]);
        const raw = (content: JsonValue) => deepFreeze({ ...nestPaths([[parsePath(path) ?? [], content]]), id: '7' });
        const read = normalizeRecord(compiled, raw(value), { etag: null });
        if (read.kind === 'Rejected') return;
        const { record, fingerprint } = read.observation;
        const patch: Patch = { system: 'crm', op: 'update', native_id: '7', fields: deepFreeze(record), from: {}, if_match: null, idempotency_key: 'k', match_key: null, echo_fingerprint: null };
        const written = denormalizePatch(compiled, patch, null);
        if (written.kind === 'Rejected') throw new Error(written.reasons.join(' '));
        const again = normalizeRecord(compiled, deepFreeze({ ...written.request.body, id: '7' }), { etag: null });
        if (again.kind === 'Rejected') throw new Error(again.reasons.join(' '));
        expect(again.observation.fingerprint).toBe(fingerprint);
      }),
      { numRuns: 300 },
    );
  });

  it('never throws on a whole record of any shape, and a reason is never longer than a line', () => {
    fc.assert(
      fc.property(settings, jsonValue, (row, raw) => {
        const compiled = compiledFrom([{ name: 'f', path: 'f.0', type, required: true, ...row }, { name: 'g', path: '__proto__', type: 'text' }]);
        const read = normalizeRecord(compiled, deepFreeze(raw), { etag: null });
        if (read.kind === 'Rejected') expect(Math.max(...read.reasons.map((reason) => reason.length))).toBeLessThan(320);
      }),
    );
  });
});
