import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CHECKOUT } from '../../tools/checkout';

it('docs/cases.md lists exactly the tests that name a case', () => {
  const run = () => execFileSync(process.execPath, ['--import', 'tsx', join(CHECKOUT, 'tools', 'list-cases.ts'), '--check'], { cwd: CHECKOUT, stdio: 'pipe' });
  expect(run).not.toThrow();
});
