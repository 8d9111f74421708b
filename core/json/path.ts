import type { JsonValue } from '../model';
import { isPlainObject } from './json-value';

/** Segments of a dot path: `requester.email` → `requester`, `email`. `\.` is a dot inside a name, `\\` a backslash. */
export type Path = readonly string[];

/** @returns null when a segment is empty (`a..b`, a leading or trailing dot) or a lone backslash ends the text. */
export function parsePath(text: string): Path | null {
  const segments: string[] = [];
  let segment = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '.') {
      segments.push(segment);
      segment = '';
    } else if (character === '\\') {
      at += 1;
      if (at === text.length) return null;
      segment += text.charAt(at);
    } else {
      segment += character;
    }
  }
  segments.push(segment);
  return segments.includes('') ? null : segments;
}

export type Found =
  | { readonly kind: 'found'; readonly value: unknown }
  /** Not there at all: it was not observed, which never means null. */
  | { readonly kind: 'absent' }
  /** `holder` is no object, so what should lie inside it cannot be judged. */
  | { readonly kind: 'blocked'; readonly holder: string; readonly value: unknown };

/**
 * Follows a path through own properties only; digits index lists. A parent that is null makes its members null: the
 * system says that there is nothing in there. A missing parent, or an empty list (PHP's empty object), makes them absent.
 */
export function readPath(root: unknown, path: Path): Found {
  let value = root;
  let depth = 0;
  for (const segment of path) {
    if (value === null) return { kind: 'found', value: null };
    const members = Array.isArray(value) ? listMembers(value, segment) : value;
    if (!isPlainObject(members)) return { kind: 'blocked', holder: path.slice(0, depth).join('.'), value };
    if (!Object.hasOwn(members, segment) || members[segment] === undefined) return { kind: 'absent' };
    value = members[segment];
    depth += 1;
  }
  return { kind: 'found', value };
}

function listMembers(list: readonly unknown[], segment: string): unknown {
  if (list.length === 0) return {};
  return /^\d+$/u.test(segment) ? Object.fromEntries(list.entries()) : list;
}

/** Whether writing one path would overwrite, or lie inside, what the other writes. */
export function pathsCollide(a: Path, b: Path): boolean {
  const [shorter, longer] = a.length <= b.length ? [a, b] : [b, a];
  return shorter.every((segment, depth) => segment === longer[depth]);
}

interface Branch {
  [member: string]: JsonValue | Branch;
}

/** Builds the nested object in which each path holds its value, and nothing else is mentioned. */
export function nestPaths(entries: Iterable<readonly [Path, JsonValue]>): { readonly [member: string]: JsonValue } {
  const root: Branch = { __proto__: null };
  const branches = new Map<string, Branch>();
  for (const [path, value] of entries) {
    let branch = root;
    for (const [depth, segment] of path.slice(0, -1).entries()) {
      const id = JSON.stringify(path.slice(0, depth + 1));
      const next = branches.get(id) ?? { __proto__: null };
      branches.set(id, next);
      branch[segment] = next;
      branch = next;
    }
    const last = path.at(-1);
    if (last !== undefined) branch[last] = value;
  }
  return root;
}
