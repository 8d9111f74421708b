import type { ChoiceValue, CompiledField } from '../mapping';
import type { JsonValue } from '../model';
import { cleanText } from './clean-up';
import { valueOf, type Reading } from './reading';

const unmapped = (side: 'system' | 'canonical'): Reading => ({
  kind: 'unreadable',
  code: 'unmapped_value',
  expected: `one of the mapped ${side} values`,
  remedy: 'Add it to the field’s value map, or correct it in the system: an unknown choice is never turned into null.',
});

/** The number 3 and the text "3" are one choice: a table typed into a form holds texts only. */
export function choiceKey(value: JsonValue, field: Pick<CompiledField, 'clean_up'>): string | null {
  if (typeof value === 'string') return cleanText(value, field.clean_up);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

export function readChoice(value: JsonValue, field: CompiledField): Reading {
  return lookUp(field.to_canonical, choiceKey(value, field)) ?? unmapped('system');
}

export function writeChoice(value: JsonValue, field: CompiledField): Reading {
  const key = typeof value === 'object' ? null : String(value);
  return lookUp(field.to_system, key) ?? unmapped('canonical');
}

function lookUp(values: ReadonlyMap<string, ChoiceValue>, key: string | null): Reading | null {
  const found = key === null ? undefined : values.get(key);
  return found === undefined ? null : valueOf(found);
}
