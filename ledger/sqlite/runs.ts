import { z } from 'zod';
import { directionOf, type RunContext } from '../../core/model';
import type { Counter } from '../../core/policies/guards';
import { jsonColumn, toColumn } from '../json-column';
import type { RunSummary, StartRequest, SyncScope } from '../ledger-store';
import type { SqliteConnection } from './driver';

const ADD = `INSERT INTO sync_runs (run_id, sync, read_token, direction, attempt, cause, execution_id, started_at, counts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '{}')`;
const COUNTS = `SELECT counts FROM sync_runs WHERE run_id = ?`;
const SAVE_COUNTS = `UPDATE sync_runs SET counts = ? WHERE run_id = ?`;
const COUNTED_SINCE = `SELECT coalesce(sum(json_extract(counts, '$.' || ?2)), 0) AS n FROM sync_runs WHERE sync = ?1 AND started_at > ?3`;
const EXECUTION = `SELECT execution_id FROM sync_runs WHERE run_id = ?`;
const STARTED = `SELECT started_at FROM sync_runs WHERE run_id = ?`;
const NEWEST = `SELECT run_id, direction, cause, started_at, counts FROM sync_runs WHERE sync = ? ORDER BY read_token DESC LIMIT ?`;

const countsSchema = z.record(z.string(), z.number());
const countsRow = z.object({ counts: jsonColumn(countsSchema) });
const sumRow = z.object({ n: z.number() });
const executionRow = z.object({ execution_id: z.string().nullable() }).optional();
const startedRow = z.object({ started_at: z.string() }).optional();
const runRow = z.object({ run_id: z.string(), direction: z.string(), cause: z.string(), started_at: z.string(), counts: jsonColumn(countsSchema) });

export function addRun(connection: SqliteConnection, run: RunContext, request: Pick<StartRequest, 'cause' | 'execution_id'>, now: string): void {
  connection.run(ADD, run.run_id, run.sync, run.read_token, directionOf(run.source, run.target), run.attempt, request.cause, request.execution_id, now);
}

/** The log of runs: the one part of the ledger that a run without an edit moves. */
export function count(connection: SqliteConnection, run: RunContext, outcomes: Iterable<string>): void {
  const found = connection.get(COUNTS, run.run_id);
  if (found === undefined) return;
  const { counts } = countsRow.parse(found);
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  connection.run(SAVE_COUNTS, toColumn(counts), run.run_id);
}

export function countedSince(connection: SqliteConnection, sync: string, counter: Counter, since: string): number {
  return sumRow.parse(connection.get(COUNTED_SINCE, sync, counter, since)).n;
}

export function executionOf(connection: SqliteConnection, run: RunContext): string | null {
  return executionRow.parse(connection.get(EXECUTION, run.run_id))?.execution_id ?? null;
}

export function startedAt(connection: SqliteConnection, run: RunContext): string | null {
  return startedRow.parse(connection.get(STARTED, run.run_id))?.started_at ?? null;
}

export function newestRuns(connection: SqliteConnection, scope: SyncScope, limit: number): readonly RunSummary[] {
  return connection.all(NEWEST, scope.sync, limit).map((row) => runRow.parse(row));
}
