import type { Mutant } from '../mutant';
import { CHECK_MUTANTS, ECHO_MUTANTS } from './check';
import { COMMIT_MUTANTS } from './commit';
import { DIFF_MUTANTS } from './diff';
import { EDGE_MUTANTS } from './edges';
import { SQLITE_MUTANTS } from './journal';
import { POSTGRES_MUTANTS } from './postgres';
import { RESERVE_MUTANTS } from './reserve';
import { ROUTE_MUTANTS } from './route';
import { WIRING_MUTANTS } from './wiring';

export const MUTANTS: readonly Mutant[] = [...CHECK_MUTANTS, ...ECHO_MUTANTS, ...DIFF_MUTANTS, ...ROUTE_MUTANTS, ...WIRING_MUTANTS, ...RESERVE_MUTANTS, ...COMMIT_MUTANTS, ...SQLITE_MUTANTS, ...POSTGRES_MUTANTS, ...EDGE_MUTANTS];
