import { canonicalRecord } from '../json/canonical-record';
import type { Difference, Observation, Plan, RunContext } from '../model';
import type { BatchFacts } from '../policies/field-rules';
import { decideRecord, type RecordVerdict } from '../policies/record-rules';
import type { CompiledRules } from '../policies/rule-set';
import { assertNever, SyncError } from '../sync-error';
import { decideFields } from './decide-fields';
import { PlanDraft } from './plan-draft';

export interface RouteVerdict {
  readonly kind: 'Write' | 'Converged' | 'Review';
  readonly plan: Plan;
}

/**
 * Applies the rules to one difference: what is written where, what a person is asked, and what both sides are remembered
 * to hold afterwards. `Write` has patches (and perhaps questions beside them), `Review` has only questions, `Converged` has
 * neither: it is committed without a write.
 */
export function decideRoute(rules: CompiledRules, run: RunContext, difference: Difference, facts: BatchFacts): RouteVerdict {
  const draft = new PlanDraft(run, difference);
  const verdict = decideRecord(rules.set, run, difference);
  applyRecordVerdict(draft, rules, run, difference, verdict, facts);
  if (verdict.kind !== 'fields') for (const { subject, decision } of difference.row?.reviews ?? []) if (decision?.kind === 'undo') draft.note(subject, `undo of run ${decision.run_id} by ${decision.by}: not done, the record is not in both systems`);
  const plan = draft.plan();
  if (plan.patches.length > 0) return { kind: 'Write', plan };
  return { kind: plan.open_reviews.length > 0 ? 'Review' : 'Converged', plan };
}

function applyRecordVerdict(draft: PlanDraft, rules: CompiledRules, run: RunContext, difference: Difference, verdict: RecordVerdict, facts: BatchFacts): void {
  switch (verdict.kind) {
    case 'fields':
      draft.seeBoth();
      decideFields(draft, rules, run, difference, facts);
      return;
    case 'create':
      draft.seeBoth();
      draft.create(verdict.system, verdict.reason);
      return;
    case 'delete':
      draft.seeBoth();
      draft.remove(verdict.system, verdict.reason);
      return;
    case 'archive':
      draft.seeBoth();
      draft.write(verdict.system, canonicalRecord(Object.entries(verdict.fields)), verdict.reason);
      return;
    case 'remember':
      draft.seeBoth();
      draft.note('*', verdict.reason);
      return;
    case 'leave':
      draft.note('*', verdict.reason);
      return;
    case 'review':
      draft.ask({ kind: verdict.review, subject: '*', fields: verdict.fields, reason: verdict.reason });
      return;
    case 'ambiguous':
      draft.ask({ kind: 'ambiguous', subject: verdict.subject, fields: [], shown: verdict.shown, reason: verdict.reason });
      return;
    default:
      assertNever(verdict);
  }
}

/**
 * What only the batch as a whole shows. Refuses before the first item a `latest` rule between systems that give no timestamps.
 * @throws SyncError `bad_setting`
 */
export function checkBatch(rules: CompiledRules, differences: readonly Difference[], now: Date): BatchFacts {
  const present = differences.flatMap((difference) => [difference.source, difference.target]).filter((side) => side.presence === 'present');
  const latest = rules.set.rules.find((rule) => rule.decide.by === 'latest');
  if (latest !== undefined && present.length > 0 && present.every((side) => side.updated_at === null)) {
    throw new SyncError('bad_setting', `Rule "${latest.name}" lets the latest edit win, but neither system gives timestamps.`, 'Name an "updated at" path in both Normalize nodes, or choose an owner.');
  }
  checkSealed(rules, differences);
  return { now: now.toISOString(), bulk_touched: bulkTouched(present) };
}

/** A field that one mapping seals and the other does not would be compared with its own hash, and the hash be written. */
function checkSealed(rules: CompiledRules, differences: readonly Difference[]): void {
  for (const { source, target } of differences) {
    for (const [side, other] of [[source, target], [target, source]] as const) {
      for (const field of side.schema.sealed ?? []) {
        const elsewhere = other.schema.sealed?.includes(field) !== true && (other.schema.writable.includes(field) || Object.hasOwn(other.record, field));
        if (elsewhere) throw new SyncError('bad_setting', `The field "${field}" is sealed in the mapping of "${side.system}" and not in that of "${other.system}".`, 'Set Sealed in both Normalize nodes, or in none.');
        if (rules.ruleFor(field).decide.by === 'merge_set') throw new SyncError('bad_setting', `Rule "${rules.ruleFor(field).name}" merges "${field}", which is sealed.`, 'Give the field another rule, or take Sealed out of both mappings.');
        if (Object.hasOwn(rules.set.deletes.archive_fields, field)) throw new SyncError('bad_setting', `The delete rule writes "${field}", which is sealed.`, 'Archive by another field.');
      }
    }
  }
}

/** At least ten records, and half of a system's records, touched within one second: a job did that, not people. */
const BULK_RECORDS = 10;

function bulkTouched(present: readonly Observation[]): readonly string[] {
  const perSystem = new Map<string, string[]>();
  for (const side of present) {
    if (side.updated_at !== null) perSystem.set(side.system, [...(perSystem.get(side.system) ?? []), side.updated_at.slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)]);
  }
  return [...perSystem].filter(([, seconds]) => {
    const counts = new Map<string, number>();
    for (const second of seconds) counts.set(second, (counts.get(second) ?? 0) + 1);
    const most = Math.max(...counts.values());
    return most >= BULK_RECORDS && most * 2 >= seconds.length;
  }).map(([system]) => system);
}
