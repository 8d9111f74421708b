import type { CompiledField } from '../mapping';
import { wellFormedText } from '../json/well-formed';
import type { JsonValue } from '../model';
import { cleanText } from './clean-up';
import { unreadable, valueOf, type Reading } from './reading';

const EXPECTED = 'text';
const REMEDY = 'Choose the field type that fits what the system sends.';

/** A number is taken as its digits (ids and postal codes arrive as numbers); `""` stays `""`, which is not null. */
export function readText(value: JsonValue, field: CompiledField): Reading {
  if (typeof value === 'string') return valueOf(cleanText(value, field.clean_up));
  return typeof value === 'number' ? valueOf(cleanText(String(value), field.clean_up)) : unreadable(EXPECTED, REMEDY);
}

/** Written as it is: clean-up is for comparing, and a name compared in lower case must not be written in lower case. */
export function writeText(value: JsonValue): Reading {
  return typeof value === 'string' ? valueOf(wellFormedText(value)) : unreadable(EXPECTED, REMEDY);
}
