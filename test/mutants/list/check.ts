import { byTests, inScope, mutantsOf, type Mutant } from '../mutant';

const check = mutantsOf('core/stages/ledger-check.ts');
const steps = mutantsOf('ledger/steps/check.ts');
const echo = mutantsOf('core/stages/echo-guard.ts');

export const CHECK_MUTANTS: readonly Mutant[] = [
  check('law 15', 'the read token is ignored by Check', `if (row.changed_seq > run.read_token) return { kind: 'Recheck' };`, '', inScope('one edit on each side')),
  check('F2', 'Unchanged is tested before the lease', `const other = leaseOfAnother(row, run, now);`, `if (!read.full && isSame(row, read)) return { kind: 'Unchanged', reason: 'same' };\n  const other = leaseOfAnother(row, run, now);`, inScope('set-backs')),
  check('F4', 'a Recheck takes the short cut of the unchanged source', `if (read.full || row.intents`, `if (row.intents`, inScope('one edit on each side')),
  check('F10', 'the echo in flight is known without the other fields', `read.fingerprint !== null && intent.echo_fingerprint === read.fingerprint`, `read.fingerprint !== null`, inScope('one edit on each side')),
  check('F11', 'the short cut is taken in spite of an open intent', `row.intents.length > 0 || row.reviews`, `row.reviews`, inScope('set-backs, a crash')),
  check('F11', 'the short cut is taken in spite of a decision', ` || row.reviews.some((review) => review.status === 'decided')) return { kind: 'Changed' };`, `) return { kind: 'Changed' };`, byTests('test/ledger/sqlite.test.ts')),
  steps('L2', 'the echo of a create is not tied to its row by the stamp', `stamp !== null && tables.hasCreate(stamp.record_key, stamp.fencing_token, system) ? stamp.record_key : proposed_key;`, `proposed_key;`, byTests('test/ledger/sqlite.test.ts')),
  steps('L2', 'an item that is sent to another row is checked against its own', `item.as_record_key ?? ((rows[place] ?? null) === null`, `((rows[place] ?? null) === null`, byTests('test/ledger/sqlite.test.ts')),
  steps('law 13', 'a dry run handles notes', `if (!step.run.dry_run) follow(step, checked);`, `follow(step, checked);`, byTests('test/ledger/sqlite.test.ts')),
];

export const ECHO_MUTANTS: readonly Mutant[] = [
  echo('law 4', 'a stamp alone proves an echo, whatever the record holds by now', `if (unmoved && settings.origin_stamp.on`, `if (settings.origin_stamp.on`, inScope('one edit on each side')),
  echo('law 14', 'what equals the latest synced value is an echo, whatever its own snapshot says', `if (unmoved && settings.write_hash.on`, `if (settings.write_hash.on`, byTests('test/core/stages/pipeline.test.ts')),
  echo('law 5', 'inside the window a change that alternates is dropped', `if (held.length > 0) return { kind: 'Held', held_fields: held, reason:`, `if (held.length > 0) return { kind: 'Echo', proof: 'write_hash', reason:`, byTests('test/core/stages/echo-guard.test.ts')),
  echo('law 5', 'inside the window every change is dropped', `const held = alternatingFields(`, `if (row.recent.length > 0) return { kind: 'Echo', proof: 'write_hash', reason: 'too soon' };\n    const held = alternatingFields(`, byTests('test/core/stages/echo-guard.test.ts')),
  echo('F11', 'Echo Guard stops a run that has to settle an intent', `if (row.intents.length > 0) return genuine('an open intent must be settled');`, '', byTests('test/core/stages/echo-guard.test.ts')),
  echo('F4', 'Echo Guard stops a Recheck', `if (full) return genuine('read again: both sides are compared');`, '', byTests('test/core/stages/echo-guard.test.ts')),
  steps('L3', 'what could land when the run drew its token can land no more, as soon as the lease is over', `may_land_until > (began ?? now)`, `may_land_until > now && began !== ''`, byTests('test/simulation/found-histories.test.ts', 'test/ledger/sqlite.test.ts')),
];
