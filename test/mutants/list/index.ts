import type { Mutant } from '../mutant';
import { CHECK_MUTANTS } from './check';
import { COMMIT_MUTANTS } from './commit';
import { DIFF_MUTANTS } from './diff';
import { RESERVE_MUTANTS } from './reserve';

export const MUTANTS: readonly Mutant[] = [...CHECK_MUTANTS, ...DIFF_MUTANTS, ...RESERVE_MUTANTS, ...COMMIT_MUTANTS];
