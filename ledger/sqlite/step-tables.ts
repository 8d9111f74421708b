import type { StepTables } from '../steps/step';
import { heads, linkedHeads } from './heads';
import { openHold, openHolds, releasedSince } from './holds';
import { closeIssues, openIssues } from './issues';
import { latestTuple, recentHistory, writeJournal } from './journal';
import { claimNote, handleNotes, handNoteOver, leaveNotes, noteHint, notesOf, noteUnlinked } from './notes';
import { forgottenSeq } from './prune';
import { addIntent, consumeIntent, dropRows, hasCreate, insertRow, knownRecords, linkHolder, loadRow, matchKeyHolder, saveLink, saveRow, saveSnapshot, supersedeIntents, writesSince } from './records';
import { closeReviews, openReviews } from './reviews';
import { count, countedSince, startedAt } from './runs';
import { currentNumber, nextNumber } from './sequence';
import type { Step } from './step';

/** SQLite's tables as a step of one run sees them. */
export function stepTables(step: Step): StepTables {
  const { connection, run, now } = step;
  const { sync } = run;
  return {
    nextNumber: () => nextNumber(connection),
    currentNumber: () => currentNumber(connection),
    count: (outcomes) => { count(connection, run, outcomes); },
    startedAt: () => startedAt(connection, run),
    countedSince: (counter, since) => countedSince(connection, sync, counter, since),
    forgottenSeq: () => forgottenSeq(connection, sync),
    openHolds: () => openHolds(connection, sync),
    openHold: (facts) => openHold(connection, sync, { ...facts, by: null, said: null }, now),
    releasedSince: (guard, subject, since) => releasedSince(connection, sync, guard, subject, since),
    knownRecords: (most) => knownRecords(connection, sync, most),
    writesSince: (record_key, since) => writesSince(connection, sync, record_key, since),
    heads: (asked) => heads(connection, sync, asked),
    linkedHeads: (hints) => linkedHeads(connection, sync, hints),
    row: (record_key) => loadRow(connection, sync, record_key),
    insertRow: (record_key) => insertRow(connection, sync, record_key),
    dropRow: (record_key, heir) => {
      leaveNotes(connection, sync, record_key, heir);
      dropRows(connection, sync, [record_key]);
    },
    saveRow: (record_key, numbers) => { saveRow(connection, sync, record_key, numbers, now); },
    linkHolder: ({ system, native_id }) => linkHolder(connection, sync, system, native_id),
    saveLink: ({ system, native_id }, record_key) => { saveLink(connection, sync, system, native_id, record_key); },
    saveSnapshot: (record_key, system, native_id, snapshot) => { saveSnapshot(connection, sync, record_key, system, native_id, snapshot, now); },
    matchKeyHolder: (system, match_key, except) => matchKeyHolder(connection, sync, system, match_key, except, now),
    hasCreate: (record_key, fencing_token, system) => hasCreate(connection, sync, record_key, fencing_token, system),
    addIntent: (record_key, fencing_token, draft, may_land_until) => { addIntent(connection, sync, record_key, fencing_token, draft, run.run_id, may_land_until); },
    consumeIntent: (record_key, intent) => { consumeIntent(connection, sync, record_key, intent); },
    supersedeIntents: (record_key) => { supersedeIntents(connection, sync, record_key); },
    noteHint: (hint, record_key) => { noteHint(connection, sync, hint, record_key); },
    handNoteOver: (hint, record_key) => { handNoteOver(connection, sync, hint, record_key); },
    claimNote: (hint, record_key) => { claimNote(connection, sync, hint, record_key); },
    noteUnlinked: (hint) => { noteUnlinked(connection, sync, hint); },
    handleNotes: (hints) => { handleNotes(connection, sync, hints, run.read_token); },
    notesOf: (record_key, also) => notesOf(connection, sync, record_key, also),
    latestTuple: (record_key) => latestTuple(connection, run, record_key),
    recentHistory: (record_key, since) => recentHistory(connection, sync, record_key, since),
    writeJournal: (item, closed) => { writeJournal(step, item, closed); },
    closeReviews: (record_key, reviews) => { closeReviews(step, record_key, reviews); },
    openReviews: (item, drafts) => openReviews(step, item, drafts),
    openIssues: (drafts) => { openIssues(step, drafts); },
    closeIssues: (hints, codes, except) => { closeIssues(step, hints, codes, except); },
  };
}
