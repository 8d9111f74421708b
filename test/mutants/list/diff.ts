import { byTests, inScope, mutantsOf, type Mutant } from '../mutant';

const settle = mutantsOf('core/stages/settle-intents.ts');
const diff = mutantsOf('core/stages/diff-engine.ts');
const key = mutantsOf('core/stages/idempotency-key.ts');
const histories = byTests('test/simulation/found-histories.test.ts', 'test/core/stages/settle-intents.test.ts');

export const DIFF_MUTANTS: readonly Mutant[] = [
  diff('law 2', 'one shared snapshot: the source is compared with the target\'s past', `[run.source]: changeSet(settings, source, bases[run.source] ?? null),`, `[run.source]: changeSet(settings, source, bases[run.target] ?? null),`, inScope('b reformats as nobody knows')),
  diff('23', 'an open create is planned anew, with what the record holds now', `open_create: row?.intents.find((intent) => intent.op === 'create' && !used.includes(\`\${intent.fencing_token}:\${intent.system}\`)) ?? null,`, `open_create: null,`, inScope('a create, an edit, an expiry, keys honoured')),
  diff('law 6', 'a second record\'s content settles the writes of the linked one', `isSecond ? withoutIntents(row) : row`, `row`, byTests('test/simulation/found-histories.test.ts')),
  settle('F5', 'a landed intent moves the base of its own system only', `for (const base of bases.values()) base.set(field, fieldOf(intent.from, field));`, `bases.get(intent.system)?.set(field, fieldOf(intent.from, field));`, inScope('edits on both sides, a crash')),
  settle('law 6', 'a stamp is no proof: only the value is looked at', `if (stampSpeaks(run, row, intent, observation)) {`, `if (stampSpeaks(run, row, intent, observation) && row === null) {`, inScope('edits on both sides, a crash')),
  settle('21', 'superseded intents are not settled', `row.intents.find((intent) => intent.system`, `row.intents.find((intent) => !intent.superseded && intent.system`, inScope('edits on both sides, an expiry, no conditional writes')),
  settle('32', 'an older write that landed late is taken for a user\'s edit', `if (older !== undefined && !newer.used.includes(intentId(older))) adopt(older, field, bases);`, '', inScope('edits on both sides, two expiries, no conditional writes')),
  settle('32', 'an older write\'s late stamp says that the newer one did not land', `stampOver(run, row, intent, observation) !== 'older'`, `true`, histories),
  settle('law 6', 'a record without the stamp of a create says that the create made none', `? ownStamp(run, row, observation.stamp)?.fencing_token === intent.fencing_token : intent.native_id`, `? observation.holds_stamps : intent.native_id`, histories),
  settle('law 6', 'what a landed write had taken along has not landed', `for (const id of takenAlong(row, used)) used.add(id);`, '', histories),
  key('law 16', 'the key names the value, not the write', `\${recordKey}-v\${committedVersion}\``, `\${recordKey}\``, inScope('three edits with set-backs, keys honoured')),
];
