import { describe, expect, it } from 'vitest';
import { inMemory, simulate } from './simulate';
import { sharedLedger } from './stores';

const told = (violations: readonly { readonly violations: readonly string[]; readonly trace: readonly string[] }[]): readonly string[] => violations.map((violation) => [...violation.violations, ...violation.trace].join('\n'));

describe('histories of users, faults and crashes', () => {
  it('the same seed gives the same trace of counts', async () => {
    const once = (): ReturnType<typeof simulate> => simulate({ seed: 3, from: 0, count: 30, open: inMemory, most_violations: 30, shrink: false });
    expect(await once()).toEqual(await once());
  });

  it('keep every promise on SQLite', async () => {
    const { open, close } = sharedLedger({ kind: 'sqlite', file: ':memory:' });
    const { violations, faults } = await simulate({ seed: 11, from: 0, count: 30, open, most_violations: 1 });
    await close();
    expect(told(violations)).toEqual([]);
    expect(Object.keys(faults).length).toBeGreaterThan(8);
  });
});
