import type { CompiledField } from '../mapping';
import { wellFormed } from '../json/well-formed';
import type { FieldType } from '../mapping-schema';
import type { JsonValue } from '../model';
import { readBoolean } from './boolean';
import { readChoice, writeChoice } from './choice';
import { readList, readSet, writeList, writeSet } from './collection';
import { readDate } from './date';
import { readDecimal, writeDecimal } from './decimal';
import { readEmail } from './email';
import { readInstant } from './instant';
import { readNumber } from './number';
import { readPhone, writePhone } from './phone';
import { valueOf, type Reading } from './reading';
import { readText, writeText } from './text';

type Translate = (value: JsonValue, field: CompiledField, region: string | null) => Reading;

interface Translation {
  /** System → canonical. Never sees null, nor `""` unless the type has a use for it. */
  readonly read: Translate;
  /** Canonical → system. Checks as strictly as reading does: the value may be one that a person typed into a review. */
  readonly write: Translate;
}

const both = (translate: Translate): Translation => ({ read: translate, write: translate });

const TRANSLATIONS: { readonly [type in FieldType]: Translation } = {
  text: { read: readText, write: writeText },
  number: both(readNumber),
  decimal: { read: readDecimal, write: writeDecimal },
  boolean: both(readBoolean),
  date: both(readDate),
  instant: both(readInstant),
  email: both(readEmail),
  phone: { read: readPhone, write: writePhone },
  choice: { read: readChoice, write: writeChoice },
  list: { read: readList, write: writeList },
  set: { read: readSet, write: writeSet },
  json: both((value) => valueOf(wellFormed(value))),
};

/**
 * System → canonical. null stays null. `""` stays `""` for text and json; for every other type it is how a form says "empty",
 * so it becomes null (unless a choice maps it).
 */
export function readValue(value: JsonValue, field: CompiledField, region: string | null): Reading {
  if (value === null) return valueOf(null);
  if (isBlank(value) && field.type !== 'text' && field.type !== 'json' && !field.to_canonical.has('')) return valueOf(null);
  return TRANSLATIONS[field.type].read(value, field, region);
}

/** Canonical → system. null stays null: whether it may clear anything was decided before. */
export function writeValue(value: JsonValue, field: CompiledField, region: string | null): Reading {
  return value === null ? valueOf(null) : TRANSLATIONS[field.type].write(value, field, region);
}

const isBlank = (value: JsonValue): boolean => typeof value === 'string' && value.trim() === '';
