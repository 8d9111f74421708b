import { canonicalRecord, fieldOf, sameValue } from '../json/canonical-record';
import { directionOf, intentId, otherSystem } from '../model';
import type {
  CanonicalRecord, ChangeSet, Difference, Direction, FieldChange, Fingerprint, Hint, LedgerRow, Observation, Pair, RecordKey, ReviewItem, RunContext, Situation, Snapshot,
} from '../model';
import { claimantOf, isClaim } from '../policies/review-decisions';
import { idempotencyKey } from './idempotency-key';
import { withoutMerged } from './merged-records';
import { settleIntents } from './settle-intents';
import { mustBeSearched } from './sought-record';
import type { DiffSettings } from './stage-settings';

export interface DiffInput {
  readonly record_key: RecordKey;
  readonly source: Observation;
  readonly target: Observation;
  readonly row: LedgerRow | null;
  readonly held_fields: readonly string[];
  /** Everything this batch read of the source system, by native id: a row may be about more records than `source`. */
  readonly sources: ReadonlyMap<string | null, Observation>;
}

export type DiffVerdict =
  | {
      readonly kind: 'Changed';
      readonly difference: Difference;
      /** The source's. */
      readonly change_set: ChangeSet;
      readonly new_hash: Fingerprint | null;
      readonly full_record: CanonicalRecord;
      readonly direction: Direction;
      /** Per system: the key of a create there; an update adds the hash of its patch, a delete says so. */
      readonly idempotency_keys: Pair<string>;
    }
  | { readonly kind: 'Unchanged'; readonly record_key: RecordKey; readonly reason: string }
  /**
   * `linked_elsewhere`: the row is linked to another source record: whether that one is alive must be read before anything is decided.
   * `create_may_land`: an earlier create is not found and may still land: sent again, it could make a second record [L3].
   * `create_unsearched`: an earlier create was for the source's system, which only the reverse direction searches [L5].
   * `claim_unread`: a person is asked about a second record, which nobody has looked at since.
   */
  | Recheck;

type Recheck = {
  readonly kind: 'Recheck';
  readonly record_key: RecordKey;
  readonly reason: 'linked_elsewhere' | 'claim_unread' | 'create_may_land' | 'create_unsearched';
  readonly read: readonly Hint[];
  /** Read as the source of the reverse direction. */
  readonly from_target: boolean;
  readonly retry_after_seconds: number | null;
};

/** A lease is over after a few of these waits, and with it the time in which a request of its holder may land. */
const CREATE_WAIT_SECONDS = 60;

/** Each side against its own past, after our own landed writes were taken into account. Applies no rule. */
export function computeDifference(settings: DiffSettings, run: RunContext, input: DiffInput): DiffVerdict {
  const { row, record_key } = input;
  const { source, target } = withoutMerged(row, input);
  const linked = row?.links[run.source] ?? null;
  let situation = situationOf(row, source, target, run);
  let isSecond = false;
  if (linked !== null && source.native_id !== null && linked !== source.native_id) {
    if (source.presence !== 'present') return { kind: 'Unchanged', record_key, reason: 'gone, and not the record that is linked' };
    const known = input.sources.get(linked)?.presence ?? (row?.snapshots[run.source]?.presence === 'gone' ? 'gone' : null);
    if (known === null) {
      return { kind: 'Recheck', record_key, reason: 'linked_elsewhere', read: [{ system: run.source, native_id: linked }, { system: run.source, native_id: source.native_id }], from_target: false, retry_after_seconds: null };
    }
    const claim = row?.reviews.find((review) => claimantOf(review, run.source) === source.native_id);
    if (known !== 'gone' && claim !== undefined && !matchesAsBefore(claim, source)) return { kind: 'Unchanged', record_key, reason: 'no match for this row any more' };
    // Two living records of one system with one match key: which one is meant is not ours to guess.
    isSecond = known !== 'gone';
    if (isSecond) situation = 'ambiguous';
  }
  // Seen from one of several matches, an ambiguous match looks clear. It stays a person's question until the other side's search finds one.
  if (linked === null && row?.reviews.some(({ kind, status }) => kind === 'ambiguous' && status === 'open') === true) situation = 'ambiguous';

  const observed: Pair<Observation> = { [run.source]: source, [run.target]: target };
  const { bases, used, overrides } = settleIntents(run, observed, isSecond ? withoutIntents(row) : row);
  const changeSets: Pair<ChangeSet> = {
    [run.source]: changeSet(settings, source, bases[run.source] ?? null),
    [run.target]: changeSet(settings, target, bases[run.target] ?? null),
  };
  if (isUnsearched(run, observed, row, used) && target.native_id !== null) {
    return { kind: 'Recheck', record_key, reason: 'create_unsearched', read: [{ system: run.target, native_id: target.native_id }], from_target: true, retry_after_seconds: null };
  }
  if (mayLandYet(run, observed, row, used)) {
    const ids = [source.native_id, target.native_id].map((native_id, side) => ({ system: side === 0 ? run.source : run.target, native_id }));
    return { kind: 'Recheck', record_key, reason: 'create_may_land', read: ids.flatMap(({ system, native_id }) => (native_id === null ? [] : [{ system, native_id }])), from_target: false, retry_after_seconds: CREATE_WAIT_SECONDS };
  }
  const claims = situation === 'ambiguous' ? [] : readClaims(run, input);
  const ended_claims = claims.filter(({ state }) => state === 'ended').map(({ id }) => id);
  const difference: Difference = {
    ended_claims, record_key, situation, source, target, row, bases, change_sets: changeSets, used_intents: used, landed_overrides: overrides, held_fields: input.held_fields,
    open_create: row?.intents.find((intent) => intent.op === 'create' && !used.includes(`${intent.fencing_token}:${intent.system}`)) ?? null,
  };
  const reason = nothingToDo(run, difference);
  const unread = claims.filter(({ state }) => state === 'unread').map(({ native_id }) => ({ system: run.source, native_id }));
  // Once: a claimant that cannot be read keeps nobody busy, the next sweep tries again.
  if (reason !== null && linked !== null && unread.length > 0 && run.attempt === 0) {
    return { kind: 'Recheck', record_key, reason: 'claim_unread', read: [{ system: run.source, native_id: linked }, ...unread], from_target: false, retry_after_seconds: null };
  }
  if (reason !== null) return { kind: 'Unchanged', record_key, reason };
  const committed = row?.committed_version ?? 0;
  return {
    kind: 'Changed',
    difference,
    change_set: changeSets[run.source] ?? { op: 'none', fields: {} },
    new_hash: source.fingerprint,
    full_record: source.record,
    direction: directionOf(run.source, run.target),
    idempotency_keys: {
      [run.target]: idempotencyKey(directionOf(run.source, run.target), record_key, committed, 'create'),
      [run.source]: idempotencyKey(directionOf(run.target, run.source), record_key, committed, 'create'),
    },
  };
}

/** A second record's content is not the linked one's past: a create that made it, in the place of one that came back, settles nothing here. */
const withoutIntents = (row: LedgerRow | null): LedgerRow | null => (row === null ? null : { ...row, intents: [] });

/** Its record is gone from the source's system, and an open create was to put another in its place: nobody has looked for that one. */
function isUnsearched(run: RunContext, { [run.source]: source, [run.target]: target }: Pair<Observation>, row: LedgerRow | null, used: readonly string[]): boolean {
  const isOpen = (row?.intents ?? []).some((intent) => intent.op === 'create' && intent.system === run.source && !used.includes(intentId(intent)));
  return isOpen && source?.presence === 'gone' && target?.presence === 'present' && mustBeSearched(row, run.source, target);
}

/** Not in the system it was for, though its request may be under way, and the other side has the record: it would be sent again. */
function mayLandYet(run: RunContext, observed: Pair<Observation>, row: LedgerRow | null, used: readonly string[]): boolean {
  return (row?.intents ?? []).some((intent) => {
    if (intent.op !== 'create' || !intent.may_land || used.includes(intentId(intent))) return false;
    const side = observed[intent.system];
    const missing = side?.presence === 'none' || side?.presence === 'gone';
    return missing && !side.schema.creates_once && observed[otherSystem(run, intent.system)]?.presence === 'present';
  });
}

interface ReadClaim {
  readonly id: string;
  readonly native_id: string;
  readonly state: 'stands' | 'ended' | 'unread';
}

/** What this batch shows of the second records that a person is asked about. */
function readClaims(run: RunContext, { row, source, target, sources }: DiffInput): readonly ReadClaim[] {
  return (row?.reviews ?? []).flatMap((review): readonly ReadClaim[] => {
    const native_id = claimantOf(review, run.source);
    if (native_id === null) return [];
    const claimant = sources.get(native_id);
    // Nothing to claim any more, or the claimant has taken the row over.
    if ((target.presence === 'gone' && source.presence !== 'present') || native_id === source.native_id) return [{ id: review.id, native_id, state: 'ended' }];
    if (claimant === undefined) return [{ id: review.id, native_id, state: 'unread' }];
    const stands = claimant.presence === 'out_of_scope' || (claimant.presence === 'present' && matchesAsBefore(review, claimant));
    return [{ id: review.id, native_id, state: stands ? 'stands' : 'ended' }];
  });
}

function matchesAsBefore(claim: ReviewItem, claimant: Observation): boolean {
  return sameValue(fieldOf(claim.values[claimant.system] ?? {}, 'match_key'), claimant.match_key);
}

function situationOf(row: LedgerRow | null, source: Observation, target: Observation, run: RunContext): Situation {
  if (source.presence === 'ambiguous' || target.presence === 'ambiguous') return 'ambiguous';
  if ((row?.links[run.target] ?? null) !== null) return target.presence === 'gone' ? 'gone' : 'linked';
  return target.presence === 'present' ? 'found' : 'absent';
}

/** Why there is nothing to decide, write or store for this record; null when there is. */
function nothingToDo(run: RunContext, difference: Difference): string | null {
  const { row, source, target, situation } = difference;
  // Out of scope is not deleted: the record left a filter or may not be read. It stays as it is on both sides.
  if (source.presence === 'out_of_scope' || target.presence === 'out_of_scope') return 'out of scope on one side';
  if (row === null || situation === 'ambiguous') return null;
  const changed = [run.source, run.target].some((system) => difference.change_sets[system]?.op !== 'none');
  const relinked = [source, target].some((side) => side.presence === 'present' && side.native_id !== row.links[side.system]);
  const remapped = [source, target].some((side) => side.presence === 'present' && isRemapped(row.snapshots[side.system] ?? null, side));
  const neverCreated = situation === 'absent' && source.presence === 'present';
  const openIntent = row.intents.some((intent) => !intent.superseded);
  const asked = row.reviews.some((review) => !isClaim(review)) || difference.ended_claims.length > 0;
  const pending = changed || relinked || remapped || neverCreated || openIntent || difference.used_intents.length > 0 || asked;
  return pending ? null : 'both sides are as they were';
}

/** The snapshot has to be taken anew, though no value may have changed: else the record is read again by every sweep. */
function isRemapped(past: Snapshot | null, now: Observation): boolean {
  return past !== null && past.mapping_fingerprint !== now.schema.mapping_fingerprint;
}

/** One system's record against its own base. Absent fields are unknown, so they are no change. */
export function changeSet(settings: DiffSettings, now: Observation, base: Snapshot | null): ChangeSet {
  if (now.presence === 'gone') {
    const deleted = settings.detect_deletes && base?.presence === 'present';
    return { op: deleted ? 'delete' : 'none', fields: {} };
  }
  if (now.presence !== 'present') return { op: 'none', fields: {} };
  const past = base?.presence === 'present' ? base.record : canonicalRecord([]);
  const fields = Object.entries(now.record)
    .filter(([name, value]) => counts(settings, name) && !sameValue(value, fieldOf(past, name)))
    .map(([name, to]): [string, FieldChange] => [name, { from: fieldOf(past, name), to }]);
  if (base?.presence !== 'present') return { op: 'create', fields: Object.fromEntries(fields) };
  return { op: fields.length > 0 ? 'update' : 'none', fields: Object.fromEntries(fields) };
}

function counts(settings: DiffSettings, field: string): boolean {
  return (settings.only_fields === null || settings.only_fields.includes(field)) && !settings.ignore_fields.includes(field);
}
