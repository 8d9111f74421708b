import { byTests, inScope, mutantsOf, type Mutant } from '../mutant';

const reserve = mutantsOf('core/stages/ledger-reserve.ts');
const steps = mutantsOf('ledger/steps/reserve.ts');
const contract = byTests('test/ledger/sqlite.test.ts');

export const RESERVE_MUTANTS: readonly Mutant[] = [
  reserve('law 7', 'Reserve does not compare the version', `if (facts.repeated_in_batch || (row?.version ?? 0) !== item.version || (row !== null && item.version === 0)) return recheck('version');`, '', inScope('one edit on each side, no conditional writes')),
  reserve('section 5', 'Reserve overlooks a living lease', `if (row !== null && leaseOfAnother(row, run, now) !== null) return recheck('lease');`, '', contract),
  reserve('F1', 'a younger hint does not stop Reserve', `if (facts.youngest_hint > run.read_token) return recheck('hint');`, '', inScope('set-backs')),
  reserve('L1', 'the record of another row is taken', `if (facts.link_holder !== null) return recheck('link_claimed', facts.link_holder);`, '', contract),
  reserve('L8', 'two rows with one match key may both create', `if (facts.match_key_holder !== null) return recheck('match_key_claimed', facts.match_key_holder);`, '', contract),
  reserve('section 5', 'no fencing: whoever commits last is right', `if (row.lease !== null && row.fencing_token === fencing_token) return 'held';`, `if (row.lease !== null || row.fencing_token !== fencing_token) return 'held';`, contract),
  steps('F1', 'only an unhandled hint stops Reserve', `...tables.notesOf(item.record_key, ids).map(latestSeq)`, `...tables.notesOf(item.record_key, ids).filter((note) => note.hint_seq > note.handled_seq).map(latestSeq)`, inScope('set-backs')),
  steps('law 6', 'no intent', `for (const draft of item.intents) tables.addIntent(item.record_key, fencing_token, draft, expires_at);`, '', inScope('edits on both sides, a crash')),
  steps('21', 'a takeover throws the former intents away', `  tables.supersedeIntents(item.record_key);`, `  for (const intent of row.intents) tables.consumeIntent(item.record_key, intent);`, inScope('two edits, an expiry, b wins')),
  steps('F15', 'Reserve clears the notes', `  return { ...reserved, fencing_token };`, `  tables.handleNotes(tables.notesOf(item.record_key, []));\n  return { ...reserved, fencing_token };`, contract),
  steps('27', 'Reserve does not publish a number', `const changed_seq = tables.nextNumber();`, `const changed_seq = row.changed_seq;`, inScope('edits on both sides, an expiry')),
  steps('law 15', 'a native id that its row gives up leaves no trace', `if (former !== undefined) tables.noteUnlinked({ system: hint.system, native_id: former });`, '', byTests('test/simulation/found-histories.test.ts', 'test/ledger/sqlite.test.ts')),
  steps('L1', 'a row that was never paired gives way to nobody', `row !== null && givesWay(row, tables.row(record_key), now) ? null : holder`, `holder`, contract),
  steps('L1', 'who is asked which record is meant is asked for ever', `row.reviews.filter(({ kind, status }) => kind === 'ambiguous' && status === 'open')`, `[]`, contract),
  steps('L1', 'a row that was paired gives way too', `row !== null && givesWay(row, tables.row(record_key), now) ? null : holder`, `null`, contract),
  reserve('L1', 'a row with a create stays, though the row that claims its record is paired and stays too', ` || Object.keys(to.links).length > 1`, '', byTests('test/simulation/found-histories.test.ts', 'test/ledger/sqlite.test.ts')),
  steps('law 13', 'a dry run reserves', `if (run.dry_run) return { ...reserved, fencing_token: 0 };`, '', contract),
];
