/** The laws that hold when no hint is on its way and no run is under way, one function each; null: it holds. */
import { liveRecords } from '../fake-system';
import { bit, isFaulty, laterOf, lastEdits, type Past } from './past';
import { valuesOf } from './run-step';
import { SYSTEMS, type Side } from './scope';
import { sweepOnce, sweepUntilCalm, thingsOf } from './sweep';
import type { Setting, World } from './world';

type Law = (setting: Setting, world: World) => string | null;

export function brokenAtRest(setting: Setting, world: World): string | null {
  const before = firstBroken([allIsDone, notTooManyWrites], setting, world);
  if (before !== null) return before;
  const { world: swept, calm } = sweepUntilCalm(setting, world);
  if (swept.broken !== null) return `in the sweep: ${swept.broken}`;
  if (!calm) return 'law 10, never ping-pong: the sweep does not come to rest';
  return firstBroken([nothingIsOpen, bothSidesAgree, everyQuestionIsRight, lastEditWins, editBeatsDelete, nothingComesBack, oneRowPerRecord, secondSweepChangesNothing], setting, swept);
}

function firstBroken(laws: readonly Law[], setting: Setting, world: World): string | null {
  for (const law of laws) {
    const broken = law(setting, world);
    if (broken !== null) return broken;
  }
  return null;
}

/** Without crash, lost hints and fields that were not shown nothing waits for a sweep. */
const allIsDone: Law = (setting, world) => {
  const { past } = world;
  if (past.crashes + past.losses + past.timeouts + past.partials > 0) return null;
  const apart = differing(setting, world)[0];
  if (apart !== undefined && !hasQuestion(world) && !past.inWindow) return `at quiet both sides agree: ${apart}, and no hint, note or run is left to see it`;
  const note = Object.values(world.ledger.notes).find(({ hint_seq, handled_seq }) => hint_seq > handled_seq);
  return note === undefined ? null : `every note is handled in the end: that of ${note.system} ${note.native_id} is not, and nobody will`;
};

const notTooManyWrites: Law = (_setting, { past }) => {
  const most = past.changes + past.crashes + past.timeouts + 2 * past.expiries + past.decisions;
  return past.writes > most && !past.inWindow ? `one write per change: ${past.writes} writes for ${past.changes} changes` : null;
};

const nothingIsOpen: Law = (_setting, { ledger }) => {
  for (const row of Object.values(ledger.records)) {
    if (row.lease !== null) return `law 6, all heals: the lease on ${row.record_key} is never released`;
    if (row.intents.some((intent) => !intent.superseded)) return `law 6, all heals: a write to ${row.record_key} is never settled`;
  }
  const note = Object.values(ledger.notes).find(({ hint_seq, handled_seq }) => hint_seq > handled_seq);
  return note === undefined ? null : `law 6, all heals: the note of ${note.system} ${note.native_id} stays`;
};

const bothSidesAgree: Law = (setting, world) => {
  const [apart] = differing(setting, world);
  return apart === undefined || hasQuestion(world) || hasIssue(world) ? null : `both sides agree in the end, or a person is asked: ${apart}`;
};

function differing({ scope }: Setting, world: World): readonly string[] {
  const [a, b] = [liveRecords(world.systems.a), liveRecords(world.systems.b)];
  if (a.length !== b.length) return [`a has ${a.length} records, b has ${b.length}`];
  const [inA, inB] = [valuesOf(a[0]), valuesOf(b[0])];
  return scope.fields.filter((field) => inA?.[field] !== inB?.[field]).map((field) => `${field} is v${inA?.[field]} in a and v${inB?.[field]} in b`);
}

const questions = (world: World) => Object.values(world.ledger.records).flatMap((row) => row.reviews);
const hasQuestion = (world: World): boolean => questions(world).length > 0;
const hasIssue = (world: World): boolean => Object.keys(world.ledger.issues).length > 0;

/** A question shows what both sides hold, and is asked only when both sides changed the field. */
const everyQuestionIsRight: Law = ({ scope }, world) => {
  for (const review of questions(world)) {
    if (review.kind !== 'conflict') continue;
    for (const field of review.fields) {
      const shown = SYSTEMS.map((side) => JSON.stringify(review.values[side]?.[field] ?? null).replaceAll('"', ''));
      const held = SYSTEMS.map((side) => valuesOf(liveRecords(world.systems[side])[0])?.[field]);
      if (shown.some((value, index) => value.toLowerCase().trim() !== `v${held[index]}`)) return `a question shows the present values: ${field} is shown as ${shown.join(' and ')}, but is v${held.join(' and v')}`;
      if (held[0] === held[1]) return `a question ends when both sides agree: the one about ${field} is still open`;
      if (scope.linked && lastEdits(world.past, field).length < 2 && !isFaulty(world.past)) return `no false question: only one side edited ${field}`;
    }
  }
  return null;
};

/** Only one side edited a field: its last edit wins. Both: the one made knowing the other, else the rule's winner. */
const lastEditWins: Law = ({ scope }, world) => {
  const { past } = world;
  if (past.inWindow || hasQuestion(world) || hasIssue(world) || past.deleted !== 0) return null;
  const held = valuesOf(liveRecords(world.systems.a)[0]);
  if (held === null) return null;
  for (const field of scope.fields) {
    const last = lastEdits(past, field);
    const allowed = winnersOf(scope.rule, past, last, !world.systems.a.quirks.stamps || !world.systems.b.quirks.stamps);
    if (allowed !== null && !allowed.includes(held[field] ?? -1)) return `the last edit wins: ${field} was last set to ${last.map(({ side, edit }) => `v${edit} in ${side}`).join(' and ')}, and is v${held[field]}`;
  }
  return null;
};

/** Null: anything goes (a person decided). */
function winnersOf(rule: string, past: Past, last: readonly { readonly side: Side; readonly edit: number }[], stampless: boolean): readonly number[] | null {
  const [first, second] = last;
  if (first === undefined) return [0];
  if (second === undefined) return [first.edit];
  const either = [first.edit, second.edit];
  if (past.setBack || past.decisions > 0 || rule === 'review') return either;
  const later = laterOf(past, first.edit, second.edit);
  if (later !== null) return stampless && isFaulty(past) ? either : [later];
  const winner = rule === 'a wins' ? 'a' : 'b';
  return [first.side === winner ? first.edit : second.edit];
}

/** Gone although an edit was made that nobody knew of who deleted it. */
const editBeatsDelete: Law = (_setting, world) => {
  const { past } = world;
  if (past.deleted === 0 || past.inWindow || hasQuestion(world) || liveRecords(world.systems.a).length > 0) return null;
  const lost = past.edits.findIndex((_edit, index) => {
    const edit = index + 1;
    const built = past.edits.some((_other, other) => laterOf(past, edit, other + 1) === other + 1);
    return (past.deleted & bit(edit)) === 0 && (past.judged & bit(edit)) === 0 && !built;
  });
  return lost < 0 ? null : `edit beats delete: the record is gone, and v${lost + 1} with it, which nobody who deleted had seen`;
};

/** Every value was on a record that a user deleted, and yet the record is there. After a fault an edit of ours may have looked like a user's. */
const nothingComesBack: Law = ({ scope }, world) => {
  const { past } = world;
  if (past.deleted === 0 || isFaulty(past) || past.inWindow || liveRecords(world.systems.a).length === 0) return null;
  const all = past.edits.reduce((mask, _edit, index) => mask | bit(index + 1), scope.linked ? 1 : 0);
  return (all & ~past.deleted) === 0 ? 'no resurrection: everything was deleted by a user, and the record is back' : null;
};

const oneRowPerRecord: Law = (_setting, { ledger }) => {
  const ids = Object.values(ledger.records).flatMap((row) => Object.entries(row.links).map(([system, id]) => `${system} ${id}`));
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  return twice === undefined ? null : `one row per record: ${twice} has two`;
};

const secondSweepChangesNothing: Law = (setting, world) => {
  const again = sweepOnce(setting, world);
  if (again.past.writes !== world.past.writes) return 'law 10, the second run writes nothing: it wrote';
  return thingsOf(again) === thingsOf(world) ? null : 'law 10, the second run leaves the ledger as it is: it changed';
};
