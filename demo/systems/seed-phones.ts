import { getExampleNumber, type CountryCode } from 'libphonenumber-js';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import type { SeededRandom } from './seeded-random';

const ATTEMPTS = 20;
const US_AREAS = ['415', '212', '303', '512', '617', '206'] as const;

/** A valid mobile number in E.164: the country's example number with other last digits, as far as those exist there. */
export function seedPhone(country: CountryCode, random: SeededRandom): string {
  const example = getExampleNumber(country, examples)?.number;
  if (example === undefined) throw new TypeError(`There is no example number for ${country}.`);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const digits = String(random.below(10_000)).padStart(4, '0');
    const candidate = country === 'US' ? `+1${random.pick(US_AREAS)}555${digits}` : example.slice(0, -4) + digits;
    if (parsePhoneNumberFromString(candidate)?.isValid() === true) return candidate;
  }
  return example;
}

/** The same number as a person might have typed it into the CRM. */
export function typedPhone(e164: string, random: SeededRandom): string {
  const parsed = parsePhoneNumberFromString(e164);
  if (parsed === undefined || random.chance(0.7)) return e164;
  return random.chance(0.5) ? parsed.formatInternational() : parsed.formatInternational().replaceAll(' ', '-');
}
