import { byTests, mutantsOf, type Mutant } from '../mutant';

const journal = mutantsOf('ledger/sqlite/journal.ts');
const notes = mutantsOf('ledger/sqlite/notes.ts');
const records = mutantsOf('ledger/sqlite/records.ts');
const start = mutantsOf('ledger/sqlite/start.ts');
const prune = mutantsOf('ledger/sqlite/prune.ts');
const contract = byTests('test/ledger/sqlite.test.ts');

/** Rules that live in the statements of SQLite alone; the ledger's contract looks after them. */
export const SQLITE_MUTANTS: readonly Mutant[] = [
  journal('law 4', 'a tuple that is written again stays where it was in the journal', `DO UPDATE SET synced_at = excluded.synced_at, seq = excluded.seq,`, `DO UPDATE SET synced_at = excluded.synced_at,`, contract),
  journal('F12', 'the newest tuple of one direction counts', `directionOf(scope.source, scope.target), directionOf(scope.target, scope.source));\n  return found`, `directionOf(scope.source, scope.target), directionOf(scope.source, scope.target));\n  return found`, contract),
  notes('F15', 'a note that is younger than the run is cleared', `AND hint_seq <= ?3 AND hint_seq - handled_seq > 0`, `AND ?3 > 0 AND hint_seq - handled_seq > 0`, contract),
  records('L8', 'the match key of an open create is not claimed', `AND op = 'create' AND record_key <> ? AND`, `AND op = 'none' AND record_key <> ? AND`, contract),
  start('law 13', 'a dry run notes its hints', `if (!request.dry_run) noteHints(`, `noteHints(`, contract),
  start('F1', 'Start takes its token without noting the hints', `noteHints(connection, request.sync, distinct(`, `void noteHints; void (distinct(`, contract),
  prune('22', 'an open create is forgotten like any other late write', `  AND (op <> 'create' OR EXISTS (SELECT 1 FROM sync_snapshots s WHERE s.sync = ?1 AND s.record_key = sync_intents.record_key AND s.system = sync_intents.system AND s.presence = 'present'))\``, `\``, contract),
];
