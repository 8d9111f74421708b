/**
 * The vocabulary of a two-way sync, as types. Read this file first: every other file uses these words and no others.
 *
 * Two systems hold the same business record. Each is compared with its own past only (its *snapshot*), never with the
 * other's, because systems reformat what they store. What both changed differently is a *conflict*: data, not an error.
 * Everything here is plain JSON, so that it can travel in n8n items and through sub-workflows unchanged.
 */

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Short name of one side: `crm`, `support`. */
export type SystemName = string;

/**
 * The mapped, typed and filtered fields that both systems share. A field that was not observed is absent; `null` means
 * "explicitly empty". Field names are chosen by users, so these objects have no prototype (see `json/canonical-record`).
 */
export type CanonicalRecord = { readonly [field: string]: JsonValue };

/** `v1:` and the SHA-256 (hex) of a canonical record's deterministic JSON. */
export type Fingerprint = string;

/** `crm-to-support`: source, then target. */
export type Direction = string;

/** Business identity, never an execution id: record type, then id (`contact_4829`). */
export type RecordKey = string;

export type Pair<T> = { readonly [system: SystemName]: T };

// ---- What a run is ---------------------------------------------------------------------------------------------------

/** What every step of one run needs to know about it. Travels in every item as `sync`. */
export interface RunContext {
  /** Name of the sync: scopes all ledger tables but the journal. */
  readonly sync: string;
  readonly record_type: string;
  readonly source: SystemName;
  readonly target: SystemName;
  readonly run_id: string;
  /** From the ledger's one growing sequence, drawn after the hints were noted. Reading begins only after it was drawn. */
  readonly read_token: number;
  /** A dry run writes nothing anywhere, the ledger included. */
  readonly dry_run: boolean;
  /** 0 for the first pass, +1 for every Recheck. The canvas bounds it; the notes in the ledger outlive the bound. */
  readonly attempt: number;
}

/** "Record X of system S may have changed." Nothing else is believed of a webhook. */
export interface Hint {
  readonly system: SystemName;
  readonly native_id: string;
}

// ---- What was read ---------------------------------------------------------------------------------------------------

/**
 * What a read of one system proved about one record.
 * - `present`: read, normalized.
 * - `gone`: the system said that it does not exist any more (404/410, or what its reader says is proof).
 * - `none`: a search by match key found nothing. Proves nothing about a record that was linked before.
 * - `ambiguous`: a search by match key found several, or the record was merged into another; `candidates` names them.
 * - `out_of_scope`: exists, but left the filter or may not be read (403). Never a delete.
 */
export type Presence = 'present' | 'gone' | 'none' | 'ambiguous' | 'out_of_scope';

export interface Observation {
  readonly system: SystemName;
  readonly presence: Presence;
  readonly native_id: string | null;
  /** Proposed record key; a row that is already linked keeps its own. */
  readonly record_key: RecordKey | null;
  /** Empty unless `present`. */
  readonly record: CanonicalRecord;
  /** Values of the sealed fields, of which `record` holds only the seal. Never stored: it is there to be written in this run. */
  readonly plain?: CanonicalRecord;
  /** Of `record`; null unless `present`. */
  readonly fingerprint: Fingerprint | null;
  /** Value that finds the same record in the other system (an e-mail address); null when the record has none. */
  readonly match_key: string | null;
  /** Version for the conditional write (ETag, version field), null where the system has none. */
  readonly etag: string | null;
  /** Origin stamp found on the record, null where none is or the system cannot hold one. */
  readonly stamp: string | null;
  /** Whether this system stores origin stamps at all: without one, "our write landed" is judged by value. */
  readonly holds_stamps: boolean;
  /** ISO 8601 as the system gave it; only `latest, guarded` looks at it. */
  readonly updated_at: string | null;
  readonly candidates: readonly string[];
  /** The id it was asked for by, where the system answered with another record: the one asked for was merged into that. */
  readonly merged_id?: string;
  readonly schema: MappingSchema;
}

/** What the later steps need to know of the mapping that made an observation. One object shared by a batch. */
export interface MappingSchema {
  readonly mapping_fingerprint: Fingerprint;
  /** Fields in which `null` or an empty string may clear the other side's value. */
  readonly clearable: readonly string[];
  /** Fields whose value is an unordered set: merged by adds and removes. */
  readonly sets: readonly string[];
  /** Fields that may be written to this system (direction `both` or `out`). */
  readonly writable: readonly string[];
  /** Whether this system never makes a second record of a create that is sent again: by a unique key, or by the idempotency key. */
  readonly creates_once: boolean;
  /** Fields of which records hold a seal (`json/seal`); left out where there are none. */
  readonly sealed?: readonly string[];
}

// ---- What the ledger remembers ---------------------------------------------------------------------------------------

/** What one system was last observed to hold. `gone` is remembered too: it is what makes an undelete visible. */
export interface Snapshot {
  readonly presence: 'present' | 'gone';
  readonly record: CanonicalRecord;
  readonly fingerprint: Fingerprint | null;
  readonly mapping_fingerprint: Fingerprint;
}

export type WriteOperation = 'create' | 'update' | 'delete';

/**
 * A write we are about to make, durable before it is made. One per write to one system.
 * An intent found open by a later run is *settled*: landed (adopted on both sides) or not (planned again).
 */
export interface Intent {
  /** Names the Reserve that made it; written with the data as origin stamp. */
  readonly fencing_token: number;
  readonly system: SystemName;
  readonly op: WriteOperation;
  /** What we write, field by field. Empty for a delete. */
  readonly to: CanonicalRecord;
  /** Per field of `to`: what the plan had read on the *other* side. Adopting a landed intent moves both bases. */
  readonly from: CanonicalRecord;
  /** Fingerprint this system will have when `to` lies over what the plan had read: recognizes the echo in flight. */
  readonly echo_fingerprint: Fingerprint | null;
  readonly idempotency_key: string;
  readonly native_id: string | null;
  /** Only for creates: claims (system, match key), so that two rows with one match key do not both create. */
  readonly match_key: string | null;
  /** What this write takes away; on record as soon as it is known to have landed, whoever finds that out. */
  readonly overrides: readonly Override[];
  /** Intents the plan behind this one had already taken into account, as `intentId`s. */
  readonly used: readonly string[];
  /** True once another run took the lease over: kept, since its late write must be recognized when it lands. */
  readonly superseded: boolean;
  /** True where the request could still land when the run drew its read token: what the run reads may not show it yet. */
  readonly may_land: boolean;
}

export const REVIEW_KINDS = ['conflict', 'delete', 'ambiguous', 'oscillation', 'lone_edit', 'rejected_write', 'undo'] as const;

export type ReviewKind = (typeof REVIEW_KINDS)[number];

/** One question to a person: one open item per record and field (or group). */
export interface ReviewItem {
  readonly id: string;
  readonly record_key: RecordKey;
  readonly kind: ReviewKind;
  /** Field, group name, `*` for the record as a whole, `rejected:<system>`, `claim:<system>:<native id>`, or `undo:<run id>`. */
  readonly subject: string;
  readonly fields: readonly string[];
  readonly reason: string;
  /** Per system: values of `fields` (absent fields left out), as both sides held them when the item was made. */
  readonly values: Pair<CanonicalRecord>;
  /** Per system: the snapshots' values of `fields` at that moment. */
  readonly base: Pair<CanonicalRecord>;
  readonly status: 'open' | 'decided';
  readonly decision: ReviewDecision | null;
}

/**
 * What a person chose. It counts only while both sides still hold `ReviewItem.values`.
 * `winner`: that system's values are written to the other (a deleted record wins by being deleted in the other too).
 * `keep_apart`: leave the difference as it is, and remember both sides as seen. `link`: the candidate meant by an ambiguous match.
 * `undo`: each system gets back what it held before a run wrote; it counts field by field. `stays`: fields of the run that are not put back.
 */
export type ReviewDecision =
  | { readonly kind: 'winner'; readonly system: SystemName; readonly by: string }
  | { readonly kind: 'value'; readonly value: CanonicalRecord; readonly by: string }
  | { readonly kind: 'keep_apart'; readonly by: string }
  | { readonly kind: 'link'; readonly native_id: string; readonly by: string }
  | { readonly kind: 'undo'; readonly run_id: string; readonly values: Pair<CanonicalRecord>; readonly stays: readonly string[]; readonly by: string };

/** One line of the record's bounded history: why something was written, and what it replaced. */
export interface HistoryEntry {
  readonly direction: Direction;
  readonly field_hash: Fingerprint;
  readonly fields: readonly string[];
  /** ISO 8601, the ledger's clock. */
  readonly at: string;
}

/** Everything the ledger knows of one record when Check reads it. */
export interface LedgerRow {
  readonly record_key: RecordKey;
  /** Moves at every Reserve and Commit: what compare-and-swap compares. */
  readonly version: number;
  /** Moves at Commit only: part of idempotency keys, so that a retry after a takeover has the same key. */
  readonly committed_version: number;
  readonly links: Pair<string | null>;
  readonly snapshots: Pair<Snapshot | null>;
  /** Open and superseded, newest first. */
  readonly intents: readonly Intent[];
  readonly reviews: readonly ReviewItem[];
  /** Newest journal tuple over both directions. */
  readonly latest: { readonly direction: Direction; readonly field_hash: Fingerprint } | null;
  /** Commits inside the suppression window, newest first (at most 12). */
  readonly recent: readonly HistoryEntry[];
}

// ---- What is decided -------------------------------------------------------------------------------------------------

export type FieldChange = { readonly from: JsonValue | undefined; readonly to: JsonValue | undefined };

/** One system's record against its own snapshot. `undefined` in JSON is simply absent. */
export interface ChangeSet {
  readonly op: WriteOperation | 'none';
  readonly fields: { readonly [field: string]: FieldChange };
}

/** First-sync situation of a record, counted in previews. */
export type Situation = 'linked' | 'found' | 'absent' | 'ambiguous' | 'gone';

/**
 * The Diff Engine's finding for one record: both sides, both bases after open intents were settled, who changed.
 * No rule has been applied yet: detection and policy are two passes.
 */
export interface Difference {
  readonly record_key: RecordKey;
  readonly situation: Situation;
  readonly source: Observation;
  readonly target: Observation;
  readonly row: LedgerRow | null;
  /** Per system: what counts as its past, after settling. Null: never observed. */
  readonly bases: Pair<Snapshot | null>;
  readonly change_sets: Pair<ChangeSet>;
  /** `intentId`s proven to have landed; Commit consumes them. */
  readonly used_intents: readonly string[];
  /** What those writes took away, which nobody has put on record yet. */
  readonly landed_overrides: readonly Override[];
  /** Ids of questions about a second record that this batch has seen to be no question any more. */
  readonly ended_claims: readonly string[];
  /** The open create that must be repeated exactly as it was, if there is one. */
  readonly open_create: Intent | null;
  /** Fields the oscillation breaker holds for a person. */
  readonly held_fields: readonly string[];
}

/** A write to one system, as the plan wants it. */
export interface Patch {
  readonly system: SystemName;
  readonly op: WriteOperation;
  readonly native_id: string | null;
  /** Only changed fields (create: all writable fields). */
  readonly fields: CanonicalRecord;
  /** Values behind the seals of `fields`; an intent keeps the seals alone. */
  readonly plain?: CanonicalRecord;
  /** Per field of `fields`, what the plan had read on the other side. */
  readonly from: CanonicalRecord;
  readonly if_match: string | null;
  readonly idempotency_key: string;
  readonly match_key: string | null;
  readonly echo_fingerprint: Fingerprint | null;
}

/** A value that lost: kept in the history, so that every overwrite can be explained and undone by hand. */
export interface Override {
  readonly system: SystemName;
  readonly field: string;
  readonly lost: JsonValue | undefined;
  readonly won: JsonValue | undefined;
  readonly rule: string;
}

export type ReviewDraft = Omit<ReviewItem, 'id' | 'status' | 'decision' | 'record_key'>;

/** For one record: the patch for each system, the conflicts, the next snapshots. */
export interface Plan {
  readonly record_key: RecordKey;
  readonly situation: Situation;
  /** At most one per system, source's correction included. */
  readonly patches: readonly Patch[];
  /** Per system: what the plan was made on (empty for a record that is not there). */
  readonly seen: Pair<CanonicalRecord>;
  /** Native ids after this plan (a create's own id is known only after the write). */
  readonly links: Pair<string | null>;
  /** Per system: the snapshot if every patch succeeds with exactly the planned value. */
  readonly next: Pair<Snapshot | null>;
  /** Per system: the settled base: where a refused field stays. */
  readonly bases: Pair<Snapshot | null>;
  readonly open_reviews: readonly ReviewDraft[];
  /** Ids of reviews that no longer ask anything (decided and applied, or both sides agree). */
  readonly close_reviews: readonly string[];
  readonly overrides: readonly Override[];
  /** What earlier writes took away that were found to have landed: on record with this plan, whatever becomes of its own writes. */
  readonly landed_overrides: readonly Override[];
  readonly used_intents: readonly string[];
  /** Why each field moved, by field: shown in the history and in previews. */
  readonly reasons: { readonly [field: string]: string };
  /** Newer values than a repeated create carries wait for an update: the run must look again after Commit. */
  readonly look_again: boolean;
}

/** What became of one write. Classified by status, never by error text. */
export type WriteOutcome =
  | { readonly kind: 'written'; readonly observation: Observation | null }
  /** 409, 412, 428, 404 on update: the record moved. Nothing advances; both sides are read again. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** 400, 422 …: the system will not take this value. An issue; not retried until source or mapping changes. */
  | { readonly kind: 'rejected'; readonly reason: string }
  /** 429, 503: nothing was done; try again after `retry_after_seconds`. `unauthorized`: 401, the credential expired. */
  | { readonly kind: 'postponed'; readonly reason: string; readonly retry_after_seconds: number; readonly unauthorized?: true }
  /** Timeout, broken connection, 5xx: may or may not have landed. The intent stays open and is settled by reading. */
  | { readonly kind: 'unknown'; readonly reason: string };

export type WriteResult = { readonly system: SystemName; readonly outcome: WriteOutcome };

/** Names one intent: a Reserve may write to both systems, and each write is settled by itself. */
export function intentId(intent: Pick<Intent, 'fencing_token' | 'system'>): string {
  return `${intent.fencing_token}:${intent.system}`;
}

export function directionOf(source: SystemName, target: SystemName): Direction {
  return `${source}-to-${target}`;
}

/** The other system of a pair. */
export function otherSystem(run: Pick<RunContext, 'source' | 'target'>, system: SystemName): SystemName {
  return system === run.source ? run.target : run.source;
}
