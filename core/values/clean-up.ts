import type { CleanUp } from '../mapping-schema';
import { wellFormedText } from '../json/well-formed';

/**
 * One order, whatever order the setting lists them in: only so does cleaning a cleaned text change nothing. Changing case
 * may take composed letters apart, therefore Unicode comes after it; trimming comes last, since the others make white space.
 */
const STEPS: readonly (readonly [CleanUp, (text: string) => string])[] = [
  ['lower_case', (text) => text.toLowerCase()],
  ['upper_case', (text) => text.toUpperCase()],
  ['unicode_nfc', (text) => text.normalize('NFC')],
  ['plain_spaces', (text) => text.replace(/\p{Zs}/gu, ' ')],
  ['line_endings', (text) => text.replace(/\r\n?|\u2028|\u2029/gu, '\n')],
  ['collapse_spaces', (text) => text.replace(/[ \t]+/gu, ' ')],
  ['trim', (text) => text.trim()],
];

export function cleanText(text: string, cleanUp: readonly CleanUp[]): string {
  let cleaned = wellFormedText(text);
  for (const [name, step] of STEPS) if (cleanUp.includes(name)) cleaned = step(cleaned);
  return cleaned;
}
