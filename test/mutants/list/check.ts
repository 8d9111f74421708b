import { inScope, mutantsOf, type Mutant } from '../mutant';

const check = mutantsOf('core/stages/ledger-check.ts');

export const CHECK_MUTANTS: readonly Mutant[] = [
  check('law 15', 'the read token is ignored by Check', `if (row.changed_seq > run.read_token) return { kind: 'Recheck' };`, '', inScope('one edit on each side')),
  check('F2', 'Unchanged is tested before the lease', `const other = leaseOfAnother(row, run, now);`, `if (!read.full && isSame(row, read)) return { kind: 'Unchanged', reason: 'same' };\n  const other = leaseOfAnother(row, run, now);`, inScope('set-backs')),
  check('F4', 'a Recheck takes the short cut of the unchanged source', `if (read.full || row.intents`, `if (row.intents`, inScope('one edit on each side')),
];
