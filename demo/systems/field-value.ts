import type { FieldKind, FieldSpec } from './field-spec';
import { isStringList, type Json } from './json';

export type CheckedValue = { readonly kind: 'accepted'; readonly value: Json } | { readonly kind: 'wrong'; readonly expected: string };

const TEXT_LIMIT = 20_000;

const accepted = (value: Json): CheckedValue => ({ kind: 'accepted', value });
const wrong = (expected: string): CheckedValue => ({ kind: 'wrong', expected });

/** Checks a value that a client sent for a field. Required fields and nulls are settled here too, so a caller has one answer. */
export function checkValue(spec: FieldSpec, value: Json): CheckedValue {
  if (value === null) {
    // As most real systems do: clearing a multi-select leaves an empty one.
    if (spec.kind === 'tags') return accepted([]);
    return spec.required === true ? wrong('a value, the field is required') : accepted(null);
  }
  if (spec.kind === 'choice') {
    const choices = spec.choices ?? [];
    return typeof value === 'string' && choices.includes(value) ? accepted(value) : wrong(`one of ${choices.join(', ')}`);
  }
  if (spec.required === true && typeof value === 'string' && value.trim() === '') return wrong('a value, the field is required');
  return CHECKS[spec.kind](value);
}

const CHECKS: { readonly [kind in Exclude<FieldKind, 'choice'>]: (value: Json) => CheckedValue } = {
  text: (value) => text(value),
  multiline: (value) => text(value),
  // People type blanks around an e-mail address; whether they are kept is a quirk, not a mistake.
  email: (value) => matching(value, /^\s*[^\s@]+@[^\s@]+\.[^\s@]+\s*$/u, 'an e-mail address'),
  // Free text: no CRM that people like refuses "ask for Kim, ext. 12".
  phone: (value) => matching(value, /^[^\r\n]{0,60}$/u, 'a phone number of one line'),
  url: (value) => matching(value, /^(|https?:\/\/\S+)$/u, 'an http(s) address'),
  country: (value) => matching(value, /^[A-Z]{2}$/u, 'a two-letter country code'),
  decimal: (value) => matching(value, /^-?\d{1,15}(\.\d{1,6})?$/u, 'a decimal number in a string, such as "12.50"'),
  boolean: (value) => (typeof value === 'boolean' ? accepted(value) : wrong('true or false')),
  integer: (value) => (Number.isSafeInteger(value) ? accepted(value) : wrong('a whole number')),
  number: (value) => (typeof value === 'number' ? accepted(value) : wrong('a number')),
  tags: (value) => (isStringList(value) ? accepted([...value]) : wrong('a list of texts')),
  date: (value) => date(value),
  instant: (value) => instant(value),
};

function text(value: Json): CheckedValue {
  return typeof value === 'string' && value.length <= TEXT_LIMIT ? accepted(value) : wrong('a text');
}

function matching(value: Json, pattern: RegExp, expected: string): CheckedValue {
  return typeof value === 'string' && pattern.test(value) ? accepted(value) : wrong(expected);
}

function date(value: Json): CheckedValue {
  const expected = 'a day such as 1984-02-29';
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/u.test(value)) return wrong(expected);
  const parsed = new Date(`${value}T00:00:00.000Z`);
  // Date rolls 02-30 over to March; only a day that survives the round trip exists.
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(value) ? accepted(value) : wrong(expected);
}

function instant(value: Json): CheckedValue {
  const expected = 'an instant with a zone such as 2026-03-01T09:30:00Z';
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/u.test(value)) return wrong(expected);
  const parsed = new Date(value);
  return Number.isNaN(parsed.getTime()) ? wrong(expected) : accepted(parsed.toISOString());
}
