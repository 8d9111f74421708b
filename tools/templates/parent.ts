/** One direction of the sync: a thin router between the stages. The other direction is the same with the systems swapped. */
import { Canvas, type JsonObject } from './canvas';
import { DIFF, INGEST, PARENT, ROUTER, WRITER } from './contracts';
import { CALL, CALLED, calls, declares, IF, NOTHING, RESPOND, respond, SPLIT_OUT, STOP, SWITCH, switchOn, WAIT, when } from './n8n-nodes';
import { ID, TAGS, type Direction } from './names';
import { CHECK, COMMIT, ECHO, ECHO_GUARD, FINISH, ledger, LEDGER_CHECK, LEDGER_COMMIT, ledgerOrError, ledgerOrStop, NAMES_RECORD, receive, REPORT, RESERVE, start, SYNC_WEBHOOK } from './our-nodes';
import { tellHolds } from './tell-holds';

const patched = (system: string): string => `$json.plan.patches.some((patch) => patch.system === '${system}')`;

export function parentWorkflow(direction: Direction): JsonObject {
  const { source, target } = direction;
  const canvas = new Canvas({
    id: direction.id,
    name: `Sync - ${source.title} to ${target.title}`,
    description: `Takes every change of ${source.title} to ${target.title}: webhook, read, compare, decide, write, remember. Writes to both systems, since the loser of a conflict is corrected too.`,
    tags: TAGS,
    errorWorkflow: ID.errors,
  });
  const ends = sharedEnds(canvas, direction);
  const ingest = readAndCheck(canvas, direction, ends);
  const again = noteHints(canvas, direction, ends, ingest);
  canvas.link(ends.waitFirst, 1, again);
  canvas.link(ends.wait, 0, again);
  notes(canvas, direction);
  return canvas.toJson();
}

interface Ends {
  readonly report: string;
  readonly finish: string;
  readonly waitFirst: string;
  readonly wait: string;
  readonly givenUp: string;
  readonly other: string;
  readonly lost: string;
}

/** Where items leave: every one of them ends where a person can see it. */
function sharedEnds(canvas: Canvas, { otherId }: Direction): Ends {
  const report = canvas.add('Report issue in the ledger', LEDGER_COMMIT, [16, 6], REPORT, ledgerOrStop);
  const finish = canvas.add('Finish: nothing to write', LEDGER_COMMIT, [11, 4], FINISH, ledgerOrStop);
  const waitFirst = canvas.add('Must it wait first?', IF, [9, 8], when('($json.verdict?.retry_after_seconds ?? 0) > 0'));
  // A longer wait is not held here: after the last attempt the note stays, and a reconcile run takes it up.
  const wait = canvas.add('Wait as the system asked', WAIT, [8, 7], { amount: '={{ Math.min(60, Math.max(...$input.all().map(({ json }) => json.verdict?.retry_after_seconds ?? 0))) }}', unit: 'seconds' });
  const givenUp = canvas.add('Given up: its note stays', NOTHING, [5, 4], {});
  // Written as an expression: the two directions call each other, and n8n would want each to be published before the other.
  const other = canvas.add('Sync the other direction', CALL, [5, 5], calls({ expression: `'${otherId}'` }, PARENT));
  const lost = canvas.add('Stop: nothing was noted', STOP, [6, 6], { errorMessage: "={{ $json.verdict?.reason ?? 'The hint could not be noted in the ledger.' }}" });
  canvas.link(waitFirst, 0, wait);
  return { report, finish, waitFirst, wait, givenUp, other, lost };
}

/** Hints come from the webhook, from another workflow, or from a Recheck: noted before anything is read. */
function noteHints(canvas: Canvas, { source, target }: Direction, ends: Ends, ingest: string): string {
  const webhook = canvas.add(`Receive ${source.title} change`, SYNC_WEBHOOK, [0, 0], receive(`two-way-sync/${source.key}`), { credential: source.webhook, webhookId: true });
  const named = canvas.add('Does it name records?', IF, [1, 0], when(`Array.isArray($json.body?.events) && $json.body.events.some((event) => ${NAMES_RECORD})`));
  const split = canvas.add('One item per event', SPLIT_OUT, [2, 0], { fieldToSplitOut: 'body.events', include: 'noOtherFields', options: { destinationFieldName: 'event' } });
  const refuse = canvas.add('Refuse a delivery without events', RESPOND, [2, 1], respond(400, 'There are no events in this delivery.'));
  const note = canvas.add(`Note hints of ${source.title}`, LEDGER_CHECK, [3, 0], start(source.key, target.key, { recordId: '={{ $json.event?.id }}', recordSystem: source.key, cause: 'webhook', dryRun: false, emitRunOnly: false }), ledgerOrError);
  const accept = canvas.add('Acknowledge: it is noted', RESPOND, [4, 0], respond(202, 'Noted.'));
  const later = canvas.add('Ask for another delivery', RESPOND, [5, 6], respond(503, 'Not noted. Deliver it again.'));

  const called = canvas.add('When called by another workflow', CALLED, [0, 3], declares(PARENT));
  const kind = canvas.add('What came in?', SWITCH, [1, 3], switchOn([
    ['Taken from the ledger', '$json.taken === true'],
    ['A difference', '!!$json.difference'],
    ['A record to read', '!!$json.hint || !!$json.verdict?.read'],
  ], 'Neither'));
  const neither = canvas.add('Nothing to sync', NOTHING, [2, 5], {});
  const again = canvas.add('Note and read again', LEDGER_CHECK, [3, 3], start(source.key, target.key, { recordId: '', recordSystem: '', cause: 'call', dryRun: '={{ $json.sync?.dry_run === true }}', emitRunOnly: false }), ledgerOrError);

  canvas.chain(webhook, named, split, note, accept, ingest);
  canvas.link(named, 1, refuse);
  canvas.chain(called, kind);
  // Noted and begun by the Take of Sync - Drain: noting once more would make the hint younger than the run's own token.
  canvas.link(kind, 0, ingest);
  canvas.link(kind, 1, 'Decide who wins');
  canvas.link(kind, 2, again);
  canvas.link(kind, 3, neither);
  canvas.link(again, 0, ingest);
  for (const begin of [note, again]) {
    canvas.link(begin, 1, ends.givenUp);
    canvas.link(begin, 2, ends.other);
  }
  canvas.link(note, 3, later);
  canvas.link(later, 0, ends.lost);
  canvas.link(again, 3, ends.lost);
  return again;
}

function readAndCheck(canvas: Canvas, direction: Direction, ends: Ends): string {
  const { source, target } = direction;
  const ingest = canvas.add(`Read ${source.title} ${source.record}`, CALL, [5, 0], calls(source.ingest, INGEST, { list: null, complete_listing: false }));
  const check = canvas.add('Changed since the last sync?', LEDGER_CHECK, [6, 0], CHECK, ledger);
  const unchanged = canvas.add('Unchanged: done', NOTHING, [7, 1], {});
  const busy = canvas.add('Busy: the holder reads it again', NOTHING, [7, 2], {});
  const echo = canvas.add('Our own echo?', ECHO_GUARD, [8, 0], ECHO, { onError: 'continueErrorOutput' });
  const diff = canvas.add('Compute changes', CALL, [10, 0], calls(ID.diff, DIFF, { reader: target.ingest, observation: null, complete_listing: false }));
  const found = canvas.add('What was found?', SWITCH, [11, 0], switchOn([
    ['Changed', "$json.verdict?.kind === 'Changed'"],
    ['Unchanged', "$json.verdict?.kind === 'Unchanged'"],
    ['Recheck', "$json.verdict?.kind === 'Recheck'"],
  ], 'Unread or failed'));

  canvas.chain(ingest, check, echo, diff, found);
  canvas.link(check, 1, unchanged);
  canvas.link(check, 2, busy);
  canvas.link(check, 3, ends.waitFirst);
  canvas.link(check, 4, ends.report);
  canvas.link(echo, 1, ends.finish);
  // Held fields go along: they wait for a person, and the record's other fields go on.
  canvas.link(echo, 2, diff);
  canvas.link(echo, 3, ends.report);
  canvas.link(found, 0, decideAndWrite(canvas, direction, ends));
  canvas.link(found, 1, ends.finish);
  canvas.link(found, 2, ends.waitFirst);
  canvas.link(found, 3, ends.report);
  return ingest;
}

function decideAndWrite(canvas: Canvas, { source, target }: Direction, ends: Ends): string {
  const decide = canvas.add('Decide who wins', CALL, [12, 0], calls(ID.router, ROUTER, { plan: null, reviews: null, verdict: null }));
  const conflict = canvas.add('Write or review?', SWITCH, [13, 0], switchOn([
    ['Write', "$json.verdict?.kind === 'Write'"],
    ['Converged', "$json.verdict?.kind === 'Converged'"],
    ['Recheck', "$json.verdict?.kind === 'Recheck'"],
    ['Waits for a person', "['Committed', 'DryRun'].includes($json.verdict?.kind)"],
  ], 'Failed'));
  const waits = canvas.add('Waits for a person', NOTHING, [14, 3], {});
  const reserve = canvas.add('Reserve before writing', LEDGER_COMMIT, [14, 0], RESERVE, ledger);
  const preview = canvas.add('Dry run: shown, not written', NOTHING, [15, 3], {});
  const held = tellHolds(canvas, { source, target }, [15, 5]);
  const toTarget = canvas.add(`Is ${target.title} to be written?`, IF, [15, 0], when(patched(target.key)));
  const writeTarget = canvas.add(`Write to ${target.title}`, CALL, [16, -1], calls(target.writer, WRITER));
  const toSource = canvas.add(`Is ${source.title} to be corrected?`, IF, [17, 0], when(patched(source.key)));
  const writeSource = canvas.add(`Write back to ${source.title}`, CALL, [18, -1], calls(source.writer, WRITER));
  const commit = canvas.add('Remember what both sides hold', LEDGER_COMMIT, [19, 0], COMMIT, ledger);
  const asks = canvas.add('Questions for a person?', IF, [20, 0], when('($json.reviews ?? []).length > 0'));
  const tell = canvas.add('Tell the reviewers', CALL, [21, -1], calls(ID.router, ROUTER));
  const synced = canvas.add('Synced', NOTHING, [21, 1], {});

  canvas.chain(decide, conflict, reserve, toTarget, writeTarget, toSource, writeSource, commit, asks, tell);
  canvas.link(conflict, 1, commit);
  canvas.link(conflict, 2, ends.waitFirst);
  canvas.link(conflict, 3, waits);
  canvas.link(conflict, 4, ends.report);
  canvas.link(reserve, 1, ends.waitFirst);
  canvas.link(reserve, 2, ends.report);
  canvas.link(reserve, 3, preview);
  canvas.link(reserve, 4, held);
  canvas.link(toTarget, 1, toSource);
  canvas.link(toSource, 1, commit);
  canvas.link(commit, 1, ends.waitFirst);
  canvas.link(commit, 2, ends.report);
  canvas.link(commit, 3, preview);
  canvas.link(asks, 1, synced);
  return decide;
}

function notes(canvas: Canvas, { source, target }: Direction): void {
  canvas.note(`## A webhook is a hint\n${source.title} says which record may have changed; nothing else of it is believed. The hint is noted before it is acknowledged.`, { from: [0, 0], to: [4, 1], color: 5 });
  canvas.note('## Called\nTakes hints, Rechecks, records that a reconcile run compared, or a batch that a drain took.', { from: [0, 3], to: [2.2, 5], color: 6 });
  canvas.note('## Look at the ledger first\nUnchanged records and echoes cost one read and nothing else.', { from: [5, 0], to: [8.4, 2], color: 4 });
  canvas.note('## Decide\nWho wins is written in *Router - Human Review Queue*, once for both directions.', { from: [10, 0], to: [13, 1], color: 3 });
  canvas.note(`## Reserve, write, remember\nWhat will be written is durable before ${target.title} sees it; what was observed afterwards is remembered.`, { from: [14, -1], to: [21.2, 1], color: 7 });
  canvas.note('## Held\nA batch that looks like an accident is not written: a person releases it on the review page. Nothing is lost meanwhile.', { from: [15, 5], to: [16.2, 5], color: 3 });
  canvas.note('## Recheck\nWhoever lost a race reads again, at most five times. The note in the ledger outlives the bound.', { from: [8, 7], to: [9.2, 8], color: 6 });
}
