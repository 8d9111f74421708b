/** The ledger's port over a state in memory: what the databases do, without a database. */
import type { Hint, RecordKey, ReviewItem, RunContext, SystemName } from '../../../core/model';
import type { GuardSettings } from '../../../core/policies/guard-settings';
import type { Hold } from '../../../core/policies/holds';
import type { UndoDraft } from '../../../core/policies/undo';
import type { HoldRequest, ReleaseRequest, ReleaseVerdict } from '../../../ledger/hold-store';
import type { Retention } from '../../../ledger/retention';
import type {
  CheckItem, CheckVerdict, CommitItem, CommitVerdict, DecideRequest, DecideVerdict, EraseVerdict, FinishItem, Issue, LedgerStore, NoteRequest,
  NoteResult, PendingWork, Pruned, RecordHistory, ReserveItem, ReserveVerdict, RunSummary, RunWrites, StartRequest, StartResult, SyncScope, TakeRequest, TakeResult, UndoVerdict,
} from '../../../ledger/ledger-store';
import { noteHints, take } from './drain';
import { erase } from './erase';
import { openHold, openHolds, release, tellHolds } from './holds';
import { newestIssues } from './issues';
import { historyOf } from './journal';
import { pageOfReviews } from './reviews';
import { newestRuns } from './runs';
import { emptyLedger, type LedgerState } from './state';
import { atomically, checkStep, commitStep, decideStep, finishStep, pendingOf, pruneStep, reserveStep, startStep, type Stepped } from './steps';
import { cursorOf, missingRecords, saveCursor } from './sweep';
import type { Tables } from './tables';
import { undo, writesOf } from './undo';

export class MemoryLedger implements LedgerStore {
  readonly #clock: () => Date;
  #state: LedgerState;

  constructor(clock: () => Date, state: LedgerState = emptyLedger) {
    this.#clock = clock;
    this.#state = state;
  }

  /** Costs nothing: states are shared, never changed. */
  get state(): LedgerState {
    return this.#state;
  }

  /** A ledger with the same past and a future of its own. */
  copy(): MemoryLedger {
    return new MemoryLedger(this.#clock, this.#state);
  }

  start(request: StartRequest): Promise<StartResult> {
    return this.#step((now) => startStep(this.#state, request, now));
  }

  note(request: NoteRequest): Promise<NoteResult> {
    return this.#step((now) => atomically(this.#state, (tables) => noteHints(tables, request, now)));
  }

  take(request: TakeRequest): Promise<TakeResult> {
    return this.#step((now) => atomically(this.#state, (tables) => take(tables, request, now)));
  }

  check(run: RunContext, items: readonly CheckItem[]): Promise<readonly CheckVerdict[]> {
    return this.#step((now) => checkStep(this.#state, run, items, now));
  }

  reserve(run: RunContext, items: readonly ReserveItem[], guards?: GuardSettings): Promise<readonly ReserveVerdict[]> {
    return this.#step((now) => reserveStep(this.#state, run, items, now, guards));
  }

  commit(run: RunContext, items: readonly CommitItem[]): Promise<readonly CommitVerdict[]> {
    return this.#step((now) => commitStep(this.#state, run, items, now));
  }

  holds(scope: SyncScope): Promise<readonly Hold[]> {
    return this.#ask((tables) => openHolds(tables, scope.sync));
  }

  hold(scope: SyncScope, request: HoldRequest): Promise<Hold> {
    return this.#step((now) => atomically(this.#state, (tables) => openHold(tables, scope.sync, { ...request, counted: 0, allowed: 0, known: null }, now)));
  }

  release(scope: SyncScope, request: ReleaseRequest): Promise<ReleaseVerdict> {
    return this.#step((now) => atomically(this.#state, (tables) => release(tables, scope.sync, request, now)));
  }

  tellHolds(scope: SyncScope): Promise<readonly Hold[]> {
    return this.#ask((tables) => tellHolds(tables, scope.sync));
  }

  finish(run: RunContext, items: readonly FinishItem[]): Promise<void> {
    return this.#step((now) => finishStep(this.#state, run, items, now));
  }

  pending(scope: SyncScope, limit: number): Promise<PendingWork> {
    return this.#step((now) => ({ state: this.#state, answer: pendingOf(this.#state, scope, limit, now) }));
  }

  missing(scope: SyncScope, system: SystemName, seen: readonly string[]): Promise<readonly Hint[]> {
    return this.#ask((tables) => missingRecords(tables, scope, system, seen));
  }

  reviews(scope: SyncScope, page: { readonly limit: number; readonly offset: number; readonly id: string | null }): Promise<{ readonly total: number; readonly items: readonly ReviewItem[] }> {
    return this.#ask((tables) => pageOfReviews(tables, scope, page));
  }

  decide(request: DecideRequest): Promise<DecideVerdict> {
    return this.#step(() => decideStep(this.#state, request));
  }

  writesOf(scope: SyncScope, run_id: string): Promise<RunWrites> {
    return this.#ask((tables) => writesOf(tables, scope, run_id));
  }

  undo(scope: SyncScope, drafts: readonly UndoDraft[]): Promise<readonly UndoVerdict[]> {
    return this.#ask((tables) => undo(tables, scope, drafts));
  }

  issues(scope: SyncScope, limit: number): Promise<readonly Issue[]> {
    return this.#ask((tables) => newestIssues(tables, scope, limit));
  }

  history(scope: SyncScope, record_key: RecordKey, limit: number): Promise<RecordHistory> {
    return this.#ask((tables) => historyOf(tables, scope, record_key, limit));
  }

  runs(scope: SyncScope, limit: number): Promise<readonly RunSummary[]> {
    return this.#ask((tables) => newestRuns(tables, scope, limit));
  }

  cursor(scope: SyncScope, system: SystemName): Promise<string | null> {
    return this.#ask((tables) => cursorOf(tables, scope, system));
  }

  saveCursor(scope: SyncScope, system: SystemName, cursor: string): Promise<void> {
    return this.#ask((tables) => { saveCursor(tables, scope, system, cursor); });
  }

  prune(scope: SyncScope, retention: Retention): Promise<Pruned> {
    return this.#step((now) => pruneStep(this.#state, scope, retention, now));
  }

  erase(scope: SyncScope, record_key: RecordKey): Promise<EraseVerdict> {
    return this.#step((now) => atomically(this.#state, (tables) => erase(tables, scope, record_key, now)));
  }

  migrate(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #ask<Answer>(body: (tables: Tables) => Answer): Promise<Answer> {
    return this.#step(() => atomically(this.#state, body));
  }

  /** What a step throws is its promise's refusal, as with a database. */
  #step<Answer>(step: (now: string) => Stepped<Answer>): Promise<Answer> {
    return Promise.resolve().then(() => {
      const { state, answer } = step(this.#clock().toISOString());
      this.#state = state;
      return answer;
    });
  }
}
