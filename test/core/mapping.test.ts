import { describe, expect, it } from 'vitest';
import { compileMapping, parseMapping } from '../../core/mapping';
import { SyncError } from '../../core/sync-error';
import { compiledCrm, compiledFrom, CRM_MAPPING } from '../support/mappings';

const text = (name: string, path: string, more = {}) => ({ name, path, type: 'text', ...more });
const pair = (system_value: unknown, canonical: unknown) => ({ system_value, canonical });

describe('a mapping', () => {
  it('says what later steps need to know', () => {
    expect(compiledCrm().schema).toMatchObject({ clearable: ['phone'], sets: ['tags'] });
    expect(compiledCrm().schema.writable).not.toContain('score');
  });

  it.each<[string, readonly object[], object, RegExp]>([
    ['two fields of one name', [text('a', 'x'), text('a', 'y')], {}, /field 2 \(a\): field 1 has the same name/u],
    ['one place written twice', [text('a', 'x'), text('b', 'x')], {}, /field 2 \(b\): writes to the same place as field 1/u],
    ['a place inside another', [text('a', 'x.y'), text('b', 'x')], {}, /same place/u],
    ['the stamp on a field', [text('a', 'x')], { stamp_path: 'x' }, /Stamp Path: writes to the same place/u],
    ['a choice without values', [text('a', 'x', { type: 'choice' })], {}, /field 1 \(a\): a choice without a value map/u],
    ['values without a choice', [text('a', 'x', { values: [pair('1', 'a')] })], {}, /value map does nothing/u],
    ['a canonical value twice', [text('a', 'x', { type: 'choice', values: [pair('1', 'a'), pair('2', 'a')] })], {}, /canonical value "a" stands in the value map twice/u],
    ['a system value twice', [text('a', 'x', { type: 'choice', values: [pair('1', 'a'), pair(1, 'b')] })], {}, /system value "1"/u],
    ['an unmapped match field', [text('a', 'x')], { match_field: 'b' }, /Match Field: "b" is no mapped field/u],
    ['a match field that is not read', [text('a', 'x', { direction: 'out' })], { match_field: 'a' }, /never read/u],
    ['a set as match field', [text('a', 'x', { type: 'set' })], { match_field: 'a' }, /identifies nobody/u],
    ['both cases', [text('a', 'x', { clean_up: ['lower_case', 'upper_case'] })], {}, /at once/u],
    ['a precision of the wrong kind', [text('a', 'x', { type: 'decimal', precision: 'second' })], {}, /precision second does not fit/u],
    ['a region for a text', [text('a', 'x', { region: 'DE' })], {}, /region does nothing/u],
    ['an impossible path', [text('a', 'x..y')], {}, /path of a: "x\.\.y" is no path/u],
    ['an unknown type', [text('ok', 'y'), text('a', 'x', { type: 'money' })], {}, /field 2 \(a\), "type"/u],
    ['an unknown setting', [text('a', 'x', { colour: 'red' })], {}, /field 1 \(a\)/u],
    ['no fields', [], {}, /"fields"/u],
  ])('refuses %s, naming the row', (_case, fields, settings, message) => {
    const compile = () => compiledFrom(fields as readonly Record<string, unknown>[], settings as Record<string, unknown>);
    expect(compile).toThrow(SyncError);
    expect(compile).toThrow(message);
  });

  it('may fold several system values into one where nothing is written back', () => {
    expect(() => compiledFrom([text('a', 'x', { type: 'choice', direction: 'in', values: [pair('1', 'a'), pair('2', 'a')] })])).not.toThrow();
    expect(() => compiledFrom([text('a', 'x'), text('b', 'x', { direction: 'in' })])).not.toThrow();
  });

  it('V8 takes fields of any name', () => {
    expect(compiledFrom([text('__proto__', 'constructor'), text('toString', '__proto__')]).schema.writable).toEqual(['__proto__', 'toString']);
  });

  describe('has a fingerprint', () => {
    const of = (changes: object) => compileMapping(parseMapping({ ...CRM_MAPPING, ...changes })).schema.mapping_fingerprint;
    const before = of({});

    it('G1 that changes with what decides values', () => {
      expect(of({ fields: CRM_MAPPING.fields.map((field) => (field.name === 'phone' ? { ...field, region: 'DE' } : field)) })).not.toBe(before);
      expect(of({ fields: CRM_MAPPING.fields.map((field) => (field.name === 'revenue' ? { ...field, precision: 0 } : field)) })).not.toBe(before);
    });

    it('G1 that does not change with anything else', () => {
      expect(of({ fields: [...CRM_MAPPING.fields].reverse(), stamp_path: null, etag: { from: 'none' }, match_field: null })).toBe(before);
      expect(of({ fields: CRM_MAPPING.fields.map((field) => ({ ...field, allow_clearing: true, required: false })) })).toBe(before);
    });
  });
});
