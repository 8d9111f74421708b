import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../core/model';
import { normalizeRecord } from '../../../core/stages/normalize';
import { compiledFrom } from '../../support/mappings';

type Row = Readonly<Record<string, unknown>>;

/** The canonical value; `undefined` when absent; the reason when refused. */
function read(type: string, value: unknown, row: Row = {}): JsonValue | undefined | string {
  const normalized = normalizeRecord(compiledFrom([{ name: 'f', path: 'f', type, ...row }]), { id: 1, f: value, country: 'DE' }, { etag: null });
  return normalized.kind === 'Valid' ? normalized.observation.record['f'] : normalized.reasons.join(' ');
}

const priority = { values: [{ system_value: '1', canonical: 'urgent' }, { system_value: 2, canonical: 'high' }] };

describe('V4 numbers', () => {
  it.each([[42, 42], ['42', 42], [' 42 ', 42], ['1.0', 1], [1.0, 1], [-0, 0], ['-0', 0], [0, 0], ['1e3', 1000], ['.5', 0.5], ['', null], [null, null]])('%j → %j', (value, canonical) => {
    expect(read('number', value)).toBe(canonical);
  });
  it.each(['1,234.50', 'abc', '12345678901234567890', true, [1], '0x10', '1e400', '١٢'])('%j is refused', (value) => {
    expect(read('number', value)).toContain('f (f): expected a number');
  });
});

describe('V4 money and other decimals', () => {
  it.each([
    ['1250000.00', '1250000'], [1250000, '1250000'], ['0.10', '0.1'], [0.1, '0.1'], ['-0.00', '0'], ['007.50', '7.5'], ['+3', '3'], ['1e2', '100'], ['12.5e-3', '0.0125'],
    [1e21, '1000000000000000000000'], ['12345678901234567890.123456789', '12345678901234567890.123456789'], ['5.', '5'], ['.5', '0.5'],
  ])('%j → %j', (value, canonical) => {
    expect(read('decimal', value)).toBe(canonical);
  });
  it.each([['2.345', '2.35'], ['2.344', '2.34'], ['-2.345', '-2.35'], ['0.995', '1'], ['9.999', '10'], ['-0.001', '0'], ['1.10', '1.1']])('rounds %s to cents as %s', (value, canonical) => {
    expect(read('decimal', value, { precision: 2 })).toBe(canonical);
  });
  it.each(['€5', '1.234,50', '1e9999', '', '.', '-'])('%j is no decimal', (value) => {
    expect(read('decimal', value)).toSatisfy((canonical) => canonical === null || (typeof canonical === 'string' && canonical.includes('expected a decimal number')));
  });
});

describe('V3 booleans', () => {
  it.each([[true, true], [false, false], ['true', true], ['FALSE', false], ['1', true], [0, false], ['yes', true], ['No', false], ['', null], [null, null]])('%j → %j', (value, canonical) => {
    expect(read('boolean', value)).toBe(canonical);
  });
  it.each(['maybe', 2, []])('%j is refused', (value) => {
    expect(read('boolean', value)).toContain('expected true or false');
  });
});

describe('V5 dates and instants', () => {
  it.each([['2026-03-10', '2026-03-10'], ['2026-03-10T00:00:00Z', '2026-03-10'], ['2026-03-10 00:00:00', '2026-03-10'], ['2026-03-10T00:00:00+02:00', '2026-03-10'], ['', null]])('date %j → %j', (value, canonical) => {
    expect(read('date', value)).toBe(canonical);
  });
  it.each(['2026-02-30', '10.03.2026', '2026-03-10T12:00:00Z', 20260310])('date %j is refused', (value) => {
    expect(read('date', value)).toContain('expected a date');
  });
  it.each([
    ['2026-03-10T12:00:00Z', '2026-03-10T12:00:00.000Z'],
    ['2026-03-10T12:00:00.5+02:00', '2026-03-10T10:00:00.500Z'],
    ['2026-03-10 12:00:00+00', '2026-03-10T12:00:00.000Z'],
    ['2026-03-10T12:00Z', '2026-03-10T12:00:00.000Z'],
    // The hour that daylight saving skips, and the offset as the zone had it.
    ['2026-03-29T02:30:00[Europe/Berlin]', '2026-03-29T01:30:00.000Z'],
    ['2026-07-01T12:00:00[Europe/Berlin]', '2026-07-01T10:00:00.000Z'],
  ])('instant %s → %s', (value, canonical) => {
    expect(read('instant', value)).toBe(canonical);
  });
  it('V5 an instant without a zone is refused with the reason', () => {
    expect(read('instant', '2026-03-10T12:00:00')).toContain('without one the moment is unknown');
    expect(read('instant', 1773144000000)).toContain('seconds or milliseconds');
    expect(read('instant', '2026-03-10')).toContain('expected an instant');
    expect(read('instant', '2026-03-10T12:00:00[Mars/Base]')).toContain('calendar');
  });
  it('V5 precision that a system loses is no difference', () => {
    expect(read('instant', '2026-03-10T12:34:56.789Z', { precision: 'second' })).toBe('2026-03-10T12:34:56.000Z');
    expect(read('instant', '2026-03-10T12:34:56.789Z', { precision: 'minute' })).toBe('2026-03-10T12:34:00.000Z');
  });
});

describe('V6 texts', () => {
  const all = { clean_up: ['trim', 'collapse_spaces', 'unicode_nfc', 'line_endings', 'plain_spaces'] };
  it('are kept as they are unless cleaned up', () => {
    expect(read('text', ' a\u00a0b\r\n')).toBe(' a\u00a0b\r\n');
    expect(read('text', '')).toBe('');
    expect(read('text', 42)).toBe('42');
  });
  it('Unicode forms, CRLF, no-break and repeated spaces are equal after clean-up', () => {
    expect(read('text', ' Zoe\u0308 \u00a0 Li\r\nx\ry ', all)).toBe('Zoë Li\nx\ny');
  });
  it('half a character and NUL, which no database takes, become U+FFFD', () => {
    expect(read('text', 'a\ud800b\0')).toBe('a\uFFFDb\uFFFD');
  });
  it.each([true, {}, []])('%j is no text', (value) => {
    expect(read('text', value)).toContain('expected text');
  });
});

describe('e-mail addresses', () => {
  it.each([[' Ann@Example.ORG ', 'ann@example.org'], ['jörg@bücher.example', 'jörg@bücher.example'], ['', null]])('%j → %j', (value, canonical) => {
    expect(read('email', value)).toBe(canonical);
  });
  it.each(['not-an-email', 'a@b', 'a b@c.de', 'a@b.de, c@d.de', '<a@b.de>', 5])('%j is refused', (value) => {
    expect(read('email', value)).toContain('expected an e-mail address');
  });
});

describe('E11 phone numbers', () => {
  it.each([
    ['+49 30 123456', '+4930123456'], ['+1 (201) 555-0123', '+12015550123'], ['(201) 555-0123', '+12015550123'], ['+1 201-555-0123 ext. 12', '+12015550123;ext=12'], ['+12015550123;ext=12', '+12015550123;ext=12'],
  ])('%s → %s', (value, canonical) => {
    expect(read('phone', value, { region: 'US' })).toBe(canonical);
  });
  it('take their country from the record before the mapping', () => {
    expect(read('phone', '030 123456', { region: 'US', region_path: 'country' })).toBe('+4930123456');
  });
  it('what is no number is kept as text, or refused where a phone is required', () => {
    expect(read('phone', '  ask  reception ')).toBe('ask reception');
    expect(read('phone', '030 123456')).toBe('030 123456');
    expect(read('phone', 'ask reception', { required: true })).toContain('expected a phone number');
  });
});

describe('I8 choices', () => {
  it.each([['1', 'urgent'], [1, 'urgent'], ['2', 'high'], [2, 'high'], ['', null], [null, null]])('%j → %j', (value, canonical) => {
    expect(read('choice', value, priority)).toBe(canonical);
  });
  it('an unmapped value is an issue, not null', () => {
    const normalized = normalizeRecord(compiledFrom([{ name: 'f', path: 'f', type: 'choice', ...priority }]), { id: 1, f: '9' }, { etag: null });
    expect(normalized).toMatchObject({ kind: 'Rejected', code: 'unmapped_value', native_id: '1' });
    expect(read('choice', '9', priority)).toContain('text "9"');
    expect(read('set', ['1', '9'], priority)).toContain('one of the mapped system values');
    expect(read('choice', '__proto__', priority)).toContain('one of the mapped');
  });
});

describe('V7 lists and sets', () => {
  it('a list keeps order and repetitions, a set has neither', () => {
    expect(read('list', ['b', 'a', 'b'])).toEqual(['b', 'a', 'b']);
    expect(read('set', ['b', 'a', 'b'])).toEqual(['a', 'b']);
    expect(read('set', [{ b: 1, a: 2 }, { a: 2, b: 1 }, 1, '1'])).toEqual(['1', 1, { a: 2, b: 1 }]);
    expect(read('set', [' A', 'a '], { clean_up: ['trim', 'lower_case'] })).toEqual(['a']);
  });
  it('V3 an empty list survives', () => {
    expect(read('list', [])).toEqual([]);
    expect(read('set', [])).toEqual([]);
  });
  it('a text is no list', () => {
    expect(read('set', 'a, b')).toContain('must be split');
  });
});
