import { inScope, mutantsOf, type Mutant } from '../mutant';

const reserve = mutantsOf('core/stages/ledger-reserve.ts');

export const RESERVE_MUTANTS: readonly Mutant[] = [
  reserve('F1', 'a younger hint does not stop Reserve', `if (facts.youngest_hint > run.read_token) return recheck('hint');`, '', inScope('set-backs')),
];
