/** The ledger's steps as functions of its state: the old state stays as it was, so that many futures can be tried from it. */
import type { RunContext } from '../../../core/model';
import type { GuardSettings } from '../../../core/policies/guard-settings';
import { check } from '../../../ledger/steps/check';
import { commit } from '../../../ledger/steps/commit';
import { finish } from '../../../ledger/steps/finish';
import { reserve } from '../../../ledger/steps/reserve';
import type { Step } from '../../../ledger/steps/step';
import type { Retention } from '../../../ledger/retention';
import type { CheckItem, CheckVerdict, CommitItem, CommitVerdict, DecideRequest, DecideVerdict, FinishItem, PendingWork, Pruned, ReserveItem, ReserveVerdict, StartRequest, StartResult, SyncScope } from '../../../ledger/ledger-store';
import { prune } from './prune';
import { decideReview } from './reviews';
import { start } from './start';
import type { LedgerState } from './state';
import { stepTables } from './step-tables';
import { pendingWork } from './sweep';
import { Tables } from './tables';

export interface Stepped<Answer> {
  readonly state: LedgerState;
  readonly answer: Answer;
}

/** All of `body` happens, or (when it throws) nothing. `now`: ISO 8601 in UTC with milliseconds. */
export function atomically<Answer>(state: LedgerState, body: (tables: Tables) => Answer): Stepped<Answer> {
  const tables = new Tables(state);
  const answer = body(tables);
  return { state: tables.state(), answer };
}

function stepOf<Answer>(state: LedgerState, run: RunContext, now: string, body: (step: Step) => Answer): Stepped<Answer> {
  return atomically(state, (tables) => body({ tables: stepTables({ tables, run, now }), run, now }));
}

export function startStep(state: LedgerState, request: StartRequest, now: string): Stepped<StartResult> {
  return atomically(state, (tables) => start(tables, request, now));
}

export function checkStep(state: LedgerState, run: RunContext, items: readonly CheckItem[], now: string): Stepped<readonly CheckVerdict[]> {
  return stepOf(state, run, now, (step) => check(step, items));
}

export function reserveStep(state: LedgerState, run: RunContext, items: readonly ReserveItem[], now: string, guards?: GuardSettings): Stepped<readonly ReserveVerdict[]> {
  return stepOf(state, run, now, (step) => reserve(step, items, guards));
}

export function commitStep(state: LedgerState, run: RunContext, items: readonly CommitItem[], now: string): Stepped<readonly CommitVerdict[]> {
  return stepOf(state, run, now, (step) => commit(step, items));
}

export function finishStep(state: LedgerState, run: RunContext, items: readonly FinishItem[], now: string): Stepped<undefined> {
  return stepOf(state, run, now, (step) => {
    finish(step, items);
    return undefined;
  });
}

export function decideStep(state: LedgerState, request: DecideRequest): Stepped<DecideVerdict> {
  return atomically(state, (tables) => decideReview(tables, request));
}

export function pendingOf(state: LedgerState, scope: SyncScope, limit: number, now: string): PendingWork {
  return pendingWork(new Tables(state), scope, limit, now);
}

export function pruneStep(state: LedgerState, scope: SyncScope, retention: Retention, now: string): Stepped<Pruned> {
  return atomically(state, (tables) => prune(tables, scope, retention, now));
}
