import { directionOf, type RunContext } from '../../../core/model';
import type { Counter } from '../../../core/policies/guards';
import type { RunSummary, StartRequest, SyncScope } from '../../../ledger/ledger-store';
import type { Tables } from './tables';

export function addRun(tables: Tables, { run_id, sync, read_token, source, target }: RunContext, { cause, execution_id }: Pick<StartRequest, 'cause' | 'execution_id'>, now: string): void {
  tables.runs.put(run_id, { run_id, sync, read_token, direction: directionOf(source, target), cause, execution_id, started_at: now, counts: {} });
}

export function count(tables: Tables, run: RunContext, outcomes: readonly string[]): void {
  const found = tables.runs.get(run.run_id);
  if (found === undefined) return;
  const counts: { [outcome: string]: number } = { ...found.counts };
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  tables.runs.put(run.run_id, { ...found, counts });
}

export function countedSince(tables: Tables, sync: string, counter: Counter, since: string): number {
  return Object.values(tables.runs.rows).filter((run) => run.sync === sync && run.started_at > since).reduce((sum, run) => sum + (run.counts[counter] ?? 0), 0);
}

export function executionOf(tables: Tables, run: RunContext): string | null {
  return tables.runs.get(run.run_id)?.execution_id ?? null;
}

export function startedAt(tables: Tables, run: RunContext): string | null {
  return tables.runs.get(run.run_id)?.started_at ?? null;
}

export function newestRuns(tables: Tables, scope: SyncScope, limit: number): readonly RunSummary[] {
  return Object.values(tables.runs.rows).filter((run) => run.sync === scope.sync).sort((a, b) => b.read_token - a.read_token).slice(0, limit)
    .map(({ run_id, direction, cause, started_at, counts }) => ({ run_id, direction, cause, started_at, counts }));
}
