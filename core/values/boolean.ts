import type { JsonValue } from '../model';
import { unreadable, valueOf, type Reading } from './reading';

const WORDS: ReadonlyMap<string, boolean> = new Map([
  ['true', true], ['yes', true], ['y', true], ['on', true], ['1', true],
  ['false', false], ['no', false], ['n', false], ['off', false], ['0', false],
]);

export function readBoolean(value: JsonValue): Reading {
  const word = typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string' ? String(value).trim().toLowerCase() : '';
  const read = WORDS.get(word);
  return read === undefined ? unreadable('true or false', 'Send true/false, yes/no, on/off or 1/0, or use a Choice field with a value map.') : valueOf(read);
}
