import { isSupportedCountry, parsePhoneNumberFromString, type CountryCode, type PhoneNumber } from 'libphonenumber-js/max';
import type { CompiledField } from '../mapping';
import type { JsonValue } from '../model';
import { cleanText } from './clean-up';
import { unreadable, valueOf, type Reading } from './reading';

/**
 * E.164, with `;ext=` for an extension, so that all spellings of one number are equal. What is no number ("ask reception")
 * is a thing people do write into that field: it is kept as cleaned text and said so in a note. Only a required
 * phone is refused for it.
 */
export function readPhone(value: JsonValue, field: CompiledField, region: string | null): Reading {
  if (typeof value !== 'string' && typeof value !== 'number') return unreadable('a phone number', 'Send it as text.');
  const text = cleanText(String(value), ['unicode_nfc', 'plain_spaces', 'collapse_spaces', 'trim']);
  const number = parsePhone(text, region);
  if (number !== null) return valueOf(number.ext === undefined || number.ext === '' ? number.number : `${number.number};ext=${number.ext}`);
  if (text === '') return valueOf(null);
  if (field.required) return unreadable('a phone number', 'Correct it, write it with its country code (+49 …), or set the mapping’s Region.');
  return { kind: 'value', value: text, note: 'not a phone number as it stands (no country code and no region?): kept as text' };
}

/** `+49 30 123456;ext=12` is for machines; people and systems know `ext.`, and it reads back as the same number. */
export function writePhone(value: JsonValue, field: CompiledField, region: string | null): Reading {
  const reading = readPhone(value, field, region);
  if (reading.kind === 'unreadable' || typeof reading.value !== 'string' || reading.note !== undefined) return reading;
  return valueOf(reading.value.replace(';ext=', ' ext. '));
}

function parsePhone(text: string, region: string | null): PhoneNumber | null {
  const country = countryOf(region);
  const number = parsePhoneNumberFromString(text, { ...(country === null ? {} : { defaultCountry: country }), extract: false });
  return number?.isPossible() === true ? number : null;
}

/** A region that is no country code ("Germany") is as good as none: the number can still carry its own. */
function countryOf(region: string | null): CountryCode | null {
  const code = region?.trim().toUpperCase() ?? '';
  return isSupportedCountry(code) ? code : null;
}
