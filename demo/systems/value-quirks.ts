import { parsePhoneNumberFromString } from 'libphonenumber-js';
import type { FieldSpec } from './field-spec';
import type { FieldValues } from './field-values';
import { sameJson, type Json } from './json';
import type { Quirks } from './quirks';

/** How a system that "tidies up" stores a phone number: home country in national form, all others international. */
export function displayPhone(phone: string): string {
  const parsed = parsePhoneNumberFromString(phone);
  if (parsed === undefined || !parsed.isPossible()) return phone;
  return parsed.countryCallingCode === '1' ? parsed.formatNational() : parsed.formatInternational();
}

/** What the system makes of the values it was given, whoever gave them. */
export function reformatValues(specs: readonly FieldSpec[], incoming: FieldValues, quirks: Quirks): FieldValues {
  const kinds = new Map(specs.map((spec) => [spec.path, spec.kind]));
  const reformat = (path: string, value: Json): Json => {
    if (typeof value !== 'string') return value;
    const kind = kinds.get(path);
    if (kind === 'phone' && quirks.reformat_phones) return displayPhone(value);
    if (kind === 'email' && quirks.reformat_emails) return value.trim().toLowerCase();
    return value;
  };
  return new Map([...incoming].map(([path, value]) => [path, reformat(path, value)]));
}

/** The system that is never content: each API write makes one text longer, even a write that did not name it. */
export function appendOnWrite(incoming: FieldValues, current: FieldValues, quirks: Quirks): FieldValues {
  const path = quirks.append_on_write;
  if (path === null) return incoming;
  const value = incoming.get(path) ?? current.get(path);
  return typeof value === 'string' ? new Map([...incoming, [path, `${value} *`]]) : incoming;
}

export function isRejected(incoming: FieldValues, quirks: Quirks): boolean {
  const rejected = quirks.reject_value;
  if (rejected === null) return false;
  const value = incoming.get(rejected.field);
  return value !== undefined && sameJson(value, rejected.value);
}
