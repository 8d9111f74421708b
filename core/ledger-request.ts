/**
 * What the pure stages ask of the ledger: checks, reservations and commits as values. The port (`ledger/ledger-store.ts`) says what
 * a store does with them.
 */
import type { CanonicalRecord, Direction, Fingerprint, Hint, Override, Pair, RecordKey, ReviewDraft, Snapshot, SystemName, WriteOperation } from './model';
import type { Findings } from './policies/guards';

/** A hint as Start noted it. */
export interface NotedHint extends Hint {
  /** Of the row that the native id is linked to. */
  readonly record_key: RecordKey | null;
  /** What the run reads for it: a record of its source. Of a hint about the target the one that it is linked to; null where there is none. */
  readonly source_id: string | null;
}

export interface CheckItem {
  readonly system: SystemName;
  readonly native_id: string;
  /** The key a new row would get. Null when the record is gone and was never known. */
  readonly proposed_key: RecordKey | null;
  /** Of the canonical record that was read; null when it is gone. */
  readonly fingerprint: Fingerprint | null;
  /** Of the mapping that read it: a snapshot of another mapping says nothing about "unchanged". */
  readonly mapping_fingerprint: Fingerprint;
  /** Record key and fencing token of an origin stamp found on the record: ties a create's early echo to its row. */
  readonly stamp: { readonly record_key: RecordKey; readonly fencing_token: number } | null;
  /** True after a Recheck: no Unchanged short cut. */
  readonly full: boolean;
  /** Set when a claim failed: go on with this row ("the match belongs to another row"). */
  readonly as_record_key: RecordKey | null;
  /** Seconds of history to attach as `LedgerRow.recent`. */
  readonly recent_seconds: number;
}

export interface IntentDraft {
  readonly system: SystemName;
  readonly op: WriteOperation;
  readonly to: CanonicalRecord;
  readonly from: CanonicalRecord;
  readonly echo_fingerprint: Fingerprint | null;
  readonly idempotency_key: string;
  readonly native_id: string | null;
  readonly match_key: string | null;
  readonly overrides: readonly Override[];
  readonly used: readonly string[];
}

export interface ReserveItem {
  readonly record_key: RecordKey;
  /** As Check read it; 0 when there was no row. */
  readonly version: number;
  /** Native ids this plan is about: source, and target unless it is to be created. Claimed for this row. */
  readonly links: Pair<string | null>;
  readonly intents: readonly IntentDraft[];
  readonly lease_seconds: number;
  /** What the guards need to know beside the intents. */
  readonly findings: Findings;
}

/**
 * - `version`: the row moved since Check. `lease`: another run holds it. `hint`: a note younger than the read token.
 * - `link_claimed`: a native id belongs to another row (`claimed_by`): check again with that row.
 * - `match_key_claimed`: another row (`claimed_by`) has an open create with this match key in this system.
 * - `stale`: the lease was taken over before Commit. `newer_hints`: committed, but notes younger than the token wait.
 * - `refused`, `unknown`, `postponed`: a write did not go through. `look_again`: newer values than a repeated create carried.
 */
export type RecheckReason =
  | 'version' | 'lease' | 'hint' | 'link_claimed' | 'match_key_claimed'
  | 'stale' | 'newer_hints' | 'refused' | 'unknown' | 'postponed' | 'look_again';

export interface JournalTuple {
  readonly direction: Direction;
  readonly source_system: SystemName;
  readonly target_system: SystemName;
  readonly field_hash: Fingerprint;
  /** Field → { from, to }; as JSON in the journal's `change_set`. */
  readonly change_set: unknown;
  readonly idempotency_key: string | null;
  readonly cause: string;
}

/**
 * What stands in the way of putting back what a run wrote:
 * - `created`, `deleted`: the record as a whole (under the name `*`). `gone`: it is not in both systems any more.
 * - `sealed`: the ledger never had the value. `unseen`: nobody saw what stood there before.
 * - `filled`: nothing was replaced, an emptied field was filled again. `merged`: both sides had an edit, and neither's value is the one before.
 * - `half`: one of the field's two writes did not go through.
 */
export type UndoObstacle = 'created' | 'deleted' | 'gone' | 'sealed' | 'unseen' | 'filled' | 'merged' | 'half';

/** What the writes of one commit did, kept with its first line of the history: enough to put it back. */
export interface WriteEffect {
  /** Writes that went through. */
  readonly writes: number;
  /** Per system, of the fields that can be put back: what it would hold again. Both systems have the same fields. */
  readonly before: Pair<CanonicalRecord>;
  /** Of the same fields: what each was observed to hold afterwards. */
  readonly after: Pair<CanonicalRecord>;
  /** By field: why it cannot be put back. */
  readonly obstacles: { readonly [field: string]: UndoObstacle };
}

export interface CommitItem {
  readonly record_key: RecordKey;
  /** From Reserve. Null: a plan without writes, tested like a Reserve (version, lease, notes) before it is stored. */
  readonly fencing_token: number | null;
  /** As Check read it (only looked at when `fencing_token` is null); 0 when there was no row. */
  readonly version: number;
  readonly links: Pair<string | null>;
  /** Per system the next snapshot; a system left out keeps what it has. */
  readonly snapshots: Pair<Snapshot | null>;
  readonly journal: readonly JournalTuple[];
  /** `intentId`s of superseded (or older open) intents that have been adopted. */
  readonly used_intents: readonly string[];
  /** Systems whose own intent (of this fencing token) stays open, because the outcome is unknown. */
  readonly keep_intents: readonly SystemName[];
  readonly open_reviews: readonly ReviewDraft[];
  readonly close_reviews: readonly string[];
  readonly overrides: readonly Override[];
  /** Null where nothing was written. */
  readonly effect: WriteEffect | null;
  /** Why, for a line of the history that has no tuple to say it. */
  readonly reason: string;
  /** Systems that were written to: get a hint noted when this commit turns out to be stale. */
  readonly written: readonly SystemName[];
  /** Systems to note a new hint for (a refused, postponed or unknown write notes both). */
  readonly note_hints: readonly SystemName[];
  readonly issues: readonly IssueDraft[];
  /** Send the run back even though everything was stored, and leave the notes standing. */
  readonly recheck: RecheckReason | null;
}

export interface IssueDraft {
  readonly record_key: RecordKey | null;
  readonly system: SystemName;
  readonly native_id: string | null;
  /** `rejected_record`, `rejected_write`, `ambiguous_match`, `unmapped_value`, … One open issue per (system, native id, code). */
  readonly code: string;
  /** Every reason, in words. */
  readonly reasons: readonly string[];
}

