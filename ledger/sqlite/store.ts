import type { Hint, RecordKey, ReviewItem, RunContext, SystemName } from '../../core/model';
import type { GuardSettings } from '../../core/policies/guard-settings';
import type { Hold } from '../../core/policies/holds';
import type { UndoDraft } from '../../core/policies/undo';
import type { HoldRequest, ReleaseRequest, ReleaseVerdict } from '../hold-store';
import type { Retention } from '../retention';
import type {
  CheckItem, CheckVerdict, CommitItem, CommitVerdict, DecideRequest, DecideVerdict, EraseVerdict, FinishItem, Issue, LedgerStore, NoteRequest,
  NoteResult, PendingWork, Pruned, RecordHistory, ReserveItem, ReserveVerdict, RunSummary, RunWrites, StartRequest, StartResult, SyncScope, TakeRequest, TakeResult, UndoVerdict,
} from '../ledger-store';
import { check } from '../steps/check';
import { commit } from '../steps/commit';
import { finish } from '../steps/finish';
import { reserve } from '../steps/reserve';
import type { Step } from '../steps/step';
import { connectSqlite, type SqliteConnection } from './driver';
import { note, take } from './drain';
import { holdBy, openHolds, release, tellHolds } from './holds';
import { newestIssues } from './issues';
import { historyOf } from './journal';
import { migrateSqlite } from './migrate';
import { erase } from './erase';
import { prune } from './prune';
import { decideReview, pageOfReviews } from './reviews';
import { newestRuns } from './runs';
import { start } from './start';
import { stepTables } from './step-tables';
import { cursorOf, missingRecords, pendingWork, saveCursor } from './sweep';
import { undo, writesOf } from './undo';

/** `node:sqlite` is synchronous: a step is one transaction that nothing in this process can come between. */
export class SqliteLedger implements LedgerStore {
  readonly #connection: SqliteConnection;
  readonly #clock: () => Date;

  constructor(file: string, clock: () => Date) {
    this.#connection = connectSqlite(file);
    this.#clock = clock;
  }

  start(request: StartRequest): Promise<StartResult> {
    return this.#atomically((connection, now) => start(connection, request, now));
  }

  note(request: NoteRequest): Promise<NoteResult> {
    return this.#atomically((connection, now) => note(connection, request, now));
  }

  take(request: TakeRequest): Promise<TakeResult> {
    return this.#atomically((connection, now) => take(connection, request, now));
  }

  check(run: RunContext, items: readonly CheckItem[]): Promise<readonly CheckVerdict[]> {
    return this.#step(run, (step) => check(step, items));
  }

  reserve(run: RunContext, items: readonly ReserveItem[], guards?: GuardSettings): Promise<readonly ReserveVerdict[]> {
    return this.#step(run, (step) => reserve(step, items, guards));
  }

  commit(run: RunContext, items: readonly CommitItem[]): Promise<readonly CommitVerdict[]> {
    return this.#step(run, (step) => commit(step, items));
  }

  holds(scope: SyncScope): Promise<readonly Hold[]> {
    return this.#atomically((connection) => openHolds(connection, scope.sync));
  }

  hold(scope: SyncScope, request: HoldRequest): Promise<Hold> {
    return this.#atomically((connection, now) => holdBy(connection, scope.sync, request, now));
  }

  release(scope: SyncScope, request: ReleaseRequest): Promise<ReleaseVerdict> {
    return this.#atomically((connection, now) => release(connection, scope.sync, request, now));
  }

  tellHolds(scope: SyncScope): Promise<readonly Hold[]> {
    return this.#atomically((connection, now) => tellHolds(connection, scope.sync, now));
  }

  finish(run: RunContext, items: readonly FinishItem[]): Promise<void> {
    return this.#step(run, (step) => finish(step, items));
  }

  pending(scope: SyncScope, limit: number): Promise<PendingWork> {
    return this.#atomically((connection, now) => pendingWork(connection, scope, limit, now));
  }

  missing(scope: SyncScope, system: SystemName, seen: readonly string[]): Promise<readonly Hint[]> {
    return this.#atomically((connection) => missingRecords(connection, scope, system, seen));
  }

  reviews(scope: SyncScope, page: { readonly limit: number; readonly offset: number; readonly id: string | null }): Promise<{ readonly total: number; readonly items: readonly ReviewItem[] }> {
    return this.#atomically((connection) => pageOfReviews(connection, scope, page));
  }

  decide(request: DecideRequest): Promise<DecideVerdict> {
    return this.#atomically((connection, now) => decideReview(connection, request, now));
  }

  writesOf(scope: SyncScope, run_id: string): Promise<RunWrites> {
    return this.#atomically((connection) => writesOf(connection, scope, run_id));
  }

  undo(scope: SyncScope, drafts: readonly UndoDraft[]): Promise<readonly UndoVerdict[]> {
    return this.#atomically((connection, now) => undo(connection, scope, drafts, now));
  }

  issues(scope: SyncScope, limit: number): Promise<readonly Issue[]> {
    return this.#atomically((connection) => newestIssues(connection, scope, limit));
  }

  history(scope: SyncScope, record_key: RecordKey, limit: number): Promise<RecordHistory> {
    return this.#atomically((connection) => historyOf(connection, scope, record_key, limit));
  }

  runs(scope: SyncScope, limit: number): Promise<readonly RunSummary[]> {
    return this.#atomically((connection) => newestRuns(connection, scope, limit));
  }

  cursor(scope: SyncScope, system: SystemName): Promise<string | null> {
    return this.#atomically((connection) => cursorOf(connection, scope, system));
  }

  saveCursor(scope: SyncScope, system: SystemName, cursor: string): Promise<void> {
    return this.#atomically((connection, now) => saveCursor(connection, scope, system, cursor, now));
  }

  prune(scope: SyncScope, retention: Retention): Promise<Pruned> {
    return this.#atomically((connection, now) => prune(connection, scope, retention, now));
  }

  erase(scope: SyncScope, record_key: RecordKey): Promise<EraseVerdict> {
    return this.#atomically((connection, now) => erase(connection, scope, record_key, now));
  }

  migrate(): Promise<void> {
    return Promise.resolve().then(() => this.#connection.migrateOnce(() => migrateSqlite(this.#connection, this.#clock().toISOString())));
  }

  close(): Promise<void> {
    this.#connection.close();
    return Promise.resolve();
  }

  #step<T>(run: RunContext, body: (step: Step) => T): Promise<T> {
    return this.#atomically((connection, now) => body({ tables: stepTables({ connection, run, now }), run, now }));
  }

  async #atomically<T>(body: (connection: SqliteConnection, now: string) => T): Promise<T> {
    await this.migrate();
    const now = this.#clock().toISOString();
    return this.#connection.transaction(() => body(this.#connection, now));
  }
}
