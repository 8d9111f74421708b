import { describe, expect, it } from 'vitest';
import { nestPaths, parsePath, pathsCollide, readPath } from '../../../core/json/path';

const read = (root: unknown, path: string) => readPath(root, parsePath(path) ?? []);

describe('paths', () => {
  it.each([['a.b', ['a', 'b']], ['a\\.b', ['a.b']], ['a\\\\.b', ['a\\', 'b']], ['a..b', null], ['.a', null], ['a.', null], ['', null], ['a\\', null]])('%s → %j', (text, segments) => {
    expect(parsePath(text)).toEqual(segments);
  });

  it('V1 tells absent from null, and a null parent means that there is nothing in it', () => {
    expect(read({ a: { b: null } }, 'a.b')).toEqual({ kind: 'found', value: null });
    expect(read({ a: null }, 'a.b')).toEqual({ kind: 'found', value: null });
    expect(read({ a: {} }, 'a.b')).toEqual({ kind: 'absent' });
    expect(read({ a: { b: undefined } }, 'a.b')).toEqual({ kind: 'absent' });
    expect(read({ a: [] }, 'a.b')).toEqual({ kind: 'absent' });
    expect(read({ a: 'text' }, 'a.b')).toMatchObject({ kind: 'blocked', holder: 'a' });
  });

  it('V8 follows own members only', () => {
    expect(read({}, 'constructor.name')).toEqual({ kind: 'absent' });
    expect(read([1], 'length')).toMatchObject({ kind: 'blocked' });
    expect(read(JSON.parse('{"__proto__":{"x":1}}'), '__proto__.x')).toEqual({ kind: 'found', value: 1 });
    expect(read({ list: [{ a: 0 }] }, 'list.0.a')).toEqual({ kind: 'found', value: 0 });
    expect(read({ list: [1] }, 'list.1')).toEqual({ kind: 'absent' });
  });

  it('V8 nests values without touching a prototype', () => {
    const nested = nestPaths([[['__proto__', 'polluted'], true], [['a', 'b'], 0], [['a', 'c'], null]]);
    expect(JSON.stringify(nested)).toBe('{"__proto__":{"polluted":true},"a":{"b":0,"c":null}}');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('collide when one lies in the other', () => {
    expect(pathsCollide(['a'], ['a', 'b'])).toBe(true);
    expect(pathsCollide(['a', 'b'], ['a', 'c'])).toBe(false);
  });
});
