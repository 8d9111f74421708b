import type { StepTables } from '../../../ledger/steps/step';
import { openHold, openHolds, releasedSince } from './holds';
import { closeIssues, openIssues } from './issues';
import { latestTuple, recentHistory, writeJournal } from './journal';
import { claimNote, handleNote, handNoteOver, leaveNotes, noteHint, notesOf, noteUnlinked } from './notes';
import { forgottenSeq } from './prune';
import { addIntent, consumeIntent, dropRow, hasCreate, insertRow, knownRecords, linkHolder, loadRow, matchKeyHolder, saveLink, saveRow, saveSnapshot, supersedeIntents, writesSince } from './records';
import { closeReviews, itemOf, openReviews } from './reviews';
import { count, countedSince, startedAt } from './runs';
import type { Step } from './step';

/** The tables in memory as a step of one run sees them. */
export function stepTables(step: Step): StepTables {
  const { tables, run, now } = step;
  const { sync } = run;
  return {
    nextNumber: () => tables.nextNumber(),
    currentNumber: () => tables.currentNumber,
    count: (outcomes) => { count(tables, run, outcomes); },
    startedAt: () => startedAt(tables, run),
    countedSince: (counter, since) => countedSince(tables, sync, counter, since),
    forgottenSeq: () => forgottenSeq(tables, sync),
    openHolds: () => openHolds(tables, sync),
    openHold: (facts) => openHold(tables, sync, { ...facts, by: null, said: null }, now),
    releasedSince: (guard, subject, since) => releasedSince(tables, sync, guard, subject, since),
    knownRecords: (most) => knownRecords(tables, sync, most),
    writesSince: (record_key, since) => writesSince(tables, sync, record_key, since),
    heads: (asked) => asked.map(({ record_key }) => loadRow(tables, sync, record_key)),
    linkedHeads: (hints) => hints.map(({ system, native_id }) => {
      const record_key = linkHolder(tables, sync, system, native_id);
      return record_key === null ? null : loadRow(tables, sync, record_key);
    }),
    row: (record_key) => {
      const row = loadRow(tables, sync, record_key);
      return row === null ? null : { ...row, reviews: row.reviews.map(itemOf) };
    },
    insertRow: (record_key) => insertRow(tables, sync, record_key),
    dropRow: (record_key, heir) => {
      leaveNotes(tables, sync, record_key, heir);
      dropRow(tables, sync, record_key);
    },
    saveRow: (record_key, numbers) => { saveRow(tables, sync, record_key, numbers, now); },
    linkHolder: ({ system, native_id }) => linkHolder(tables, sync, system, native_id),
    saveLink: ({ system, native_id }, record_key) => { saveLink(tables, sync, system, native_id, record_key); },
    saveSnapshot: (record_key, system, _native_id, snapshot) => { saveSnapshot(tables, sync, record_key, system, snapshot); },
    matchKeyHolder: (system, match_key, except) => matchKeyHolder(tables, sync, system, match_key, except, now),
    hasCreate: (record_key, fencing_token, system) => hasCreate(tables, sync, record_key, fencing_token, system),
    addIntent: (record_key, fencing_token, draft, may_land_until) => { addIntent(tables, sync, record_key, fencing_token, draft, may_land_until); },
    consumeIntent: (record_key, intent) => { consumeIntent(tables, sync, record_key, intent); },
    supersedeIntents: (record_key) => { supersedeIntents(tables, sync, record_key); },
    noteHint: (hint, record_key) => { noteHint(tables, sync, hint, record_key); },
    handNoteOver: (hint, record_key) => { handNoteOver(tables, sync, hint, record_key); },
    claimNote: (hint, record_key) => { claimNote(tables, sync, hint, record_key); },
    noteUnlinked: (hint) => { noteUnlinked(tables, sync, hint); },
    handleNotes: (hints) => { for (const hint of hints) handleNote(tables, sync, hint, run.read_token); },
    notesOf: (record_key, also) => notesOf(tables, sync, record_key, also),
    latestTuple: (record_key) => latestTuple(tables, run, record_key),
    recentHistory: (record_key, since) => recentHistory(tables, sync, record_key, since),
    writeJournal: (item, closed) => { writeJournal(step, item, closed); },
    closeReviews: (record_key, reviews) => { closeReviews(step, record_key, reviews); },
    openReviews: (item, drafts) => openReviews(step, item, drafts),
    openIssues: (drafts) => { openIssues(step, drafts); },
    closeIssues: (hints, codes, except) => { closeIssues(step, hints, codes, except); },
  };
}
