import { canonicalRecord, fieldOf, pickFields, sameValue, withFields } from '../json/canonical-record';
import { fingerprint } from '../json/fingerprint';
import type { CommitItem, IssueDraft, JournalTuple, RecheckReason } from '../ledger-request';
import { directionOf, intentId, otherSystem } from '../model';
import type { CanonicalRecord, Intent, JsonValue, LedgerRow, Override, Pair, Patch, Plan, ReviewDraft, ReviewItem, RunContext, Snapshot, SystemName, WriteOutcome, WriteResult } from '../model';
import { isEmpty } from '../policies/field-rules';
import { assertNever } from '../sync-error';
import { TOO_LATE } from './denormalize';
import { writeEffect } from './write-effect';

/**
 * What the ledger remembers after the writes, made of what the systems were observed to hold:
 * - a written field: the value in the write's own response (what we meant to write, where the response does not show it);
 * - every other field: what the diff had read, never the whole response, which may show edits that nobody compared yet;
 * - fields of a write that did not go through: the settled base, on both sides, so that the difference is found again.
 */
export function commitItem(run: RunContext, plan: Plan, row: LedgerRow | null, reservation: { readonly fencing_token: number } | null, writes: readonly WriteResult[]): CommitItem {
  const results = new Map(plan.patches.map((patch) => [patch.system, { patch, outcome: forGood(plan, patch, outcomeOf(writes, patch.system)) }]));
  const snapshots = nextSnapshots(plan, results);
  const failed = [...results.values()].filter(({ outcome }) => outcome.kind !== 'written');
  const moved = Object.keys(snapshots).some((system) => !sameSnapshot(snapshots[system] ?? null, row?.snapshots[system] ?? null));
  const recheck = recheckReason(plan, failed.map(({ outcome }) => outcome));
  const answered = answeredBefore(row, results);
  return {
    record_key: plan.record_key,
    fencing_token: reservation?.fencing_token ?? null,
    version: row?.version ?? 0,
    links: nextLinks(plan, results),
    snapshots,
    journal: moved ? journalTuples(run, plan, results, snapshots) : [],
    used_intents: [...plan.used_intents, ...answered.filter(({ op }) => op === 'create').map(intentId)],
    keep_intents: failed.filter(({ outcome }) => outcome.kind === 'unknown').map(({ patch }) => patch.system),
    open_reviews: [...plan.open_reviews, ...failed.flatMap(({ patch, outcome }) => rejectionReview(run, plan, patch, outcome))],
    close_reviews: plan.close_reviews.filter((id) => isClosed(row?.reviews.find((review) => review.id === id), failed)),
    // An unknown outcome may have overwritten what lost, and so may an earlier one: on record twice is better than nowhere.
    overrides: [...plan.landed_overrides, ...answered.filter((intent) => !plan.used_intents.includes(intentId(intent))).flatMap(({ overrides }) => overrides), ...plan.overrides.filter((override) => !results.has(override.system) || ['written', 'unknown'].includes(outcomeOf(writes, override.system).kind) || mayBeTaken(plan, row, override))],
    effect: writeEffect({ plan, written: patchesOf(results, true), failed: patchesOf(results, false), snapshots }),
    reason: reasonsOf(plan, 'review'),
    written: [...results.keys()],
    note_hints: recheck === null || recheck === 'look_again' ? [] : [run.source, run.target],
    issues: failed.flatMap(({ patch, outcome }) => rejectionIssue(plan, patch, outcome)),
    recheck,
  };
}

/**
 * What was repeated is one request with those before it, whatever their fencing tokens. Once a create is answered, none of them is open
 * any more: the row would send it again as soon as the record is deleted, and be answered with the record that was. An update that is
 * still under way may land late and must be recognized, so its intent stays.
 */
function answeredBefore(row: LedgerRow | null, results: Results): readonly Intent[] {
  return (row?.intents ?? []).filter((intent) => {
    const result = results.get(intent.system);
    return result?.outcome.kind === 'written' && result.patch.op === intent.op && result.patch.idempotency_key === intent.idempotency_key;
  });
}

/** An earlier write that takes the same value away may have landed after this run had read: superseded by now, it is not asked again. */
function mayBeTaken(plan: Plan, row: LedgerRow | null, { system, field }: Override): boolean {
  return row?.intents.some((intent) => !plan.used_intents.includes(intentId(intent)) && intent.overrides.some((earlier) => earlier.system === system && earlier.field === field)) === true;
}

/** "Send it all the same" has been tried once it is refused again: the question comes back, or every run would send it. */
function isClosed(review: ReviewItem | undefined, failed: readonly { readonly patch: Patch; readonly outcome: WriteOutcome }[]): boolean {
  const refusedAgain = failed.some(({ patch, outcome }) => outcome.kind === 'rejected' && review?.subject === rejectionOf(patch.system));
  return refusedAgain || !isUnanswered(review?.fields ?? [], failed.map(({ patch }) => patch));
}

/** A decision whose write did not go through has still to be carried out. */
function isUnanswered(fields: readonly string[], failed: readonly Patch[]): boolean {
  return failed.some((patch) => patch.op !== 'update' || fields.some((field) => fieldOf(patch.fields, field) !== undefined));
}

const patchesOf = (results: Results, isWritten: boolean): readonly Patch[] => [...results.values()].filter(({ outcome }) => (outcome.kind === 'written') === isWritten).map(({ patch }) => patch);

type Results = ReadonlyMap<SystemName, { readonly patch: Patch; readonly outcome: WriteOutcome }>;

/** A patch whose result is missing may have been sent: only reading can tell. */
function outcomeOf(writes: readonly WriteResult[], system: SystemName): WriteOutcome {
  return writes.find((write) => write.system === system)?.outcome ?? { kind: 'unknown', reason: 'the writer gave no result' };
}

/**
 * A create in the place of a deleted record is refused where another record has its key. The row is linked, so nobody searches for that
 * one, and every run would be refused again: like a rejected value it becomes a question.
 */
function forGood(plan: Plan, patch: Patch, outcome: WriteOutcome): WriteOutcome {
  if (outcome.kind !== 'refused' || outcome.reason === TOO_LATE.reason || patch.op !== 'create' || (plan.links[patch.system] ?? null) === null) return outcome;
  return { kind: 'rejected', reason: outcome.reason };
}

function nextSnapshots(plan: Plan, results: Results): Pair<Snapshot | null> {
  let next: Pair<Snapshot | null> = plan.next;
  for (const [system, { patch, outcome }] of results) {
    if (outcome.kind === 'written') next = { ...next, [system]: observedAfterWrite(next[system] ?? null, patch, outcome) };
  }
  // Last: where both sides were to be written and one write failed, both stay at their past, or the difference is never found again.
  for (const { patch, outcome } of results.values()) if (outcome.kind !== 'written') next = keepBases(plan, next, patch);
  for (const { patch, outcome } of results.values()) if (outcome.kind === 'written') next = reachedOneSide(next, patch, failedBeside(results, patch.system));
  return next;
}

/**
 * A field that was to be written on both sides and reached this one only is as if a crash had parted the two: what the other side held is
 * what both agree on (`adopt` of settle-intents.ts), or what was merged in would look like this side's own addition.
 */
function reachedOneSide(next: Pair<Snapshot | null>, { fields, from }: Patch, missed: Patch | null): Pair<Snapshot | null> {
  if (missed?.op !== 'update') return next;
  const shared = Object.keys(fields).filter((field) => fieldOf(missed.fields, field) !== undefined);
  return shared.length === 0 ? next : Object.fromEntries(Object.entries(next).map(([system, snapshot]) => [system, withFieldsOf(snapshot, from, shared)]));
}

function failedBeside(results: Results, system: SystemName): Patch | null {
  return [...results.values()].find(({ patch, outcome }) => patch.system !== system && outcome.kind !== 'written')?.patch ?? null;
}

function observedAfterWrite(planned: Snapshot | null, patch: Patch, outcome: Extract<WriteOutcome, { kind: 'written' }>): Snapshot | null {
  const { observation } = outcome;
  if (planned === null || patch.op === 'delete' || observation?.presence !== 'present') return planned;
  const written = pickFields(observation.record, Object.keys(patch.fields));
  const record = withFields(planned.record, patch.op === 'create' ? withFields(emptyFields(observation.record), written) : written);
  return { ...planned, record, fingerprint: fingerprint(record) };
}

/**
 * What a new record is shown to have empty from the start: unseen, each would look emptied by a user at the next read. What it
 * shows filled although nobody sent it is the system's own doing, and stays unseen until it is compared.
 */
function emptyFields(record: CanonicalRecord): CanonicalRecord {
  return canonicalRecord(Object.entries(record).filter(([, value]) => isEmpty(value) || sameValue(value, [])));
}

function keepBases(plan: Plan, next: Pair<Snapshot | null>, patch: Patch): Pair<Snapshot | null> {
  // A create or delete that failed leaves both sides as they were: the record as a whole is still undecided.
  if (patch.op !== 'update') return plan.bases;
  return Object.fromEntries(Object.entries(next).map(([system, snapshot]) => {
    const base = plan.bases[system];
    return [system, withFieldsOf(snapshot, base?.presence === 'present' ? base.record : canonicalRecord([]), Object.keys(patch.fields))];
  }));
}

/** The snapshot with these fields as `source` has them, and without those that it has not. */
function withFieldsOf(snapshot: Snapshot | null, source: CanonicalRecord, fields: readonly string[]): Snapshot | null {
  if (snapshot?.presence !== 'present') return snapshot;
  const values = new Map<string, JsonValue>(Object.entries(snapshot.record));
  for (const field of fields) {
    const past = fieldOf(source, field);
    if (past === undefined) values.delete(field);
    else values.set(field, past);
  }
  const record = canonicalRecord(values);
  return { ...snapshot, record, fingerprint: fingerprint(record) };
}

function nextLinks(plan: Plan, results: Results): Pair<string | null> {
  const created = [...results].flatMap(([system, { patch, outcome }]) =>
    patch.op === 'create' ? [[system, outcome.kind === 'written' ? outcome.observation?.native_id ?? null : null] as const] : []);
  // A create that did not go through leaves the old link (of a deleted record) or none.
  return { ...plan.links, ...Object.fromEntries(created.filter(([system, id]) => id !== null || plan.links[system] === undefined)) };
}

function recheckReason(plan: Plan, failed: readonly WriteOutcome[]): RecheckReason | null {
  const kinds = new Set(failed.map((outcome) => outcome.kind));
  // A rejected value is no reason to look again: the same value would be rejected again.
  for (const kind of ['unknown', 'refused', 'postponed'] as const) if (kinds.has(kind)) return kind;
  return plan.look_again ? 'look_again' : null;
}

/** Every commit that moves a snapshot refreshes the journal, also one without a write: else the next set-back looks like an echo. */
function journalTuples(run: RunContext, plan: Plan, results: Results, snapshots: Pair<Snapshot | null>): readonly JournalTuple[] {
  const written = [...results.values()].filter(({ outcome }) => outcome.kind === 'written');
  const tuple = (from: SystemName, to: SystemName, changeSet: unknown, key: string | null, cause: string): JournalTuple => ({
    direction: directionOf(from, to), source_system: from, target_system: to,
    field_hash: snapshots[from]?.fingerprint ?? fingerprint(canonicalRecord([])), change_set: changeSet, idempotency_key: key, cause,
  });
  if (written.length === 0) return [tuple(run.source, run.target, {}, null, reasonsOf(plan, 'observed'))];
  return written.map(({ patch }) => tuple(otherSystem(run, patch.system), patch.system, describe(plan, patch), patch.idempotency_key, reasonsOf(plan, patch.op)));
}

function reasonsOf(plan: Plan, fallback: string): string {
  const reasons = [...new Set(Object.values(plan.reasons))];
  return reasons.length === 0 ? fallback : reasons.join('; ');
}

function describe(plan: Plan, patch: Patch): unknown {
  const before = plan.bases[patch.system]?.record ?? canonicalRecord([]);
  return Object.fromEntries(Object.entries(patch.fields).map(([field, to]) => [field, { from: fieldOf(before, field) ?? null, to }]));
}

const rejectionOf = (system: SystemName): string => `rejected:${system}`;

/** A refused value becomes a question: it is not sent again until one side changes it. */
function rejectionReview(run: RunContext, plan: Plan, patch: Patch, outcome: WriteOutcome): readonly ReviewDraft[] {
  if (outcome.kind !== 'rejected') return [];
  // A refused delete is about the record as it is: it is tried again only when that changes.
  const fields = Object.keys(patch.op === 'delete' ? plan.seen[patch.system] ?? {} : patch.fields);
  const other = otherSystem(run, patch.system);
  return [{
    kind: 'rejected_write', subject: rejectionOf(patch.system), fields, reason: `${patch.system} does not take this: ${outcome.reason}`,
    values: { [patch.system]: pickFields(plan.seen[patch.system] ?? {}, fields), [other]: pickFields(plan.seen[other] ?? {}, fields) },
    base: { [patch.system]: pickFields(plan.bases[patch.system]?.record ?? {}, fields), [other]: pickFields(plan.bases[other]?.record ?? {}, fields) },
  }];
}

function rejectionIssue(plan: Plan, patch: Patch, outcome: WriteOutcome): readonly IssueDraft[] {
  switch (outcome.kind) {
    case 'rejected':
      return [{ record_key: plan.record_key, system: patch.system, native_id: patch.native_id, code: 'rejected_write', reasons: [outcome.reason] }];
    case 'written':
    case 'refused':
    case 'postponed':
    case 'unknown':
      return [];
    default:
      return assertNever(outcome);
  }
}

function sameSnapshot(a: Snapshot | null, b: Snapshot | null): boolean {
  if (a === null || b === null) return a === b;
  return a.presence === b.presence && a.mapping_fingerprint === b.mapping_fingerprint && sameValue(a.record, b.record);
}
