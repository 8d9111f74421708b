import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHECKOUT } from '../../tools/checkout';
import { SCOPES } from '../simulation/explore/scopes';
import { MUTANTS } from './list';
import { applied, mutantsOf, inScope, type Mutant } from './mutant';

const stale = (mutant: Mutant): readonly string[] => mutant.edits.flatMap((edit) => {
  try {
    return applied(edit, readFileSync(join(CHECKOUT, edit.file), 'utf8'), mutant.name) === '' ? [`${mutant.name} empties ${edit.file}`] : [];
  } catch (error) {
    return [String(error)];
  }
});

describe('the list of mutants', () => {
  it.each(MUTANTS.map((mutant) => [`${mutant.rule}: ${mutant.name}`, mutant] as const))('still fits the code: %s', (_title, mutant) => {
    expect(stale(mutant)).toEqual([]);
    for (const { from, to } of mutant.edits) expect(to).not.toBe(from);
  });

  it('gives each mutant a name of its own', () => {
    const titles = MUTANTS.map(({ rule, name }) => `${rule}: ${name}`);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('names catchers that exist', () => {
    const scopes = new Set(SCOPES.map(({ name }) => name));
    const missing = MUTANTS.flatMap(({ caughtBy }) => {
      switch (caughtBy.kind) {
        case 'exploration':
          return scopes.has(caughtBy.scope) ? [] : [caughtBy.scope];
        case 'simulation':
          return [];
        case 'tests':
          return caughtBy.files.filter((file) => !existsSync(join(CHECKOUT, file)));
      }
    });
    expect(missing).toEqual([]);
  });

  it('notices when the code has moved on', () => {
    const mutant = mutantsOf('core/model.ts')('none', 'a text that stands nowhere', 'no such text', '', inScope(''));
    expect(() => applied({ file: 'core/model.ts', from: 'no such text', to: '' }, 'some text', mutant.name)).toThrow('stale');
    expect(() => applied({ file: 'core/model.ts', from: 'a', to: '' }, 'a a', mutant.name)).toThrow('stands 2 times');
  });
});
