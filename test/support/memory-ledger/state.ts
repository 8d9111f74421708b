/** What the ledger in memory holds: plain JSON, never changed in place, so that a state can be kept, compared and gone back to. */
import type { HistoryEntry, JsonValue, Override, Pair, RecordKey, ReviewItem, Snapshot, SystemName } from '../../../core/model';
import type { Hold } from '../../../core/policies/holds';
import type { HeldRow } from '../../../core/stages/ledger-check';
import type { Issue, RunSummary, SyncScope, WriteEffect } from '../../../ledger/ledger-store';
import type { StoredIntent } from '../../../ledger/steps/step';

/** Rows by `keyOf(...)`. */
export type Rows<Row> = { readonly [key: string]: Row };

export type StoredReview = ReviewItem & {
  readonly seq: number;
  readonly source: { readonly system: SystemName; readonly native_id: string | null };
};

/** A record with all that hangs on it: the unit that is copied when it is written. */
export interface StoredRow extends HeldRow {
  readonly sync: string;
  readonly committed_version: number;
  readonly committed_token: number;
  readonly tombstone_at: string | null;
  readonly links: Pair<string>;
  readonly snapshots: Pair<Snapshot>;
  /** Newest first. */
  readonly intents: readonly StoredIntent[];
  /** In the order they were asked. */
  readonly reviews: readonly StoredReview[];
}

export interface StoredNote {
  readonly sync: string;
  readonly system: SystemName;
  readonly native_id: string;
  readonly hint_seq: number;
  readonly handled_seq: number;
  readonly unlinked_seq: number;
  readonly record_key: RecordKey | null;
}

/** That a drain is at a note, or had it: by the key of the note. */
export interface StoredTake {
  readonly sync: string;
  /** Null when the batch is over. */
  readonly taken_by: string | null;
  readonly taken_seq: number;
  readonly taken_until: string;
}

/** One line of the published table; its key is (record key, direction, field hash). */
export interface StoredTuple {
  readonly direction: string;
  readonly source_system: SystemName;
  readonly target_system: SystemName;
  readonly field_hash: string;
  readonly synced_at: string;
  readonly change_set: JsonValue;
  readonly idempotency_key: string | null;
  readonly execution_id: string | null;
  readonly cause: string;
}

export type StoredHistory = HistoryEntry & {
  readonly run_id: string;
  readonly cause: string;
  readonly change_set: JsonValue;
  readonly overrides: readonly Override[];
  readonly closed_reviews: JsonValue;
  readonly effect: WriteEffect | null;
};

export type StoredIssue = Issue & { readonly sync: string; readonly seq: number };

export type StoredRun = RunSummary & { readonly sync: string; readonly read_token: number; readonly execution_id: string | null };

/** `told`: somebody has been alerted. */
export type StoredHold = Hold & { readonly sync: string; readonly seq: number; readonly told: boolean; readonly released: { readonly at: string; readonly by: string } | null };

export type Registration = Pick<SyncScope, 'sync' | 'record_type'> & {
  readonly first_system: SystemName;
  readonly second_system: SystemName;
  /** Youngest number that pruning has forgotten: an older run cannot know what it missed. */
  readonly forgotten_seq: number;
};

export interface LedgerState {
  /** The one growing sequence. */
  readonly sequence: number;
  /** Run, review and issue ids given so far. Counted, so that equal histories give equal states. */
  readonly named: number;
  readonly syncs: Rows<Registration>;
  readonly records: Rows<StoredRow>;
  /** Record key by (sync, system, native id). */
  readonly links: Rows<RecordKey>;
  readonly notes: Rows<StoredNote>;
  /** The youngest hint that waits for a drain, by the key of its note. */
  readonly drainSeqs: Rows<{ readonly drain_seq: number }>;
  readonly takes: Rows<StoredTake>;
  /** By sync: until when a drain counts as ordered. */
  readonly drainOrders: Rows<string>;
  /** By record key, newest last. Not by sync, as in the published table: record type and systems keep syncs apart. */
  readonly journal: Rows<readonly StoredTuple[]>;
  /** By (sync, record key), newest last. */
  readonly history: Rows<readonly StoredHistory[]>;
  readonly issues: Rows<StoredIssue>;
  readonly runs: Rows<StoredRun>;
  readonly cursors: Rows<string>;
  /** By id. */
  readonly holds: Rows<StoredHold>;
}

export const emptyLedger: LedgerState = {
  sequence: 0, named: 0, syncs: {}, records: {}, links: {}, notes: {}, drainSeqs: {}, takes: {}, drainOrders: {}, journal: {}, history: {}, issues: {}, runs: {}, cursors: {}, holds: {},
};

/** As JSON: no two lists of names give one text, and none is `__proto__`. */
export function keyOf(...names: readonly string[]): string {
  return JSON.stringify(names);
}
