import { readPath, type Path } from '../json/path';
import { isPlainObject } from '../json/json-value';

export interface HintPaths {
  /** To the list of events in a delivery; empty: the delivery is the list, or one event. */
  readonly events: Path;
  /** To the record's id in one event. */
  readonly id: Path;
}

/** Ids of the records that a delivery names, each once, in its order. Nothing else of it is believed or kept: a webhook is a hint. */
export function hintedIds(delivery: unknown, { events, id }: HintPaths): readonly string[] {
  const found = readPath(delivery, events);
  const value = found.kind === 'found' ? found.value : null;
  const list: readonly unknown[] = Array.isArray(value) ? value : isPlainObject(value) ? [value] : [];
  return [...new Set(list.flatMap((event) => idOf(readPath(event, id))))];
}

function idOf(found: ReturnType<typeof readPath>): readonly string[] {
  if (found.kind !== 'found') return [];
  const { value } = found;
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  return text === '' ? [] : [text];
}
