import { byTests, inScope, mutantsOf, type Mutant } from '../mutant';

const draft = mutantsOf('core/stages/plan-draft.ts');
const fields = mutantsOf('core/stages/decide-fields.ts');
const records = mutantsOf('core/policies/record-rules.ts');
const decisions = mutantsOf('core/policies/review-decisions.ts');
const undo = mutantsOf('core/policies/undo.ts');
const table = mutantsOf('core/policies/decision-table.ts');

export const ROUTE_MUTANTS: readonly Mutant[] = [
  draft('F14', 'a refused value holds all fields of its question, on whatever way they are now', `review.fields.filter((field) => writes?.has(field));`, `review.fields;`, byTests('test/core/stages/conflict-router.test.ts')),
  draft('F14', 'a refused value is sent again by the next run', `this.holdRefused();\n    const patches`, `const patches`, byTests('test/core/stages/conflict-router.test.ts', 'test/core/stages/pipeline.test.ts')),
  draft('law 8', 'PUT instead of PATCH: a write says all that the plan believes', `const fields = canonicalRecord([...writes].map(([field, { value }]) => [field, value]));`, `const fields = canonicalRecord([...Object.entries(this.side(system).record), ...[...writes].map(([field, { value }]): [string, JsonValue] => [field, value])]);`, inScope('two fields, no conditional writes')),
  draft('law 8', 'writes are not conditional', `if_match: isCreate ? null : side.etag,`, `if_match: null,`, inScope('one edit on each side')),
  draft('law 8', 'a delete is not conditional', `fields: canonicalRecord([]), from: canonicalRecord([]), if_match: etag,`, `fields: canonicalRecord([]), from: canonicalRecord([]), if_match: etag === null ? etag : null,`, inScope('delete against edit')),
  draft('law 16', 'the key moves with every Reserve', `record_key, row?.committed_version ?? 0, what)`, `record_key, row?.version ?? 0, what)`, byTests('test/core/stages/idempotency-key.test.ts')),
  draft('law 16', 'a key that an earlier write of the same version had is used again', `for (let time = 2; taken.has(key); time += 1)`, `for (let time = 2; time < 0; time += 1)`, byTests('test/core/stages/idempotency-key.test.ts')),
  draft('law 16', 'a key is used again although an older write has landed over the one that had it', ` || this.mayLieUnder(newest, older)`, ``, byTests('test/core/stages/idempotency-key.test.ts', 'test/simulation/found-histories.test.ts')),
  draft('law 16', 'a delete is made anew like an update', `newest.op === 'update' && older.some`, `older.some`, byTests('test/core/stages/idempotency-key.test.ts')),
  draft('23', 'an open create is repeated with what the record holds now', `for (const [field, value] of Object.entries(open.to)) this.set(system, field, value, fieldOf(open.from, field), \`\${reason} (repeated)\`);`, `for (const [field, value] of Object.entries(this.side(survivor).record)) if (value !== null) this.set(system, field, value, value, reason);`, byTests('test/core/stages/settle-intents.test.ts')),
  draft('23', 'the run does not look again after a repeated create', `look_again: this.lookAgain,`, `look_again: false,`, inScope('a create, an edit, an expiry, keys honoured')),
  draft('law 9', 'a field that was not shown is forgotten', `withFields(base?.record ?? {}, side.record)`, `side.record`, inScope('two fields, two edits, one read shows one of them, b wins')),
  fields('law 9', 'an empty value erases, whatever the rule says', `return !isEmpty(value) || isEmpty(other) || this.mayErase(system, field);`, `return true;`, byTests('test/core/stages/conflict-router.test.ts')),
  decisions('F17', 'a decision counts whatever both sides hold by now', `return sameValue(now, shown) || (chosen`, `return true || (chosen`, byTests('test/core/review-decisions.test.ts', 'test/core/stages/conflict-router.test.ts')),
  records('section 4', 'an edit does not beat a delete', `return decideDelete(rules, run, difference, survivor, isEdited(survivorChanges));`, `return decideDelete(rules, run, difference, survivor, false);`, inScope('delete against edit')),
  records('section 4', 'a late update brings a deleted record back', `if (past.presence === 'gone') return { kind: 'remember',`, `if (past.presence === 'gone') return decideCreate(rules, missing, survivor);\n  if (past === null) return { kind: 'remember',`, byTests('test/core/stages/conflict-router.test.ts')),
  records('section 4', 'a search that finds nothing is taken for a delete', `if (!isGone) return { kind: 'leave',`, `if (!isGone && past === null) return { kind: 'leave',`, byTests('test/core/stages/conflict-router.test.ts')),
  records('section 4', 'of several matches none is asked about', `if (difference.situation === 'ambiguous') return ambiguous`, `if (difference.situation === 'ambiguous' && source === target) return ambiguous`, byTests('test/core/stages/conflict-router.test.ts')),
  undo('G9', 'an undo puts back what was edited since', `if (!isOurs || !isGroupOurs) return`, `if (isOurs && !isGroupOurs) return`, byTests('test/core/policies/undo.test.ts')),
  undo('G9', 'an undo is asked for again and again', `if (isHeld(before, field, (system) => fieldOf(holds[system] ?? {}, field))) return 'undone';`, '', byTests('test/core/policies/undo.test.ts')),
  table('decision table', 'both changed to one value is a conflict', `if (nowEqual) return 'converged';`, `if (nowEqual && !(sourceChanged && targetChanged)) return 'converged';`, byTests('test/core/decision-table.test.ts')),
  table('decision table', 'the source wins a conflict', `if (!targetChanged) return 'source_to_target';`, `return 'source_to_target';`, byTests('test/core/decision-table.test.ts')),
];
