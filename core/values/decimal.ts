import type { CompiledField } from '../mapping';
import type { JsonValue } from '../model';
import { unreadable, valueOf, type Reading } from './reading';

const NUMERAL = /^([+-]?)(?=\.?\d)(\d*)\.?(\d*)(?:e([+-]?\d{1,4}))?$/iu;
/** `1e9999` is a short text and a long number; no business value has more digits than this. */
const MAX_DIGITS = 400;
/** Sign, digits, point and exponent. */
const LONGEST_NUMERAL = MAX_DIGITS + 10;

const EXPECTED = 'a decimal number';
const REMEDY = 'Send digits with a point (1234.50), without thousands separators or a currency sign.';

/**
 * The one text of a decimal number, exact to the last digit (never through a float): no plus, no leading or trailing zeros, no
 * exponent, `0` without a sign. Null when it is no number, or has more than 400 digits.
 */
export function plainDecimal(text: string): string | null {
  const numeral = text.trim();
  // Before the pattern, which would try every place for the point: a text of megabytes would hold n8n for hours.
  if (numeral.length > LONGEST_NUMERAL) return null;
  const match = NUMERAL.exec(numeral);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const point = whole.length + Number(exponent);
  const digits = whole + fraction;
  if (Math.abs(point) > MAX_DIGITS || digits.length > MAX_DIGITS) return null;
  const padded = '0'.repeat(Math.max(0, -point)) + digits + '0'.repeat(Math.max(0, point - digits.length));
  const border = Math.max(0, point);
  const integer = padded.slice(0, border).replace(/^0+/u, '');
  const decimals = padded.slice(border).replace(/0+$/u, '');
  const plain = decimals === '' ? integer || '0' : `${integer || '0'}.${decimals}`;
  return sign === '-' && plain !== '0' ? `-${plain}` : plain;
}

/** Half away from zero, as on an invoice; on the digits themselves. */
export function roundDecimal(plain: string, decimals: number): string {
  const [integer = '0', fraction = ''] = plain.replace('-', '').split('.');
  if (fraction.length <= decimals) return plain;
  const kept = BigInt(integer + fraction.slice(0, decimals)) + (fraction.charAt(decimals) >= '5' ? 1n : 0n);
  const digits = kept.toString().padStart(decimals + 1, '0');
  const border = digits.length - decimals;
  return plainDecimal(`${plain.startsWith('-') ? '-' : ''}${digits.slice(0, border)}.${digits.slice(border)}`) ?? plain;
}

export function readDecimal(value: JsonValue, field: CompiledField): Reading {
  const plain = typeof value === 'string' ? plainDecimal(value) : typeof value === 'number' ? plainDecimal(String(value)) : null;
  if (plain === null) return unreadable(EXPECTED, REMEDY);
  return valueOf(typeof field.precision === 'number' ? roundDecimal(plain, field.precision) : plain);
}

/** With a precision, exactly as many decimals (`1250000.00`), which is how such systems show and compare money. */
export function writeDecimal(value: JsonValue, field: CompiledField): Reading {
  const reading = readDecimal(value, field);
  if (reading.kind === 'unreadable' || typeof reading.value !== 'string' || typeof field.precision !== 'number' || field.precision === 0) return reading;
  const [integer = '0', fraction = ''] = reading.value.split('.');
  return valueOf(`${integer}.${fraction.padEnd(field.precision, '0')}`);
}
