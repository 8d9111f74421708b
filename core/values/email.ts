import { wellFormedText } from '../json/well-formed';
import type { JsonValue } from '../model';
import { unreadable, valueOf, type Reading } from './reading';

/** One @, a dot in the domain, none of the characters that separate addresses. Letters of every script are allowed. */
const ADDRESS = /^[^\s@,;<>]+@[^\s@,;<>.]+(?:\.[^\s@,;<>.]+)+$/u;

/** Lower case as a whole: mailbox names that differ in case only do not exist in practice, while systems change case at will. */
export function readEmail(value: JsonValue): Reading {
  const address = typeof value === 'string' ? wellFormedText(value).trim().toLowerCase().normalize('NFC') : '';
  return ADDRESS.test(address) ? valueOf(address) : unreadable('an e-mail address', 'Correct the address in the system, or choose the field type Text.');
}
