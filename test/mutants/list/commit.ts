import { inScope, mutantsOf, type Mutant } from '../mutant';

const commit = mutantsOf('core/stages/ledger-commit.ts');

export const COMMIT_MUTANTS: readonly Mutant[] = [
  commit('law 3', 'the intended value becomes the snapshot, not the observed one', `withFields(planned.record, pickFields(observation.record, Object.keys(patch.fields)))`, `planned.record`, inScope('b reformats as nobody knows')),
  commit('F14', 'a refused write moves the snapshots', `if (outcome.kind !== 'written') next = keepBases(plan, next, patch);`, `if (outcome.kind === 'unknown') next = keepBases(plan, next, patch);`, inScope('one edit on each side')),
];
