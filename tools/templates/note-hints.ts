/** Bursts, the webhook side: a hint is noted and answered, and nothing else. No execution a delivery, but for the one that starts the drain. */
import { Canvas, type JsonObject } from './canvas';
import { DRAIN } from './contracts';
import { CALL, calls, IF, STOP, when } from './n8n-nodes';
import { CRM, ID, LEDGER, SUPPORT, TAGS } from './names';
import { receiveHints, SYNC_WEBHOOK } from './our-nodes';

export function noteHintsWorkflow(): JsonObject {
  const canvas = new Canvas({
    id: ID.noteHints,
    name: 'Sync - Note Hints',
    description: 'For bursts: takes the webhooks of both systems, notes in the ledger which records may have changed, and answers at once. Reads and writes no record; Sync - Drain works the hints off in batches.',
    tags: TAGS,
    errorWorkflow: ID.errors,
    settings: { saveDataSuccessExecution: 'none' },
  });
  const noted = canvas.add('Was it noted?', IF, [1, 0], when('$json.verdict === undefined'));
  const drain = canvas.add('Start the drain', CALL, [2, 0], calls(ID.drain, DRAIN, { drain: '' }, { waitForSubWorkflow: false }));
  const lost = canvas.add('Stop: nothing was noted', STOP, [2, 1], { errorMessage: "={{ $json.verdict.reason + ' ' + $json.verdict.hint }}" });
  canvas.link(noted, 0, drain);
  canvas.link(noted, 1, lost);

  for (const [row, { title, key, webhook }] of [CRM, SUPPORT].entries()) {
    canvas.link(canvas.add(`Receive ${title} hints`, SYNC_WEBHOOK, [0, row], receiveHints(`two-way-sync/${key}/hints`, CRM.key, SUPPORT.key, key), { credential: [webhook, LEDGER], webhookId: true }), 0, noted);
  }

  canvas.note('## A webhook is a hint\nIt waits in the ledger, so N hints for a record are one piece of work, and a crash loses none. Noted and answered before any execution begins.', { from: [0, 0], to: [0.2, 1], color: 5 });
  canvas.note('## Hardly ever runs\nOnly the first hint starts the drain; while one is at work, the others just wait for it. How long it waits for more is said in the two nodes that receive.', { from: [1, 0], to: [2.2, 1], color: 4 });
  return canvas.toJson();
}
