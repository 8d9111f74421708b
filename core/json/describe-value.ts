import { wellFormedText } from './well-formed';

const MAX_EXCERPT = 60;

/**
 * What a value is, for a message: its kind and the beginning of it, never more than 60 characters in all. A message ends up in
 * logs and chats, where a customer's whole note has no business.
 */
export function describeValue(value: unknown): string {
  const description = fullDescription(value);
  return description.length <= MAX_EXCERPT ? description : `${wellFormedText(description.slice(0, MAX_EXCERPT - 1))}…`;
}

function fullDescription(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  switch (typeof value) {
    case 'string':
      return `text ${JSON.stringify(value.slice(0, MAX_EXCERPT))}`;
    case 'number':
    case 'boolean':
      return `${typeof value} ${value}`;
    case 'object':
      return 'an object';
    default:
      return `a ${typeof value}`;
  }
}
