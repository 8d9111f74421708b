import { fieldOf, sameValue } from '../json/canonical-record';
import { otherSystem } from '../model';
import type { Difference, ReviewItem, RunContext } from '../model';
import { decisionTable } from '../policies/decision-table';
import { decideField, isEmpty, mergeSets, wasNeverFilled, type BatchFacts } from '../policies/field-rules';
import { decisionHolds } from '../policies/review-decisions';
import { decideFieldUndo } from '../policies/undo';
import type { CompiledRules, FieldRule } from '../policies/rule-set';
import type { PlanDraft } from './plan-draft';
import { stampTells } from './settle-intents';

/** Field by field (or group by group): decision table first, then the rule. Present on both sides. */
export function decideFields(draft: PlanDraft, rules: CompiledRules, run: RunContext, difference: Difference, facts: BatchFacts): void {
  for (const rule of rulesInPlay(rules, run, difference)) new FieldDecision(draft, rule, run, difference, facts).decide();
}

/** The rules of every field that changed, and of every field a person was asked about. */
function rulesInPlay(rules: CompiledRules, run: RunContext, difference: Difference): Iterable<FieldRule> {
  const fields = new Set([run.source, run.target].flatMap((system) => Object.keys(difference.change_sets[system]?.fields ?? {})));
  for (const review of difference.row?.reviews ?? []) if (!review.subject.startsWith('rejected:')) for (const field of review.fields) fields.add(field);
  return new Map([...fields].map((field) => rules.ruleFor(field)).map((rule) => [rule.name, rule])).values();
}

type PutBack = Extract<ReturnType<typeof decideFieldUndo>, { kind: 'put_back' }>;

class FieldDecision {
  constructor(
    private readonly draft: PlanDraft,
    private readonly rule: FieldRule,
    private readonly run: RunContext,
    private readonly difference: Difference,
    private readonly facts: BatchFacts,
  ) {}

  decide(): void {
    const { run, rule } = this;
    const changed = rule.fields.filter((field) => this.changedIn(run.source, field) || this.changedIn(run.target, field));
    const equal = changed.every((field) => this.equal(field));
    const undo = this.undo();
    if (this.heldForPerson() || this.decidedByPerson()) {
      if (undo !== null) this.draft.note(`undo of ${rule.name}`, `${undo.reason}: not done, a person is asked or has decided`);
      return;
    }
    if (undo !== null) {
      this.putBack(undo);
      return;
    }
    if (rule.decide.by === 'merge_set' && changed.length > 0 && this.mergedAsSet()) return;

    const sourceChanged = changed.some((field) => this.changedIn(run.source, field));
    const targetChanged = changed.some((field) => this.changedIn(run.target, field));
    const outcome = decisionTable(sourceChanged, targetChanged, equal);
    if (outcome === 'nothing' || outcome === 'converged') return;
    const observed = { [run.source]: this.difference.source, [run.target]: this.difference.target };
    const verdict = decideField(rule, { run, outcome, observed, facts: this.facts });
    if (verdict.kind === 'review') {
      this.draft.ask({ kind: verdict.review, subject: rule.name, fields: rule.fields, reason: verdict.reason });
      this.draft.freeze(rule.fields);
      return;
    }
    // A group is decided as one: in a conflict the winner's whole group goes over, not only what it changed.
    const fields = outcome === 'conflict' ? rule.fields : changed;
    for (const field of fields) if (!this.equal(field)) this.carry(field, verdict.winner, verdict.overrides, verdict.reason);
  }

  /** Changed against its own past, and not merely emptied where emptying was not permitted. */
  private changedIn(system: string, field: string): boolean {
    if (!Object.hasOwn(this.difference.change_sets[system]?.fields ?? {}, field)) return false;
    const value = this.draft.value(system, field);
    if (wasNeverFilled(this.draft.baseValue(system, field), value)) return false;
    const other = this.draft.value(otherSystem(this.run, system), field);
    return !isEmpty(value) || isEmpty(other) || this.mayErase(system, field);
  }

  private mayErase(system: string, field: string): boolean {
    if (this.rule.empties === 'mapping') return this.draft.side(system).schema.clearable.includes(field);
    return this.rule.empties === 'may_erase';
  }

  /** Null on one side and no such field on the other both say "unset": there is nothing to write. */
  private equal(field: string): boolean {
    const [source, target] = [this.draft.value(this.run.source, field), this.draft.value(this.run.target, field)];
    return sameValue(source, target) || ((source ?? null) === null && (target ?? null) === null);
  }

  private carry(field: string, winner: string, overrides: boolean, reason: string): void {
    const loser = otherSystem(this.run, winner);
    const won = this.draft.value(winner, field);
    const lost = this.draft.value(loser, field);
    // The winner did not show this field: unknown, which neither travels nor is filled.
    if (won === undefined) return;
    if (isEmpty(won) && !isEmpty(lost) && lost !== undefined && !this.mayErase(winner, field)) {
      this.draft.set(winner, field, lost, lost, `empty in ${winner}: filled from ${loser}`);
      return;
    }
    if (!this.draft.set(loser, field, won, won, reason)) return;
    // What a person was asked about may be gone before they answer.
    if (overrides || this.review() !== null) this.draft.override({ system: loser, field, lost, won, rule: reason });
    else if (this.mayBeSetBack(field)) this.draft.overrideForSure({ system: loser, field, lost, won, rule: reason });
  }

  /**
   * A write of it has an unknown outcome, and no stamp tells it. Nobody knows whether it landed and a user, on either side, set back to the
   * old value what they saw since: that value looks unchanged, and goes on record when it is written over.
   */
  private mayBeSetBack(field: string): boolean {
    const { row } = this.difference;
    return row?.intents.some((intent) => fieldOf(intent.to, field) !== undefined && !stampTells(this.run, row, intent, this.draft.side(intent.system))) === true;
  }

  private review(): ReviewItem | null {
    return this.difference.row?.reviews.find((review) => review.subject === this.rule.name) ?? null;
  }

  /** The oscillation breaker: the field waits for a person, however often it changes, until both sides agree. */
  private heldForPerson(): boolean {
    const review = this.review();
    const held = this.rule.fields.some((field) => this.difference.held_fields.includes(field)) || (review?.kind === 'oscillation' && review.status === 'open');
    if (!held || this.rule.fields.every((field) => this.equal(field))) return false;
    this.draft.ask({ kind: 'oscillation', subject: this.rule.name, fields: this.rule.fields, reason: 'the two systems keep changing each other\'s value' });
    this.draft.freeze(this.rule.fields);
    return true;
  }

  private decidedByPerson(): boolean {
    const review = this.review();
    const decision = review?.decision ?? null;
    if (review === null || decision === null || review.status !== 'decided') return false;
    if (!decisionHolds(review, { [this.run.source]: this.difference.source, [this.run.target]: this.difference.target })) return false;
    const reason = `decided by ${decision.by}`;
    switch (decision.kind) {
      case 'winner':
        for (const field of this.rule.fields) if (!this.equal(field)) this.decideFor(decision.system, field, reason);
        return true;
      case 'value':
        for (const field of this.rule.fields) this.setBoth(field, fieldOf(decision.value, field), reason);
        return true;
      case 'keep_apart':
        for (const field of this.rule.fields) this.draft.note(field, `${reason}: the two stay different`);
        return true;
      case 'link':
      case 'undo':
        return false;
    }
  }

  /** A person saw both values: an empty one that was chosen may erase. */
  private decideFor(winner: string, field: string, reason: string): void {
    const loser = otherSystem(this.run, winner);
    const won = this.draft.value(winner, field) ?? null;
    const lost = this.draft.value(loser, field);
    if (this.draft.set(loser, field, won, this.draft.value(winner, field), reason)) this.draft.override({ system: loser, field, lost, won, rule: reason });
  }

  private setBoth(field: string, value: ReturnType<PlanDraft['value']>, reason: string): void {
    if (value === undefined) return;
    for (const system of [this.run.source, this.run.target]) {
      const lost = this.draft.value(system, field);
      if (sameValue(lost, value)) continue;
      if (this.draft.set(system, field, value, this.draft.value(otherSystem(this.run, system), field), reason)) this.draft.override({ system, field, lost, won: value, rule: reason });
    }
  }

  /** The newest undo that still finds what it was asked for. Of the others it is said why they are not done. */
  private undo(): PutBack | null {
    const observed = { [this.run.source]: this.difference.source, [this.run.target]: this.difference.target };
    let found: PutBack | null = null;
    for (const review of this.difference.row?.reviews.toReversed() ?? []) {
      const undo = decideFieldUndo(review, this.rule.fields, observed, (system, field) => Object.hasOwn(this.difference.change_sets[system]?.fields ?? {}, field));
      if (undo?.kind === 'put_back') found ??= undo;
      else if (undo !== null) for (const field of undo.fields) this.draft.note(`${review.subject} ${field}`, undo.reason);
    }
    return found;
  }

  /** Each side gets its own former value: an empty one may erase, since a person asked for it. */
  private putBack({ fields, values, reason }: PutBack): void {
    for (const system of [this.run.source, this.run.target]) {
      for (const field of fields) {
        const [lost, won] = [this.draft.value(system, field), fieldOf(values[system] ?? {}, field)];
        if (won === undefined || sameValue(lost, won)) continue;
        if (this.draft.set(system, field, won, this.draft.value(otherSystem(this.run, system), field), reason)) this.draft.override({ system, field, lost, won, rule: reason });
      }
    }
  }

  private mergedAsSet(): boolean {
    const [field] = this.rule.fields;
    if (field === undefined) return false;
    const { source, target } = this.run;
    const of = (system: string): Parameters<typeof mergeSets>[0] => {
      const base = this.draft.baseValue(system, field);
      const now = this.draft.value(system, field);
      // A set that is not shown, or emptied to null where that may not erase, has removed nothing.
      return { base, now: now === undefined || (isEmpty(now) && !this.mayErase(system, field)) ? base : now };
    };
    const merged = mergeSets(of(source), of(target));
    if (merged === null) return false;
    for (const system of [source, target]) {
      if (sameValue(merged, this.draft.value(system, field))) continue;
      this.draft.set(system, field, merged, this.draft.value(otherSystem(this.run, system), field), 'adds and removes of both sides merged');
    }
    return true;
  }
}
