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
import type { PostgresSettings } from '../open-ledger';
import { check } from './check';
import { commit } from './commit';
import { connectPostgres, type PostgresConnection } from './driver';
import { noteHints, take } from './drain';
import { finish } from './finish';
import { holdBy, openHolds, release, tellHolds } from './holds';
import { newestIssues } from './issues';
import { historyOf } from './journal';
import { migratePostgres } from './migrate';
import { erase } from './erase';
import { prune } from './prune';
import { reserve } from './reserve';
import { decideReview, pageOfReviews } from './reviews';
import { newestRuns } from './runs';
import { start } from './start';
import { cursorOf, missingRecords, pendingWork, saveCursor } from './sweep';
import { undo, writesOf } from './undo';

/** Each step is one statement: a call of a function that the migrations installed. */
export class PostgresLedger implements LedgerStore {
  readonly #connection: PostgresConnection;
  /** Null: the database's own clock, since the clocks of several workers differ. */
  readonly #clock: (() => Date) | null;

  constructor(settings: PostgresSettings, clock: (() => Date) | null) {
    this.#connection = connectPostgres(settings);
    this.#clock = clock;
  }

  start(request: StartRequest): Promise<StartResult> {
    return this.#ready((connection, now) => start(connection, request, now));
  }

  note(request: NoteRequest): Promise<NoteResult> {
    return this.#ready((connection, now) => noteHints(connection, request, now));
  }

  take(request: TakeRequest): Promise<TakeResult> {
    return this.#ready((connection, now) => take(connection, request, now));
  }

  check(run: RunContext, items: readonly CheckItem[]): Promise<readonly CheckVerdict[]> {
    return this.#ready((connection, now) => check(connection, run, items, now));
  }

  reserve(run: RunContext, items: readonly ReserveItem[], guards?: GuardSettings): Promise<readonly ReserveVerdict[]> {
    return this.#ready((connection, now) => reserve(connection, run, items, guards, now));
  }

  commit(run: RunContext, items: readonly CommitItem[]): Promise<readonly CommitVerdict[]> {
    return this.#ready((connection, now) => commit(connection, run, items, now));
  }

  holds(scope: SyncScope): Promise<readonly Hold[]> {
    return this.#ready((connection) => openHolds(connection, scope));
  }

  hold(scope: SyncScope, request: HoldRequest): Promise<Hold> {
    return this.#ready((connection, now) => holdBy(connection, scope, request, now));
  }

  release(scope: SyncScope, request: ReleaseRequest): Promise<ReleaseVerdict> {
    return this.#ready((connection, now) => release(connection, scope, request, now));
  }

  tellHolds(scope: SyncScope): Promise<readonly Hold[]> {
    return this.#ready((connection, now) => tellHolds(connection, scope, now));
  }

  finish(run: RunContext, items: readonly FinishItem[]): Promise<void> {
    return this.#ready((connection, now) => finish(connection, run, items, now));
  }

  pending(scope: SyncScope, limit: number): Promise<PendingWork> {
    return this.#ready((connection, now) => pendingWork(connection, scope, limit, now));
  }

  missing(scope: SyncScope, system: SystemName, seen: readonly string[]): Promise<readonly Hint[]> {
    return this.#ready((connection) => missingRecords(connection, scope, system, seen));
  }

  reviews(scope: SyncScope, page: { readonly limit: number; readonly offset: number; readonly id: string | null }): Promise<{ readonly total: number; readonly items: readonly ReviewItem[] }> {
    return this.#ready((connection) => pageOfReviews(connection, scope, page));
  }

  decide(request: DecideRequest): Promise<DecideVerdict> {
    return this.#ready((connection, now) => decideReview(connection, request, now));
  }

  writesOf(scope: SyncScope, run_id: string): Promise<RunWrites> {
    return this.#ready((connection) => writesOf(connection, scope, run_id));
  }

  undo(scope: SyncScope, drafts: readonly UndoDraft[]): Promise<readonly UndoVerdict[]> {
    return this.#ready((connection, now) => undo(connection, scope, drafts, now));
  }

  issues(scope: SyncScope, limit: number): Promise<readonly Issue[]> {
    return this.#ready((connection) => newestIssues(connection, scope, limit));
  }

  history(scope: SyncScope, record_key: RecordKey, limit: number): Promise<RecordHistory> {
    return this.#ready((connection) => historyOf(connection, scope, record_key, limit));
  }

  runs(scope: SyncScope, limit: number): Promise<readonly RunSummary[]> {
    return this.#ready((connection) => newestRuns(connection, scope, limit));
  }

  cursor(scope: SyncScope, system: SystemName): Promise<string | null> {
    return this.#ready((connection) => cursorOf(connection, scope, system));
  }

  saveCursor(scope: SyncScope, system: SystemName, cursor: string): Promise<void> {
    return this.#ready((connection, now) => saveCursor(connection, scope, system, cursor, now));
  }

  prune(scope: SyncScope, retention: Retention): Promise<Pruned> {
    return this.#ready((connection, now) => prune(connection, scope, retention, now));
  }

  erase(scope: SyncScope, record_key: RecordKey): Promise<EraseVerdict> {
    return this.#ready((connection, now) => erase(connection, scope, record_key, now));
  }

  migrate(): Promise<void> {
    return this.#connection.migrateOnce(async () => { await migratePostgres(this.#connection); });
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async #ready<T>(body: (connection: PostgresConnection, now: Date | null) => Promise<T>): Promise<T> {
    await this.migrate();
    return body(this.#connection, this.#clock?.() ?? null);
  }
}
