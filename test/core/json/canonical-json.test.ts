import fc from 'fast-check';
import stringify from 'fast-json-stable-stringify';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../core/json/canonical-json';
import { canonicalRecord, fieldOf, sameValue, withFields } from '../../../core/json/canonical-record';
import { describeValue } from '../../../core/json/describe-value';
import { fingerprint } from '../../../core/json/fingerprint';
import { isJsonValue } from '../../../core/json/json-value';
import { wellFormed } from '../../../core/json/well-formed';
import type { JsonValue } from '../../../core/model';
import { jsonValue } from '../../support/json-values';

const parse = (text: string): JsonValue => {
  const value: unknown = JSON.parse(text);
  if (!isJsonValue(value)) throw new Error('not JSON');
  return value;
};

describe('canonical JSON', () => {
  it('V7 sorts keys by code units and keeps lists in order', () => {
    expect(canonicalJson({ b: 1, a: [2, 1], é: 0, Z: null })).toBe('{"Z":null,"a":[2,1],"b":1,"é":0}');
  });

  it('V4 prints 1.0 as 1 and -0 as 0', () => {
    expect(canonicalJson([1.0, -0, 1e21, 0.1])).toBe('[1,0,1e+21,0.1]');
  });

  it('V7 prints what lies in order just as what does not: numbers as names are sorted as text', () => {
    expect(canonicalJson({ 9: 1, 10: 2 })).toBe('{"10":2,"9":1}');
    expect(canonicalJson([{ 1: 0, b: { y: 1, x: 2 } }])).toBe('[{"1":0,"b":{"x":2,"y":1}}]');
    fc.assert(fc.property(jsonValue, (value) => { expect(canonicalJson(value)).toBe(stringify(value)); }));
    fc.assert(fc.property(jsonValue, (value) => { expect(canonicalJson(parse(stringify(value)))).toBe(stringify(value)); }));
  });

  it('V8 treats __proto__, constructor and toString as ordinary keys', () => {
    const text = '{"__proto__":{"x":1},"constructor":2,"toString":"3"}';
    expect(canonicalJson(parse(text))).toBe(text);
  });

  it.each([NaN, Infinity, [undefined], new Date(0), () => 1, 1n])('refuses what is not JSON: %s', (value) => {
    expect(isJsonValue(value)).toBe(false);
    expect(isJsonValue({ deep: [value] })).toBe(false);
  });

  it('refuses a number that JSON would turn into null', () => {
    expect(() => canonicalJson({ amount: NaN })).toThrow(/plain JSON/u);
  });

  it('leaves out members that are undefined, and refuses nesting without end', () => {
    let nested: JsonValue = 1;
    for (let depth = 0; depth < 5000; depth += 1) nested = [nested];
    expect(isJsonValue(nested)).toBe(false);
    expect(isJsonValue({ absent: undefined })).toBe(true);
  });

  it('V7 is the same for every order of keys, and two values share a text only when they are equal', () => {
    fc.assert(fc.property(jsonValue, jsonValue, (a, b) => {
      expect(canonicalJson(parse(canonicalJson(a)))).toBe(canonicalJson(a));
      expect(canonicalJson(a) === canonicalJson(b)).toBe(sameValue(a, b));
      expect(sameValue(a, parse(JSON.stringify(a)))).toBe(true);
    }));
  });
});

describe('canonical records', () => {
  it('V8 hold keys that would change a prototype, and find no inherited ones', () => {
    const record = canonicalRecord([['__proto__', 'a'], ['constructor', 'b']]);
    expect(Object.keys(record)).toEqual(['__proto__', 'constructor']);
    expect(fieldOf(record, '__proto__')).toBe('a');
    expect(fieldOf(record, 'toString')).toBeUndefined();
    expect(fieldOf({}, 'constructor')).toBeUndefined();
    expect(fieldOf(withFields(record, canonicalRecord([['__proto__', null]])), '__proto__')).toBeNull();
  });

  it('V1 absent, null and "" are three values', () => {
    expect(sameValue(undefined, null)).toBe(false);
    expect(sameValue(null, '')).toBe(false);
    expect(sameValue({ a: 1, b: undefined as unknown as JsonValue }, { a: 1 })).toBe(true);
    expect(new Set([{}, { f: null }, { f: '' }, { f: 0 }, { f: false }, { f: [] }].map(fingerprint)).size).toBe(6);
  });

  it('V7 have one fingerprint whatever the order of their keys', () => {
    expect(fingerprint({ a: 1, b: 2 })).toBe(fingerprint(canonicalRecord([['b', 2], ['a', 1]])));
    expect(fingerprint({})).toBe('v1:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });
});

describe('values in messages and in storage', () => {
  it('V6 makes every text storable, keys included, and changes nothing the second time', () => {
    expect(wellFormed({ 'a\0': ['\ud800x', '😀'] })).toEqual({ 'a\uFFFD': ['\uFFFDx', '😀'] });
    fc.assert(fc.property(jsonValue, (value) => { expect(wellFormed(wellFormed(value))).toEqual(wellFormed(value)); }));
  });

  it('never quotes more than 60 characters', () => {
    fc.assert(fc.property(fc.anything(), (value) => { expect(describeValue(value).length).toBeLessThanOrEqual(60); }));
  });
});
