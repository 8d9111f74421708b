import type { CanonicalRecord, ChangeSet, Difference, Observation, Pair, ReviewItem, RunContext } from '../model';
import { otherSystem } from '../model';
import { wasNeverFilled } from './field-rules';
import { claimSubject, decisionHolds } from './review-decisions';
import type { RuleSet } from './rule-set';

/** What becomes of the record as a whole, before its fields are looked at. */
export type RecordVerdict =
  /** Present on both sides: field by field. */
  | { readonly kind: 'fields' }
  /** `system` lacks the record and gets it. */
  | { readonly kind: 'create'; readonly system: string; readonly reason: string }
  | { readonly kind: 'delete'; readonly system: string; readonly reason: string }
  | { readonly kind: 'archive'; readonly system: string; readonly fields: CanonicalRecord; readonly reason: string }
  /** Nothing is written; both sides are remembered as they are. */
  | { readonly kind: 'remember'; readonly reason: string }
  /** Nothing is written or remembered: the record comes up again as it is. */
  | { readonly kind: 'leave'; readonly reason: string }
  | { readonly kind: 'review'; readonly review: 'delete'; readonly fields: readonly string[]; readonly reason: string }
  /** `shown`: which records are meant, per system. */
  | { readonly kind: 'ambiguous'; readonly subject: string; readonly shown: Pair<CanonicalRecord>; readonly reason: string };

/**
 * Creates and deletes. Only `gone` is proof of a deletion; "not found by a search" and "may not be read" are not.
 * An edit beats a delete unless the rule says otherwise, so that no edit is lost to a deletion that did not know of it.
 */
export function decideRecord(rules: RuleSet, run: RunContext, difference: Difference): RecordVerdict {
  const { source, target } = difference;
  if (difference.situation === 'ambiguous') return ambiguous(run, difference);
  const sourceThere = source.presence === 'present';
  const targetThere = target.presence === 'present';
  if (sourceThere && targetThere) return { kind: 'fields' };
  if (!sourceThere && !targetThere) return { kind: 'remember', reason: 'gone on both sides' };
  const survivor = sourceThere ? run.source : run.target;
  return decideMissing(rules, run, difference, survivor);
}

function ambiguous(run: RunContext, { source, target, row }: Difference): RecordVerdict {
  const merged = [source, target].find((side) => side.presence === 'ambiguous' && side.merged_id !== undefined);
  if (merged !== undefined) return { kind: 'ambiguous', subject: '*', shown: { [source.system]: {}, [target.system]: {} }, reason: whatWasMerged(merged, merged === source ? target.system : source.system) };
  if (target.presence === 'ambiguous') {
    const reason = `${target.candidates.length} records in ${target.system} have this match key: ${target.candidates.join(', ')}`;
    return { kind: 'ambiguous', subject: '*', shown: { [source.system]: {}, [target.system]: { candidates: target.candidates } }, reason };
  }
  const linked = row?.links[run.source] ?? null;
  if (linked === null || source.native_id === null) return { kind: 'leave', reason: 'which match is meant is asked already' };
  return {
    kind: 'ambiguous', subject: claimSubject(source.system, source.native_id), shown: { [source.system]: { match_key: source.match_key }, [target.system]: {} },
    reason: `${linked} and ${source.native_id} in ${source.system} belong to one record in ${target.system}`,
  };
}

function whatWasMerged({ native_id, system, candidates }: Observation, other: string): string {
  return `${native_id ?? ''} of ${system} was merged into ${candidates.join(', ')} there; its record in ${other} still stands. Merge or delete it in ${other} too: nothing of it is written until then`;
}

/** One side has the record, the other (`missing`) has not. */
function decideMissing(rules: RuleSet, run: RunContext, difference: Difference, survivor: string): RecordVerdict {
  const missing = otherSystem(run, survivor);
  const past = difference.bases[missing] ?? null;
  const survivorChanges = difference.change_sets[survivor];
  // A create that is open was planned because the record was gone: a search that does not find its like takes nothing of that back.
  const isGone = (survivor === run.source ? difference.target : difference.source).presence === 'gone' || difference.open_create?.system === missing;

  // Never seen on that side, or an undelete on this one: a new record.
  if (past === null || (past.presence === 'gone' && survivorChanges?.op === 'create')) return decideCreate(rules, missing, survivor);
  // The tombstone stands: a late update of a deleted record never brings it back.
  if (past.presence === 'gone') return { kind: 'remember', reason: `deleted in ${missing} before; not created again` };
  // Was there, and a search did not find it: no proof of anything.
  if (!isGone) return { kind: 'leave', reason: `not found in ${missing}, which is no proof that it was deleted` };
  return decideDelete(rules, run, difference, survivor, isEdited(survivorChanges));
}

function isEdited(changes: ChangeSet | undefined): boolean {
  if (changes?.op !== 'update') return changes?.op !== 'none';
  return Object.values(changes.fields).some(({ from, to }) => !wasNeverFilled(from, to));
}

function decideCreate(rules: RuleSet, missing: string, survivor: string): RecordVerdict {
  if (!rules.creates.allowed_in.includes(missing)) return { kind: 'leave', reason: `only in ${survivor}; creating in ${missing} is switched off` };
  return { kind: 'create', system: missing, reason: `new in ${survivor}` };
}

function decideDelete(rules: RuleSet, run: RunContext, difference: Difference, survivor: string, edited: boolean): RecordVerdict {
  const missing = otherSystem(run, survivor);
  const decided = deleteDecision(run, difference);
  if (decided?.decision?.kind === 'winner') {
    return decided.decision.system === survivor
      ? { kind: 'create', system: missing, reason: `decided by ${decided.decision.by}: keep` }
      : { kind: 'delete', system: survivor, reason: `decided by ${decided.decision.by}: delete` };
  }
  if (decided?.decision?.kind === 'keep_apart') return { kind: 'remember', reason: `decided by ${decided.decision.by}: leave as it is` };
  // Every field is shown, so that an edit made after the question is noticed: the answer was not given for it.
  const fields = Object.keys((survivor === run.source ? difference.source : difference.target).record);
  if (edited) {
    if (rules.deletes.edited === 'edit_wins') return { kind: 'create', system: missing, reason: `deleted in ${missing}, but edited in ${survivor}: the edit wins` };
    return { kind: 'review', review: 'delete', fields, reason: `deleted in ${missing}, edited in ${survivor}` };
  }
  switch (rules.deletes.unchanged) {
    case 'ignore':
      return { kind: 'remember', reason: `deleted in ${missing}; ignored by rule` };
    case 'archive':
      return { kind: 'archive', system: survivor, fields: rules.deletes.archive_fields, reason: `deleted in ${missing}; archived by rule` };
    case 'propagate':
      return { kind: 'delete', system: survivor, reason: `deleted in ${missing}` };
    case 'review':
      return { kind: 'review', review: 'delete', fields, reason: `deleted in ${missing}` };
  }
}

function deleteDecision(run: RunContext, difference: Difference): ReviewItem | null {
  const observed = { [run.source]: difference.source, [run.target]: difference.target };
  const decided = difference.row?.reviews.find((review) => review.kind === 'delete' && review.status === 'decided') ?? null;
  return decided !== null && decisionHolds(decided, observed) ? decided : null;
}
