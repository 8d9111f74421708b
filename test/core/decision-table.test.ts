import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decisionTable } from '../../core/policies/decision-table';

/** The rows of README's table, so that what is promised there is what runs. */
const rows = readFileSync(join(__dirname, '..', '..', 'README.md'), 'utf8')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, source, target, , outcome]) => /^(yes|no)$/u.test(source ?? '') && /^(yes|no)$/u.test(target ?? '') && outcome !== undefined)
  .map(([, source, target, equal, outcome]) => ({ source: source === 'yes', target: target === 'yes', equal: equal ?? '', outcome: outcome ?? '' }));

const WORDS = {
  nothing: 'nothing',
  source_to_target: "write source's value to target",
  target_to_source: "write target's value to source",
  converged: 'converged: update snapshots, write nothing',
  conflict: "conflict: the field's rule decides",
} as const;

describe('the decision table', () => {
  it('stands in README with all seven rows', () => expect(rows).toHaveLength(7));

  it.each(rows)('source changed: $source, target changed: $target, equal: $equal → $outcome', ({ source, target, equal, outcome }) => {
    for (const nowEqual of equal === '–' ? [true, false] : [equal === 'yes']) expect(WORDS[decisionTable(source, target, nowEqual)]).toBe(outcome);
  });
});
