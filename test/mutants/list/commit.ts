import { byTests, inScope, mutantsOf, type Mutant } from '../mutant';

const commit = mutantsOf('core/stages/ledger-commit.ts');
const steps = mutantsOf('ledger/steps/commit.ts');
const outcome = mutantsOf('core/stages/write-outcome.ts');
const contract = byTests('test/ledger/sqlite.test.ts');

export const COMMIT_MUTANTS: readonly Mutant[] = [
  commit('law 3', 'the intended value becomes the snapshot, not the observed one', `const written = pickFields(observation.record, Object.keys(patch.fields));`, `const written = patch.fields;`, inScope('b reformats as nobody knows')),
  commit('12', 'the whole response becomes the snapshot', `const written = pickFields(observation.record, Object.keys(patch.fields));`, `const written = observation.record;`, inScope('two fields, no conditional writes')),
  commit('11', 'a commit without a write leaves the journal as it is', `journal: moved ? journalTuples(`, `journal: moved && writes.length > 0 ? journalTuples(`, byTests('test/core/stages/ledger-commit.test.ts', 'test/core/stages/pipeline.test.ts')),
  commit('F14', 'a refused write moves the snapshots', `if (outcome.kind !== 'written') next = keepBases(plan, next, patch);`, `if (outcome.kind === 'unknown') next = keepBases(plan, next, patch);`, inScope('one edit on each side')),
  commit('F14', 'a refused write notes no hint', `note_hints: recheck === null || recheck === 'look_again' ? [] : [run.source, run.target],`, `note_hints: [],`, byTests('test/core/stages/ledger-commit.test.ts')),
  commit('law 6', 'a write with unknown outcome is forgotten', `keep_intents: failed.filter(({ outcome }) => outcome.kind === 'unknown').map(({ patch }) => patch.system),`, `keep_intents: [],`, inScope('an edit, a time-out')),
  outcome('law 6', 'a write that gave no answer counts as refused for good', `if (status === null) return { kind: 'unknown', reason };`, `if (status === null) return { kind: 'rejected', reason };`, inScope('an edit, a time-out')),
  steps('F16', 'a plan without writes is committed without the tests of Reserve', `return recheck(step, item, decision.reason, decision.claimed_by);\n  }\n  if (step.run.dry_run)`, `}\n  if (step.run.dry_run)`, contract),
  steps('24', 'of two writes of one plan, one that landed consumes both', `own || item.used_intents.includes(intentId(intent))`, `own || item.used_intents.some((id) => id.startsWith(\`\${intent.fencing_token}:\`))`, contract),
  steps('24', 'Commit consumes all intents of the row', `if (own || item.used_intents.includes(intentId(intent))) tables`, `tables`, contract),
  steps('F15', 'a Commit that sends its run back clears the notes first', `if (claimed_by !== null) return recheck(step, item, 'link_claimed', claimed_by);`, `tables.handleNotes(tables.notesOf(item.record_key, hintsOf(item.links)));\n  if (claimed_by !== null) return recheck(step, item, 'link_claimed', claimed_by);`, contract),
  steps('F15', 'younger notes do not send the run back', `if (notes.some((note) => isUnhandled(note) && note.hint_seq > run.read_token)) return recheck(step, item, 'newer_hints', null);`, '', inScope('one edit on each side')),
  steps('F4', 'a Recheck reads one record of the row only', `[...links, ...notes].map(`, `[...links.slice(0, 1)].map(`, contract),
  steps('F8', 'a late holder ends without a note of what it wrote', `if (native_id !== null) tables.noteHint({ system, native_id }, row === null ? null : item.record_key);`, ';', contract),
  steps('law 15', 'Commit publishes no number', `changed_seq: tables.nextNumber(),`, `changed_seq: row.changed_seq,`, inScope('one edit on each side')),
  steps('L1', 'a record that another row has linked meanwhile is taken', `if (holder !== null) foreign.set(hint.system, holder);`, ';', contract),
  steps('L1', 'a create that was answered with a record another row knows to be gone stays open', `knowsGone(step.tables.row(holder), hint.system) || `, `knowsGone(null, hint.system) || `, byTests('test/simulation/found-histories.test.ts', 'test/ledger/sqlite.test.ts')),
  steps('L1', 'a create that was answered with a record in whose place its own row waits to create one stays open', `wantsToCreate(step, item.record_key, holder, hint.system)`, `wantsToCreate(step, item.record_key, '', hint.system)`, byTests('test/simulation/found-histories.test.ts', 'test/ledger/sqlite.test.ts')),
  commit('law 5', 'a refused write says nothing of what an earlier one may have taken away', ` || mayBeTaken(plan, row, override)`, '', byTests('test/simulation/found-histories.test.ts')),
  steps('F5', 'a create that another row\'s record answers leaves its own side at what was seen', `links, snapshots: {}, keep_intents`, `links, snapshots: Object.fromEntries(Object.entries(item.snapshots).filter(([system]) => !foreign.has(system))), keep_intents`, byTests('test/simulation/found-histories.test.ts', 'test/ledger/sqlite.test.ts')),
  steps('law 10', 'a run that finds what it left behind writes the row again', `if (change.links.length + change.snapshots.length + change.drafts.length + change.closed.length > 0) return true;`, `if (change.links.length >= 0) return true;`, contract),
  steps('law 13', 'a dry run commits', `if (step.run.dry_run) return { kind: 'Committed', record_key: item.record_key, version: item.version, opened_reviews: [] };\n  const change`, `const change`, contract),
];
