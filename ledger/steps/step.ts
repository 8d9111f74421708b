/**
 * What the steps ask of a store that thinks in TypeScript. SQLite and the ledger in memory keep their rows differently and go
 * through the same steps; PostgreSQL says the same in PL/pgSQL (`ledger/postgres/migrations`).
 */
import type { Hint, Intent, LedgerRow, Pair, RecordKey, ReviewDraft, ReviewItem, RunContext, Snapshot, SystemName } from '../../core/model';
import type { HeldRow } from '../../core/stages/ledger-check';
import type { Counter } from '../../core/policies/guards';
import type { Hold, HoldFacts } from '../../core/policies/holds';
import type { CommitItem, IntentDraft, IssueDraft } from '../ledger-store';

/** One step of one run: all of it happens, or (when it throws) nothing. */
export interface Step {
  readonly tables: StepTables;
  readonly run: RunContext;
  /** ISO 8601, the ledger's clock. */
  readonly now: string;
}

export type StoredIntent = Omit<Intent, 'may_land'> & { readonly may_land_until: string };

export interface StoredRow extends HeldRow {
  readonly committed_version: number;
  readonly committed_token: number;
  readonly snapshots: Pair<Snapshot>;
  readonly links: Pair<string>;
  /** Newest first. */
  readonly intents: readonly StoredIntent[];
  /** In the order they were asked. */
  readonly reviews: readonly ReviewItem[];
}

/** Only the row itself, not what hangs on it. */
export type RowNumbers = Pick<StoredRow, 'version' | 'committed_version' | 'changed_seq' | 'fencing_token' | 'committed_token' | 'lease'>;

export interface Note extends Hint {
  readonly hint_seq: number;
  readonly handled_seq: number;
  /** When a row last gave this native id up for another one; 0 where none did. */
  readonly unlinked_seq: number;
}

/** A run that is older than this has read something else than what the note tells of. */
export const latestSeq = ({ hint_seq, unlinked_seq }: Pick<Note, 'hint_seq' | 'unlinked_seq'>): number => Math.max(hint_seq, unlinked_seq);

export const isUnhandled = (note: Note): boolean => note.hint_seq > note.handled_seq;

export interface HeadAsked {
  readonly record_key: RecordKey;
  readonly system: SystemName;
}

/** The ledger's tables as one step of one run sees them: everything is about the run's sync. */
export interface StepTables {
  nextNumber(): number;
  currentNumber(): number;
  /** The log of runs: the one part of the ledger that a run without an edit moves. */
  count(outcomes: readonly string[]): void;
  /** When this run drew its read token; null where it is not in the log. */
  startedAt(): string | null;
  /** What the log of runs has counted since. */
  countedSince(counter: Counter, since: string): number;
  /** Youngest number that pruning has forgotten. */
  forgottenSeq(): number;

  /** Those that nobody has released, oldest first. */
  openHolds(): readonly Hold[];
  /** Opens it, or lets the same one that is open grow. */
  openHold(facts: HoldFacts): Hold;
  /** The most that a person let pass since, for this guard and subject. */
  releasedSince(guard: HoldFacts['guard'], subject: string, since: string): number;
  /** Records that are not deleted, counted up to `most`. */
  knownRecords(most: number): number;
  /** Committed writes since, and intents whose lease ended since. */
  writesSince(record_key: RecordKey, since: string): number;

  /** What Check asks of each row: of its links and snapshots those of one system. Null where there is no row. */
  heads(asked: readonly HeadAsked[]): readonly (HeldRow | null)[];
  /** The same of the rows that these records are linked to. */
  linkedHeads(hints: readonly Hint[]): readonly (HeldRow | null)[];
  row(record_key: RecordKey): StoredRow | null;
  insertRow(record_key: RecordKey): StoredRow;
  /** A row that gives way, with its link and its intents. What was noted for it goes to `heir`. */
  dropRow(record_key: RecordKey, heir: RecordKey): void;
  /** Links, snapshots and intents are stored before: the tombstone follows from them. */
  saveRow(record_key: RecordKey, numbers: RowNumbers): void;

  linkHolder(hint: Hint): RecordKey | null;
  /** A native id that belongs to a row stays with it. */
  saveLink(hint: Hint, record_key: RecordKey): void;
  /** Null forgets: the system counts as never observed. */
  saveSnapshot(record_key: RecordKey, system: SystemName, native_id: string | null, snapshot: Snapshot | null): void;

  /** Another row whose create with this match key is not settled: both would create the same record. Superseded and after its lease it is no claim any more. */
  matchKeyHolder(system: SystemName, match_key: string, except: RecordKey): RecordKey | null;
  hasCreate(record_key: RecordKey, fencing_token: number, system: SystemName): boolean;
  addIntent(record_key: RecordKey, fencing_token: number, draft: IntentDraft, may_land_until: string): void;
  consumeIntent(record_key: RecordKey, intent: Pick<Intent, 'fencing_token' | 'system'>): void;
  /** Kept, never overwritten: a late write of theirs must be recognized when it lands. */
  supersedeIntents(record_key: RecordKey): void;

  /** A new, unhandled hint. `record_key`: the row whose Commit must find it, when the native id is not linked to that row. */
  noteHint(hint: Hint, record_key: RecordKey | null): void;
  /** Busy: the holder of the row's lease takes the note over. */
  handNoteOver(hint: Hint, record_key: RecordKey): void;
  claimNote(hint: Hint, record_key: RecordKey): void;
  /** The row has another native id in the place of this one. Nothing waits for it: whatever was noted stays as it is. */
  noteUnlinked(hint: Hint): void;
  /** Only notes that are not younger than the run's token: a younger one tells of something this run has not read. */
  handleNotes(hints: readonly Hint[]): void;
  /** Notes of the row's linked native ids, of those handed over to it, and of `also`. */
  notesOf(record_key: RecordKey, also: readonly Hint[]): readonly Note[];

  /** Over both directions: the newest of one direction alone would call a set-back an echo. */
  latestTuple(record_key: RecordKey): LedgerRow['latest'];
  recentHistory(record_key: RecordKey, since: string): LedgerRow['recent'];
  /** What lost and what a person decided stand with the first tuple; without a tuple they get a line of their own. */
  writeJournal(item: CommitItem, closed: readonly ReviewItem[]): void;

  closeReviews(record_key: RecordKey, reviews: readonly ReviewItem[]): void;
  /** One item per record and subject: other values replace the question and drop a decision made on the old ones. */
  openReviews(item: CommitItem, drafts: readonly ReviewDraft[]): readonly ReviewItem[];
  /** The same issue with the same reasons leaves the ledger as it is (law 10). */
  openIssues(drafts: readonly IssueDraft[]): void;
  /** What has gone through by now is no issue any more, unless this very step says it again. */
  closeIssues(hints: readonly Hint[], codes: readonly string[], except: readonly IssueDraft[]): void;
}
