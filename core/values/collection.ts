import type { CompiledField } from '../mapping';
import { canonicalJson } from '../json/canonical-json';
import { isList } from '../json/json-value';
import { wellFormed } from '../json/well-formed';
import type { JsonValue } from '../model';
import { readChoice, writeChoice } from './choice';
import { cleanText } from './clean-up';
import { unreadable, valueOf, type Reading } from './reading';

/** A list keeps its order and its repetitions. With a value map, each entry is a choice. */
export function readList(value: JsonValue, field: CompiledField): Reading {
  return eachEntry(value, (entry) => {
    if (field.values.length > 0) return readChoice(entry, field);
    return valueOf(typeof entry === 'string' ? cleanText(entry, field.clean_up) : wellFormed(entry));
  });
}

/** A set has no order and no repetitions; sorted, two equal sets are the same value. */
export function readSet(value: JsonValue, field: CompiledField): Reading {
  return asSet(readList(value, field));
}

export function writeList(value: JsonValue, field: CompiledField): Reading {
  return eachEntry(value, (entry) => (field.values.length > 0 ? writeChoice(entry, field) : valueOf(wellFormed(entry))));
}

export function writeSet(value: JsonValue, field: CompiledField): Reading {
  return asSet(writeList(value, field));
}

function eachEntry(value: JsonValue, translate: (entry: JsonValue) => Reading): Reading {
  if (!isList(value)) return unreadable('a list', 'Send a JSON list; a text such as "a, b" must be split before this node.');
  const entries: JsonValue[] = [];
  for (const entry of value) {
    const reading = translate(entry);
    if (reading.kind === 'unreadable') return reading;
    entries.push(reading.value);
  }
  return valueOf(entries);
}

function asSet(reading: Reading): Reading {
  if (reading.kind === 'unreadable' || !isList(reading.value)) return reading;
  const byText = new Map(reading.value.map((entry) => [canonicalJson(entry), entry]));
  return valueOf([...byText.keys()].sort().map((text) => byText.get(text) ?? null));
}
