import { fieldOf, sameValue } from '../json/canonical-record';
import type { Difference, Observation, RunContext } from '../model';
import { isClaim } from '../policies/review-decisions';
import type { CompiledRules, FieldRule } from '../policies/rule-set';
import type { RouteVerdict } from './conflict-router';
import { PlanDraft } from './plan-draft';

/**
 * What becomes of fields in which the two systems differ, and at least one is not as it was remembered.
 * - `rules`: their past is forgotten, so the next run decides them as at first contact: by rule, or by asking.
 * - `keep_apart`: both are taken as they are; an edit that was waiting is not carried over.
 */
export type Differences = 'rules' | 'keep_apart';

/**
 * A new baseline: what both systems hold now counts as agreed, and nothing is written. For a mapping that reads other values than before,
 * and for a ledger that was lost or restored: in both cases the past says nothing about who edited what.
 */
export function rebaseline(rules: CompiledRules, run: RunContext, difference: Difference, differences: Differences): RouteVerdict {
  const draft = new PlanDraft(run, difference);
  const obstacle = obstacleTo(difference);
  if (obstacle !== null) {
    draft.note('*', obstacle);
    return { kind: 'Converged', plan: draft.plan() };
  }
  draft.seeBoth();
  for (const rule of rulesOf(rules, difference)) {
    if (rule.fields.every((field) => isSettled(run, difference, field))) continue;
    for (const field of rule.fields) draft.note(field, differences === 'rules' ? 'they differ: decided as at first contact, by the next run' : 'they differ, and are left as they are');
    if (differences === 'rules') draft.forget(rule.fields);
  }
  return { kind: 'Converged', plan: draft.plan() };
}

/** Why this record keeps its past. */
function obstacleTo({ situation, source, target, row }: Difference): string | null {
  if (situation === 'ambiguous') return 'more than one match: a person has to say which is meant';
  if (source.presence !== 'present' || target.presence !== 'present') return 'not there on both sides: nothing to agree on';
  if (row?.reviews.some((review) => review.status === 'decided' && !isClaim(review)) === true) return 'a decision waits: it is carried out first';
  return null;
}

function rulesOf(rules: CompiledRules, { source, target }: Difference): Iterable<FieldRule> {
  const fields = new Set([...Object.keys(source.record), ...Object.keys(target.record)]);
  return new Map([...fields].map((field) => rules.ruleFor(field)).map((rule) => [rule.name, rule])).values();
}

/** Both hold the same, or each still holds what it held; what a side does not show is unknown, and no difference. */
function isSettled(run: RunContext, { source, target, bases }: Difference, field: string): boolean {
  const [here, there] = [fieldOf(source.record, field), fieldOf(target.record, field)];
  if (here === undefined || there === undefined || sameValue(here, there)) return true;
  const asBefore = (system: string, now: Observation): boolean => bases[system]?.presence === 'present' && sameValue(fieldOf(bases[system].record, field), fieldOf(now.record, field));
  return asBefore(run.source, source) && asBefore(run.target, target);
}
