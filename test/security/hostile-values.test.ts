/** A hostile record is refused by itself with a reason, or is plain data: it ends no stack, holds up nobody, and blocks no other record. */
import { expect, describe, it } from 'vitest';
import { fieldOf } from '../../core/json/canonical-record';
import { fingerprint } from '../../core/json/fingerprint';
import { compileMapping, parseMapping } from '../../core/mapping';
import { idProblem, nameProblem, systemNameProblem } from '../../core/names';
import { mergeSets } from '../../core/policies/field-rules';
import { readDecisions } from '../../core/review-decisions';
import { normalizeRecord, type Normalized } from '../../core/stages/normalize';
import { readResponse } from '../../core/stages/read-response';
import { plainDecimal } from '../../core/values/decimal';
import { compiledFrom } from '../support/mappings';

const LONG = 256 * 1024;
const deep = (levels: number): unknown => {
  let value: unknown = 'the end';
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { in: value };
  return value;
};
const compiled = compiledFrom([
  { name: 'title', path: 'title', type: 'text', clean_up: ['trim', 'collapse_spaces', 'line_endings', 'plain_spaces', 'unicode_nfc', 'lower_case'] },
  { name: 'amount', path: 'amount', type: 'decimal' },
  { name: 'count', path: 'count', type: 'number' },
  { name: 'mail', path: 'mail', type: 'email' },
  { name: 'phone', path: 'phone', type: 'phone', region: 'DE' },
  { name: 'day', path: 'day', type: 'date' },
  { name: 'at', path: 'at', type: 'instant' },
  { name: 'tags', path: 'tags', type: 'set' },
  { name: 'more', path: 'more', type: 'json' },
]);
const normalize = (raw: object): Normalized => normalizeRecord(compiled, { id: '1', ...raw }, { etag: null });
const reasonsOf = (normalized: Normalized): string => (normalized.kind === 'Rejected' ? normalized.reasons.join('\n') : '');

describe('keys that every object has', () => {
  const KEYS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];

  it('V8 are ordinary fields of a record, and ordinary members of a value', () => {
    const mapping = compiledFrom(KEYS.map((key) => ({ name: key, path: `data.${key}`, type: 'text' })));
    const raw: unknown = JSON.parse(`{"id":"1","data":{${KEYS.map((key) => `${JSON.stringify(key)}:"v ${key}"`).join(',')}}}`);
    const read = normalizeRecord(mapping, raw, { etag: null });
    if (read.kind !== 'Valid') throw new Error(read.reasons.join());
    for (const key of KEYS) expect(fieldOf(read.observation.record, key)).toBe(`v ${key}`);
    expect(Object.getPrototypeOf(read.observation.record)).toBeNull();
  });

  it('V8 that a payload does not have are absent, not what every object inherits', () => {
    const mapping = compiledFrom(KEYS.map((key) => ({ name: key, path: key, type: 'json' })));
    const read = normalizeRecord(mapping, { id: '1' }, { etag: null });
    expect(read).toMatchObject({ kind: 'Valid' });
    expect(read.kind === 'Valid' ? Object.keys(read.observation.record) : []).toEqual([]);
  });

  it('V8 pollute nothing', () => {
    normalize(JSON.parse('{"more":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}}') as object);
    readDecisions(JSON.parse('{"decisions":[{"review_id":"r","shown":{"crm":{"__proto__":{"polluted":true}}},"decision":{"kind":"value","value":{"__proto__":{"polluted":true}}}}]}'));
    expect('polluted' in {}).toBe(false);
  });

  it('V8 come through a decision as they were shown', () => {
    const [decision] = readDecisions(JSON.parse('{"decisions":[{"review_id":"r","shown":{"crm":{"__proto__":"a"},"support":{"__proto__":"b"}},"decision":{"kind":"value","value":{"__proto__":"c"}}}]}')).decisions;
    expect(fieldOf(decision?.shown['crm'] ?? {}, '__proto__')).toBe('a');
    expect(fieldOf(decision?.value ?? {}, '__proto__')).toBe('c');
  });

  it('V8 can be no name of a system, a sync or a record type', () => {
    for (const key of KEYS) expect(nameProblem(key)).not.toBeNull();
    expect(() => compileMapping(parseMapping({ ...compiled.mapping, system: '__proto__' }))).toThrow(/JavaScript/u);
  });
});

describe('payloads without measure', () => {
  it('10,000 levels of nesting are refused by their reason; the record beside it goes on', () => {
    expect(reasonsOf(normalize({ more: deep(10_000) }))).toContain('nested deeper than 200 levels');
    expect(reasonsOf(normalize({ title: deep(10_000) }))).toContain('nested deeper than 200 levels');
    expect(normalize({ title: 'good' }).kind).toBe('Valid');
  });

  it('a nesting that nobody mapped is not looked at', () => {
    expect(normalize({ unmapped: deep(10_000), title: 'good' }).kind).toBe('Valid');
    expect(readResponse(compiled, { statusCode: 200, headers: {}, body: { id: '1', title: 'good', unmapped: deep(10_000) } }, { native_id: '1', match_key: null }, { list_path: '' })).toMatchObject({ kind: 'Valid' });
    expect(readResponse(compiled, { statusCode: 500, headers: {}, body: { error: deep(10_000) } }, { native_id: '1', match_key: null }, { list_path: '' })).toMatchObject({ kind: 'Failed' });
  });

  it('a decision nested 10,000 levels is refused by itself', () => {
    const good = { review_id: 'good', shown: { crm: {} }, decision: { kind: 'keep_apart' } };
    const sent = [{ review_id: 'deep', shown: { crm: { a: deep(10_000) } }, decision: { kind: 'value', value: { a: deep(10_000) } } }, deep(10_000), good];
    const { decisions, refused } = readDecisions({ decisions: sent });
    expect(decisions.map(({ review_id }) => review_id)).toEqual(['good']);
    expect(refused.map(({ review_id }) => review_id)).toEqual(['deep', null]);
    expect(readDecisions({ decision: JSON.stringify(good), decisions: deep(10_000) }).refused).toHaveLength(1);
    expect(readDecisions(deep(10_000)).decisions).toEqual([]);
  });

  // Each of these took minutes to hours while it was quadratic; the test's time limit is what it is held to.
  it.each([
    ['digits', '1'.repeat(LONG)], ['digits with a letter at the end', `${'1'.repeat(LONG)}x`], ['dots', '.'.repeat(LONG)], ['spaces', `a${' '.repeat(LONG)}b`],
    ['line breaks', '\r'.repeat(LONG)], ['an address of dots', `a@${'a.'.repeat(LONG / 2)}`], ['a date of zeros', `2026-01-01T00:00:00.${'0'.repeat(LONG)}x`],
    ['half surrogate pairs', '\ud800'.repeat(LONG)], ['combining marks', `e${'\u0301'.repeat(20_000)}`], ['brackets of a phone number', '('.repeat(LONG)],
  ])('a quarter of a megabyte of %s is read or refused in every type of field', (_title, text) => {
    for (const field of ['title', 'amount', 'count', 'mail', 'phone', 'day', 'at', 'more']) {
      const read = normalize({ [field]: text });
      if (read.kind === 'Rejected') for (const reason of read.reasons) expect(reason.length).toBeLessThan(400);
      else expect(read.observation.fingerprint).toBe(fingerprint(read.observation.record));
    }
  });

  it('a number of a million digits is none', () => {
    expect(plainDecimal('9'.repeat(1_000_000))).toBeNull();
    expect(plainDecimal('1e99999999')).toBeNull();
    expect(plainDecimal('0.5')).toBe('0.5');
  });

  it('C9 two sets of a hundred thousand entries merge', () => {
    const tags = (from: number): readonly string[] => Array.from({ length: 100_000 }, (_, index) => `tag ${from + index}`);
    expect(mergeSets({ base: tags(0), now: tags(1) }, { base: tags(0), now: tags(0) })).toHaveLength(100_000);
    expect(normalize({ tags: tags(0) }).kind).toBe('Valid');
  });
});

describe('ids', () => {
  it.each([['native id', 'id'], ['match key', 'name']])('an overlong %s rejects that record alone: no index of the ledger holds it', (name, path) => {
    const mapping = compiledFrom([{ name: 'name', path: 'name', type: 'text' }], { match_field: 'name' });
    const read = normalizeRecord(mapping, { id: '1', name: 'n', [path]: 'x'.repeat(5000) }, { etag: null });
    expect(read).toMatchObject({ kind: 'Rejected', native_id: path === 'id' ? null : '1' });
    expect(reasonsOf(read)).toContain(`${name}: has 5000 characters`);
  });

  it('of half a surrogate pair or NUL can be asked of no system', () => {
    for (const id of ['\ud800', 'a\u0000', 'x'.repeat(513)]) expect(idProblem(id)).not.toBeNull();
    for (const id of ['4829', 'ключ 🔑', "'; --", 'x'.repeat(512)]) expect(idProblem(id)).toBeNull();
  });

  it('systems whose names would make one direction of two are refused', () => {
    expect(systemNameProblem('a-to-b')).toContain('-to-');
    expect(systemNameProblem('crm')).toBeNull();
    expect(nameProblem('line\nbreak')).toContain('control');
    expect(nameProblem('n'.repeat(65))).toContain('65 characters');
  });
});
