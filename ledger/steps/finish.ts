import type { FinishItem } from '../ledger-store';
import type { Step } from './step';

/** The end of a run for records that needed no Commit. */
export function finish(step: Step, items: readonly FinishItem[]): void {
  if (step.run.dry_run) return;
  step.tables.handleNotes(items.flatMap(({ hints }) => hints));
  step.tables.openIssues(items.flatMap(({ issues }) => issues));
  // Check has counted these records as changed; what came of them is another word.
  step.tables.count(items.flatMap((item) => [item.outcome === 'unchanged' ? 'nothing_to_do' : item.outcome, ...item.issues.map(() => 'issue')]));
}
