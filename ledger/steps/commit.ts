import { canonicalJson } from '../../core/json/canonical-json';
import { intentId, type Hint, type RecordKey, type ReviewDraft, type ReviewItem, type Snapshot, type SystemName } from '../../core/model';
import { decideHold, decideReserve } from '../../core/stages/ledger-reserve';
import type { CommitItem, CommitVerdict, RecheckReason } from '../ledger-store';
import { factsOf, foreignHolder, hintsOf, saveLinks, withdrawQuestion } from './reserve';
import { isUnhandled, type Step, type StoredRow } from './step';

export function commit(step: Step, items: readonly CommitItem[]): readonly CommitVerdict[] {
  const verdicts = items.map((item) => commitOne(step, item));
  if (!step.run.dry_run) step.tables.count(items.flatMap((item, index) => outcomes(item, verdicts[index])));
  return verdicts;
}

function outcomes(item: CommitItem, verdict: CommitVerdict | undefined): readonly string[] {
  if (verdict === undefined) return [];
  const opened = verdict.kind === 'Committed' ? verdict.opened_reviews.map(() => 'review') : [];
  return [verdict.kind.toLowerCase(), ...item.written.map(() => 'write'), ...item.issues.map(() => 'issue'), ...opened];
}

function commitOne(step: Step, item: CommitItem): CommitVerdict {
  const row = step.tables.row(item.record_key);
  return item.fencing_token === null ? commitPlan(step, item, row) : commitHeld(step, item, row, item.fencing_token);
}

/** A plan without writes: nobody holds the record, so it goes through the tests of Reserve now. */
function commitPlan(step: Step, item: CommitItem, row: StoredRow | null): CommitVerdict {
  const facts = { ...factsOf(step, item), repeated_in_batch: false };
  const decision = decideReserve(row, { version: item.version, intents: [] }, facts, step.run, step.now);
  if (decision.kind === 'Recheck') {
    withdrawQuestion(step, row, decision.reason);
    return recheck(step, item, decision.reason, decision.claimed_by);
  }
  if (step.run.dry_run) return { kind: 'Committed', record_key: item.record_key, version: item.version, opened_reviews: [] };
  const change = changeOf(item, row);
  if (!movesAnything(step, item, row, change)) {
    step.tables.openIssues(item.issues);
    return end(step, item, row?.version ?? 0, [], null);
  }
  const present = row ?? step.tables.insertRow(item.record_key);
  const opened = store(step, item, present, change, { fencing_token: present.fencing_token, committed_token: present.committed_token, advances: true });
  return end(step, item, present.version + 1, opened, null);
}

function commitHeld(step: Step, item: CommitItem, row: StoredRow | null, fencing_token: number): CommitVerdict {
  if (step.run.dry_run) return { kind: 'Committed', record_key: item.record_key, version: item.version, opened_reviews: [] };
  const hold = decideHold(row, fencing_token);
  if (row === null || hold === 'stale') return stale(step, item, row);
  if (hold === 'repeated') return end(step, { ...item, note_hints: [] }, row.version, [], null);
  const { kept, claimed_by } = foreignLinks(step, item);
  const change = changeOf(kept, row);
  // An outcome that is unknown leaves its key as it is: the same write, tried again, must be the same to the provider.
  const advances = kept.keep_intents.length === 0 || change.snapshots.length > 0 || kept.journal.length > 0;
  const opened = store(step, kept, row, change, { fencing_token, committed_token: fencing_token, advances });
  return end(step, kept, row.version + 1, opened, claimed_by);
}

/** Taken over: what this run wrote is for the new holder to see, and so is a record it created. */
function stale(step: Step, item: CommitItem, row: StoredRow | null): CommitVerdict {
  const { tables } = step;
  for (const system of item.written) {
    const ids = new Set([row?.links[system] ?? null, item.links[system] ?? null]);
    for (const native_id of ids) if (native_id !== null) tables.noteHint({ system, native_id }, row === null ? null : item.record_key);
  }
  return recheck(step, item, 'stale', null);
}

/**
 * A record created by this very run may have been linked to another row meanwhile. That write stays open, so that the row does not create
 * again, and neither side counts as seen: the one that the create was made of would have a past that the other has not. Where that row
 * knows the record to be gone by now, or would create one in its place, a provider has answered an old key with what became of it: that
 * create is over, and the run looks again.
 */
function foreignLinks(step: Step, item: CommitItem): { readonly kept: CommitItem; readonly claimed_by: RecordKey | null } {
  const foreign = new Map<SystemName, RecordKey>();
  const over = new Set<SystemName>();
  for (const hint of hintsOf(item.links)) {
    const holder = foreignHolder(step, hint, item.record_key);
    if (holder !== null) foreign.set(hint.system, holder);
    if (holder !== null && (knowsGone(step.tables.row(holder), hint.system) || wantsToCreate(step, item.record_key, holder, hint.system))) over.add(hint.system);
  }
  if (foreign.size === 0) return { kept: item, claimed_by: null };
  const links = Object.fromEntries(Object.entries(item.links).filter(([system]) => !foreign.has(system)));
  const kept = { ...item, links, snapshots: {}, keep_intents: [...item.keep_intents, ...[...foreign.keys()].filter((system) => !over.has(system))], recheck: item.recheck ?? (over.size > 0 ? 'look_again' : null) } as const;
  return { kept, claimed_by: [...foreign].find(([system]) => !over.has(system))?.[1] ?? null };
}

/** Seen by a commit, or by a run whose record in the place of the deleted one was refused: its question shows nothing there. */
function knowsGone(row: StoredRow | null, system: SystemName): boolean {
  if (row?.snapshots[system]?.presence === 'gone') return true;
  return row?.reviews.some(({ subject, status, values }) => subject === `rejected:${system}` && status === 'open' && Object.keys(values[system] ?? {}).length === 0) === true;
}

/** The holder was refused a create for this row's match key, since this row's own is open: its run was handed over, by a note of the record that it would have created there. */
function wantsToCreate({ tables }: Step, record_key: RecordKey, holder: RecordKey, system: SystemName): boolean {
  return tables.notesOf(record_key, []).some((note) => note.system !== system && tables.linkHolder(note) === holder);
}

interface Change {
  readonly links: readonly Hint[];
  readonly snapshots: readonly SystemName[];
  readonly drafts: readonly ReviewDraft[];
  readonly closed: readonly ReviewItem[];
}

function changeOf(item: CommitItem, row: StoredRow | null): Change {
  return {
    links: hintsOf(item.links).filter((hint) => row?.links[hint.system] !== hint.native_id),
    snapshots: Object.entries(item.snapshots).filter(([system, snapshot]) => !sameSnapshot(row?.snapshots[system] ?? null, snapshot)).map(([system]) => system),
    drafts: newQuestions((row?.reviews ?? []).filter((review) => !item.close_reviews.includes(review.id)), item.open_reviews),
    closed: (row?.reviews ?? []).filter((review) => item.close_reviews.includes(review.id)),
  };
}

function sameSnapshot(a: Snapshot | null, b: Snapshot | null): boolean {
  if (a === null || b === null) return a === b;
  return a.presence === b.presence && a.fingerprint === b.fingerprint && a.mapping_fingerprint === b.mapping_fingerprint && canonicalJson(a.record) === canonicalJson(b.record);
}

/** Drafts that ask something new. The same question about the same values stays as it is, a decision on it included, unless this very commit closes it. */
function newQuestions(present: readonly ReviewItem[], drafts: readonly ReviewDraft[]): readonly ReviewDraft[] {
  return drafts.filter((draft) => !present.some((review) => review.subject === draft.subject && canonicalJson(review.values) === canonicalJson(draft.values)));
}

/** Law 10: a run that finds what it left behind leaves the ledger as it is. */
function movesAnything({ tables }: Step, item: CommitItem, row: StoredRow | null, change: Change): boolean {
  if (change.links.length + change.snapshots.length + change.drafts.length + change.closed.length > 0) return true;
  if (row !== null && (row.lease !== null || row.intents.some((intent) => !intent.superseded || item.used_intents.includes(intentId(intent))))) return true;
  const tuple = item.journal.at(-1);
  if (tuple === undefined) return false;
  const latest = tables.latestTuple(item.record_key);
  return latest?.direction !== tuple.direction || latest.field_hash !== tuple.field_hash;
}

interface Hold {
  readonly fencing_token: number;
  readonly committed_token: number;
  readonly advances: boolean;
}

function store(step: Step, item: CommitItem, row: StoredRow, change: Change, hold: Hold): readonly ReviewItem[] {
  const { tables } = step;
  saveLinks(step, item.links, row);
  for (const system of change.snapshots) tables.saveSnapshot(item.record_key, system, item.links[system] ?? row.links[system] ?? null, item.snapshots[system] ?? null);
  settleIntents(step, item, row);
  tables.closeReviews(item.record_key, change.closed);
  const opened = tables.openReviews(item, change.drafts);
  tables.writeJournal(item, change.closed);
  tables.openIssues(item.issues);
  const own = notesOwner(row, item);
  tables.closeIssues(own, ['rejected_record', 'rejected_write'], item.issues);
  tables.saveRow(item.record_key, {
    version: row.version + 1,
    committed_version: row.committed_version + (hold.advances ? 1 : 0),
    changed_seq: tables.nextNumber(),
    fencing_token: hold.fencing_token,
    committed_token: hold.committed_token,
    lease: null,
  });
  return opened;
}

function notesOwner(row: StoredRow, item: CommitItem): readonly Hint[] {
  return [...hintsOf(row.links), ...hintsOf(item.links)];
}

/** Consumed one by one: those that landed, and this run's own. A plan without writes leaves the others as superseded. */
function settleIntents({ tables }: Step, item: CommitItem, row: StoredRow): void {
  for (const intent of row.intents) {
    const own = item.fencing_token !== null && !intent.superseded && intent.fencing_token === item.fencing_token && !item.keep_intents.includes(intent.system);
    if (own || item.used_intents.includes(intentId(intent))) tables.consumeIntent(item.record_key, intent);
  }
  if (item.fencing_token === null) tables.supersedeIntents(item.record_key);
}

/** Notes are cleared only where the run ends: a Commit that sends its run back leaves all of them standing. */
function end(step: Step, item: CommitItem, version: number, opened_reviews: readonly ReviewItem[], claimed_by: RecordKey | null): CommitVerdict {
  const { tables, run } = step;
  const links = item.note_hints.length === 0 ? {} : tables.row(item.record_key)?.links ?? {};
  for (const system of item.note_hints) {
    const native_id = links[system] ?? item.links[system] ?? null;
    if (native_id !== null) tables.noteHint({ system, native_id }, item.record_key);
  }
  if (claimed_by !== null) return recheck(step, item, 'link_claimed', claimed_by);
  if (item.recheck !== null) return recheck(step, item, item.recheck, null);
  if (item.note_hints.length > 0) return recheck(step, item, 'refused', null);
  const notes = tables.notesOf(item.record_key, hintsOf(item.links));
  if (notes.some((note) => isUnhandled(note) && note.hint_seq > run.read_token)) return recheck(step, item, 'newer_hints', null);
  tables.handleNotes(notes);
  return { kind: 'Committed', record_key: item.record_key, version, opened_reviews };
}

/** A Recheck belongs to the row, so it reads both linked records and whatever the notes name, not only its own source. */
function recheck({ tables }: Step, item: CommitItem, reason: RecheckReason, claimed_by: RecordKey | null): CommitVerdict {
  const links = hintsOf({ ...item.links, ...tables.row(item.record_key)?.links });
  const notes = tables.notesOf(item.record_key, hintsOf(item.links)).filter(isUnhandled);
  const read = new Map([...links, ...notes].map(({ system, native_id }) => [JSON.stringify([system, native_id]), { system, native_id }]));
  return { kind: 'Recheck', record_key: item.record_key, reason, claimed_by, read: [...read.values()] };
}
