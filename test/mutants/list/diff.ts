import { inScope, mutantsOf, type Mutant } from '../mutant';

const settle = mutantsOf('core/stages/settle-intents.ts');
const diff = mutantsOf('core/stages/diff-engine.ts');

export const DIFF_MUTANTS: readonly Mutant[] = [
  settle('F5', 'a landed intent moves the base of its own system only', `bases.get(otherSystem(run, intent.system))?.set(field, fieldOf(intent.from, field));`, '', inScope('edits on both sides, a crash')),
  diff('law 2', 'one shared snapshot: the source is compared with the target\'s past', `[run.source]: changeSet(settings, source, bases[run.source] ?? null),`, `[run.source]: changeSet(settings, source, bases[run.target] ?? null),`, inScope('b reformats as nobody knows')),
];
