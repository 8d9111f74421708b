/**
 * The ledger's port: what every store must do, step by step. PostgreSQL and SQLite implement it; one contract suite
 * (`test/ledger/contract.ts`) runs on both.
 *
 * Rules for every store:
 * - one call = one round trip and one transaction, whatever the batch size; answers come in the order of the items;
 * - one growing sequence gives hint numbers, `changed_seq`, fencing tokens and read tokens. A number is drawn inside the
 *   statement that publishes it, and a read token only after the notes of the same Start are written;
 * - rows are locked in key order, so that Check never reads a row while a Commit of it is under way and a Commit sees
 *   every note that a finished Start has made;
 * - what a batch does to one record never depends on another record of the batch; two items for one record are
 *   handled in order (the second sees what the first did);
 * - a dry run (`run.dry_run`) writes nothing at all, notes and run log included.
 */
import type {
  CanonicalRecord, Direction, Hint, HistoryEntry, LedgerRow, Override, Pair, RecordKey,
  ReviewDecision, ReviewItem, RunContext, SystemName,
} from '../core/model';

import type { CheckItem, CommitItem, IssueDraft, NotedHint, RecheckReason, ReserveItem } from '../core/ledger-request';
import type { GuardSettings } from '../core/policies/guard-settings';
import type { Hold } from '../core/policies/holds';
import type { UndoDraft, WrittenRecord } from '../core/policies/undo';
import type { HoldStore } from './hold-store';
import type { Retention } from './retention';

export type { CheckItem, CommitItem, IntentDraft, IssueDraft, JournalTuple, NotedHint, RecheckReason, ReserveItem, WriteEffect } from '../core/ledger-request';

/** Names one sync: two systems and one record type. */
export interface SyncScope {
  readonly sync: string;
  readonly record_type: string;
  readonly source: SystemName;
  readonly target: SystemName;
}

// ---- Start -----------------------------------------------------------------------------------------------------------

/**
 * `noted_before`: the read of a Recheck, whose hint stands in the ledger already. Noting it again would make it younger than
 * the tokens of all other runs on the record: each would send the others back, and nobody would get to write.
 */
export type StartHint = Hint & { readonly noted_before?: boolean };

export interface StartRequest extends SyncScope {
  readonly hints: readonly StartHint[];
  readonly dry_run: boolean;
  readonly attempt: number;
  /** Where this run comes from, for the run log (an n8n execution id). */
  readonly execution_id: string | null;
  /** What happens inside: `webhook`, `recheck`, `reconcile`, … for the run log. */
  readonly cause: string;
}

export interface StartResult {
  readonly run: RunContext;
  /** One per distinct hint, in order of first appearance. */
  readonly noted: readonly NotedHint[];
}

// ---- Note and take: bursts ----------------------------------------------------------------------------------------------

/** Hints that wait in the ledger until a drain takes them. */
export interface NoteRequest extends SyncScope {
  readonly hints: readonly Hint[];
  /** For so long nobody else is asked to drain: until the drain that is ordered now should have begun. */
  readonly order_seconds: number;
}

export interface NoteResult {
  /** Distinct hints. */
  readonly noted: number;
  /** Nobody drains, and nobody has been asked to: whoever noted this should start a drain. */
  readonly order: boolean;
}

export interface TakeRequest extends SyncScope {
  /** Names the drain, the same for all of its batches. Asking for the next batch says that the one before is over. */
  readonly drain: string;
  /** Most notes in one batch. */
  readonly limit: number;
  /** How long nobody else takes these records. After a crash they are free again when it is over. */
  readonly hold_seconds: number;
  /** Drains that may be at work at the same time, this one included. */
  readonly drains_at_once: number;
  readonly execution_id: string | null;
}

export type TakeResult =
  /** `run.source` is the system of the oldest waiting note, so it may be the reverse of the direction that was asked for. */
  | { readonly kind: 'Taken'; readonly run: RunContext; readonly noted: readonly NotedHint[] }
  | { readonly kind: 'NothingLeft' }
  | { readonly kind: 'Draining' };

// ---- Check -----------------------------------------------------------------------------------------------------------

export type CheckVerdict =
  | { readonly kind: 'Changed'; readonly row: LedgerRow | null; readonly full: boolean }
  | { readonly kind: 'Unchanged'; readonly record_key: RecordKey | null; readonly reason: 'same' | 'echo_in_flight' | 'unknown_and_gone' }
  | { readonly kind: 'Busy'; readonly record_key: RecordKey; readonly lease_expires_at: string }
  | { readonly kind: 'Recheck'; readonly record_key: RecordKey; readonly reason: 'committed_since_read' };

// ---- Reserve ---------------------------------------------------------------------------------------------------------

export type ReserveVerdict =
  | { readonly kind: 'Reserved'; readonly record_key: RecordKey; readonly fencing_token: number; readonly version: number; readonly lease_expires_at: string }
  | { readonly kind: 'Recheck'; readonly record_key: RecordKey; readonly reason: RecheckReason; readonly claimed_by: RecordKey | null }
  /** Nothing of it was stored, its notes stay. One hold stops the whole batch, unless it is about one record. */
  | { readonly kind: 'Held'; readonly record_key: RecordKey; readonly hold: Hold };

// ---- Commit ----------------------------------------------------------------------------------------------------------

export type CommitVerdict =
  | { readonly kind: 'Committed'; readonly record_key: RecordKey; readonly version: number; readonly opened_reviews: readonly ReviewItem[] }
  | {
      readonly kind: 'Recheck';
      readonly record_key: RecordKey;
      readonly reason: RecheckReason;
      readonly claimed_by: RecordKey | null;
      /** What the Recheck must read: the row's linked records, and the native ids of its unhandled notes. */
      readonly read: readonly Hint[];
    };

// ---- Finish, issues, reviews, reconcile --------------------------------------------------------------------------------

/** The end of a run for a record that needed no Commit: its notes (not younger than the token) are handled. */
export interface FinishItem {
  readonly record_key: RecordKey | null;
  /** Native ids whose notes are handled by this. */
  readonly hints: readonly Hint[];
  readonly outcome: 'unchanged' | 'echo' | 'rejected' | 'issue';
  readonly issues: readonly IssueDraft[];
}

export interface Issue extends IssueDraft {
  readonly id: string;
  readonly opened_at: string;
  readonly seen: number;
}

/** Work that is waiting in the ledger: what a reconcile sweep or a drain takes up. */
export interface PendingWork {
  /** Native ids with unhandled notes that no drain is at, and the linked ids of rows with open intents whose lease is over. Oldest first. */
  readonly hints: readonly Hint[];
}

export interface DecideRequest extends SyncScope {
  readonly review_id: string;
  readonly decision: ReviewDecision;
  /** The values the person was shown; a review that shows other values by now is not decided. */
  readonly shown: Pair<CanonicalRecord>;
}

export type DecideVerdict =
  | { readonly kind: 'Decided'; readonly review: ReviewItem; readonly read: readonly Hint[] }
  | { readonly kind: 'Changed'; readonly review: ReviewItem }
  /** The question does not take such an answer (`answersTo`): stored, it would have no effect. */
  | { readonly kind: 'Refused'; readonly review: ReviewItem }
  | { readonly kind: 'Gone' };

/** What a run wrote, as far as the history still knows. */
export interface RunWrites {
  /** Writes that the log of runs has counted, those that did not go through included; null when the run is not in the log (any more). */
  readonly counted: number | null;
  /** By key, each once. */
  readonly records: readonly WrittenRecord[];
}

export interface UndoVerdict {
  readonly record_key: RecordKey;
  /** Whether the decision was left; not, where the same one waits already. */
  readonly asked: boolean;
  /** Both linked records, noted: what a run must read. */
  readonly read: readonly Hint[];
}

export interface RecordHistory {
  readonly entries: readonly (HistoryEntry & { readonly run_id: string; readonly cause: string; readonly change_set: unknown; readonly overrides: readonly Override[] })[];
}

export interface RunSummary {
  readonly run_id: string;
  readonly direction: Direction;
  readonly cause: string;
  readonly started_at: string;
  readonly counts: { readonly [outcome: string]: number };
}

/** How many rows of each kind were deleted. */
export interface Pruned {
  readonly history: number;
  readonly journal: number;
  readonly runs: number;
  readonly notes: number;
  readonly intents: number;
  /** Records, with all that hung on them. */
  readonly tombstones: number;
}

/** `Alive`: these systems still hold the record, as far as the ledger knows. `Busy`: a write may be under way until then. */
export type EraseVerdict =
  | { readonly kind: 'Erased'; /** Rows that held values. */ readonly purged: number }
  | { readonly kind: 'Alive'; readonly systems: readonly SystemName[] }
  | { readonly kind: 'Busy'; readonly until: string }
  | { readonly kind: 'Unknown' };

export interface LedgerStore extends HoldStore {
  /** Notes every hint, then draws the read token. */
  start(request: StartRequest): Promise<StartResult>;
  /** Notes every hint and begins nothing: a drain will. */
  note(request: NoteRequest): Promise<NoteResult>;
  /**
   * A Start whose hints come from the ledger: hints of one system that Note left, oldest first, then a read token. (A hint that a
   * run has noted itself is that run's.) Left out are records that another drain is at or another run holds, and what
   * this drain had already and nobody has hinted at since: it waits until its hold is over. Taking handles no note; that is for the run, when it ends [F15].
   */
  take(request: TakeRequest): Promise<TakeResult>;
  check(run: RunContext, items: readonly CheckItem[]): Promise<readonly CheckVerdict[]>;
  /**
   * Holds that are open stop the batch, whatever the guards say; without `guards` no new one is opened. A dry run answers what the guards
   * would say, and opens none.
   */
  reserve(run: RunContext, items: readonly ReserveItem[], guards?: GuardSettings): Promise<readonly ReserveVerdict[]>;
  commit(run: RunContext, items: readonly CommitItem[]): Promise<readonly CommitVerdict[]>;
  finish(run: RunContext, items: readonly FinishItem[]): Promise<void>;
  /** Unhandled notes and abandoned intents. */
  pending(scope: SyncScope, limit: number): Promise<PendingWork>;
  /**
   * Linked native ids of one system that are not among `seen`: what a complete listing no longer shows (not a delete!). Also those whose row
   * a second record claims that is not listed either, or has a row of its own by now: the question may be over.
   */
  missing(scope: SyncScope, system: SystemName, seen: readonly string[]): Promise<readonly Hint[]>;
  reviews(scope: SyncScope, page: { readonly limit: number; readonly offset: number; readonly id: string | null }): Promise<{ readonly total: number; readonly items: readonly ReviewItem[] }>;
  decide(request: DecideRequest): Promise<DecideVerdict>;
  /** What an undo of this run would be about. */
  writesOf(scope: SyncScope, run_id: string): Promise<RunWrites>;
  /** Leaves each record the decision that puts back what a run wrote, and notes both sides of it: the next run carries it out. */
  undo(scope: SyncScope, drafts: readonly UndoDraft[]): Promise<readonly UndoVerdict[]>;
  issues(scope: SyncScope, limit: number): Promise<readonly Issue[]>;
  history(scope: SyncScope, record_key: RecordKey, limit: number): Promise<RecordHistory>;
  runs(scope: SyncScope, limit: number): Promise<readonly RunSummary[]>;
  cursor(scope: SyncScope, system: SystemName): Promise<string | null>;
  saveCursor(scope: SyncScope, system: SystemName, cursor: string): Promise<void>;
  /**
   * Deletes what is older than `retention` and what no law needs. Never the newest snapshot or journal tuple of a record, an open
   * intent, a create that may have made a record nobody linked, a question, a live tombstone, an unhandled note. A run older than
   * anything that was forgotten cannot know what it missed: Reserve and Commit send it back.
   */
  prune(scope: SyncScope, retention: Retention): Promise<Pruned>;
  /** Takes what a record held out of the ledger, once it is gone in both systems (`erasure.ts`). A second time does nothing. */
  erase(scope: SyncScope, record_key: RecordKey): Promise<EraseVerdict>;
  /** Makes or upgrades the schema; safe when twenty processes call it at once. */
  migrate(): Promise<void>;
  close(): Promise<void>;
}

