import { describe, expect, it } from 'vitest';
import { byTests, inScope, type Mutant } from './mutant';
import { historiesPage, withoutLine, withTable, type Result } from './report';

const mutant = (name: string): Mutant => ({ name, rule: 'F1', edits: [], caughtBy: inScope('a scope') });
const [first, second, third] = [mutant('first'), mutant('second'), mutant('third | with a border')];
const caught = (by: Mutant, broken: string, history: string[] = ['a step']): Result => ({ mutant: by, whole: true, caught: { by: history.length === 0 ? byTests('test/a.test.ts') : by.caughtBy, finding: { broken, history, whole: true } } });
const PAGE = 'before\n<!-- mutants: written by `npm run mutants -- --write` -->\n\n<!-- end of mutants -->\nafter\n';

describe('the table of mutants', () => {
  const played = withTable(PAGE, [first, second, third], [caught(first, 'law 1'), caught(third, 'law 3 $&', [])]);

  it('stands in the order of the list, whatever was played when, and the page around it stays', () => {
    const later = withTable(played, [first, second, third], [{ mutant: second, whole: true, caught: null }, caught(first, 'law 2')]);
    expect(later.split('\n').filter((line) => line.startsWith('| F1'))).toEqual([
      '| F1 | first | exploration: a scope | 1 | law 2 |', '| F1 | second | **survived** |  |  |', '| F1 | third \\| with a border | tests: a |  | law 3 $& |',
    ]);
    expect([later.startsWith('before\n'), later.endsWith('after\n')]).toEqual([true, true]);
  });

  it('does not call survived what was only cut off', () => {
    expect(withTable(PAGE, [first], [{ mutant: first, whole: false, caught: null }])).toContain('| F1 | first | **not looked at whole** |  |  |');
  });

  it('knows who was never played, and forgets whom the list does not name any more', () => {
    expect(withoutLine(played, [first, second, third])).toEqual([second]);
    expect(withTable(played, [second, third], [])).not.toContain('first');
  });

  it('refuses a page that has no place for it', () => {
    expect(() => withTable('nothing', [first], [])).toThrow('needs the lines');
  });
});

it('the page of histories keeps those that were not played again, and tells none where nobody needed one', () => {
  const once = historiesPage('', [first, second, third], [caught(first, 'law 1', ['one', 'two']), caught(third, 'law 3', [])]);
  const twice = historiesPage(once, [first, second, third], [caught(second, 'law 2', ['three'])]);
  expect(twice.split('\n').filter((line) => line.startsWith('## '))).toEqual(['## F1: first', '## F1: second']);
  expect(twice).toContain(' 1. one\n 2. two\n=> law 1\n');
  expect(historiesPage(twice, [first, second, third], [])).toBe(twice);
});
