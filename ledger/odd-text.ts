/**
 * No text column holds half a surrogate pair, and PostgreSQL's no NUL. A native id from a public webhook may hold either: it travels
 * escaped (U+001A, then four hex digits), so that it blocks no batch, stays itself, and two odd ids are never one.
 */
const UNSTORABLE = /[\0\u001a\p{Surrogate}]/gu;
const ESCAPED = /\u001a([0-9a-f]{4})/g;

/** Whether there is anything for `unescaped` to do. */
export const isEscaped = (text: string): boolean => text.includes('\u001a');

/** Asked of every text of every batch, and far quicker than a replacement that finds nothing. */
const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0') && !isEscaped(text);

export const escaped = (text: string): string => (isStorable(text) ? text : text.replace(UNSTORABLE, (unit) => `\u001a${unit.charCodeAt(0).toString(16).padStart(4, '0')}`));
export const unescaped = (text: string): string => (isEscaped(text) ? text.replace(ESCAPED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))) : text);

/** Whether the text would not come back as it is. */
export const isOdd = (text: string): boolean => escaped(text) !== text;

/** Whether a value holds an escaped text anywhere, keys included. Hardly any does, and every row of every batch is asked: no list is made of what is in it. */
export function holdsEscaped(value: unknown): boolean {
  if (typeof value === 'string') return isEscaped(value);
  if (Array.isArray(value)) return value.some(holdsEscaped);
  if (typeof value !== 'object' || value === null) return false;
  for (const key in value) if (isEscaped(key) || holdsEscaped(value[key as keyof typeof value])) return true;
  return false;
}
