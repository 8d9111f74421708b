import type { FinishItem } from '../../../ledger/ledger-store';
import { openIssues } from './issues';
import { handleNote } from './notes';
import { count } from './runs';
import type { Step } from './step';

export function finish(step: Step, items: readonly FinishItem[]): void {
  if (step.run.dry_run) return;
  for (const item of items) {
    for (const hint of item.hints) handleNote(step.tables, step.run.sync, hint, step.run.read_token);
    openIssues(step, item.issues);
  }
  count(step.tables, step.run, items.flatMap((item) => [item.outcome === 'unchanged' ? 'nothing_to_do' : item.outcome, ...item.issues.map(() => 'issue')]));
}
