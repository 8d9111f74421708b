/** Bursts, the webhook side: a hint is noted and answered, and nothing else. Three nodes a delivery. */
import { Canvas, type JsonObject } from './canvas';
import { DRAIN } from './contracts';
import { CALL, calls, RESPOND, respond, STOP } from './n8n-nodes';
import { CRM, ID, SUPPORT, TAGS, type SystemSide } from './names';
import { LEDGER_CHECK, ledgerOrError, NAMES_RECORD, note, receive, SYNC_WEBHOOK } from './our-nodes';

const IDS = `={{ (Array.isArray($json.body?.events) ? $json.body.events : []).filter((event) => ${NAMES_RECORD}).map((event) => event.id) }}`;

export function noteHintsWorkflow(): JsonObject {
  const canvas = new Canvas({
    id: ID.noteHints,
    name: 'Sync - Note Hints',
    description: 'For bursts: takes the webhooks of both systems, notes in the ledger which records may have changed, and answers at once. Reads and writes no record; Sync - Drain works the hints off in batches.',
    tags: TAGS,
    errorWorkflow: ID.errors,
    // Thousands of deliveries would push everything else out of the list of executions. Failed ones are kept.
    settings: { saveDataSuccessExecution: 'none' },
  });
  const accept = canvas.add('Acknowledge: it is noted', RESPOND, [3, 0], respond(202, 'Noted.'));
  const drain = canvas.add('Start the drain', CALL, [3, 1], calls(ID.drain, DRAIN, { drain: '' }, { waitForSubWorkflow: false }));
  const refuse = canvas.add('Refuse a delivery without events', RESPOND, [3, 2], respond(400, 'There are no events in this delivery.'));
  const later = canvas.add('Ask for another delivery', RESPOND, [3, 3], respond(503, 'Not noted. Deliver it again.'));
  const lost = canvas.add('Stop: nothing was noted', STOP, [4, 3], { errorMessage: "={{ $json.verdict?.reason ?? 'The hint could not be noted in the ledger.' }}" });
  canvas.link(later, 0, lost);

  const lane = ({ title, key, webhook }: SystemSide, other: SystemSide, row: number): void => {
    const hook = canvas.add(`Receive ${title} hints`, SYNC_WEBHOOK, [0, row], receive(`two-way-sync/${key}/hints`), { credential: webhook, webhookId: true });
    const noted = canvas.add(`Note what ${title} says`, LEDGER_CHECK, [1, row], note(key, other.key, { recordIds: IDS, recordSystem: key }), ledgerOrError);
    canvas.chain(hook, noted, accept);
    canvas.link(noted, 1, drain);
    canvas.link(noted, 2, refuse);
    canvas.link(noted, 3, later);
  };
  lane(CRM, SUPPORT, 0);
  lane(SUPPORT, CRM, 2);

  canvas.note('## A webhook is a hint\nIt waits in the ledger, so N hints for a record are one piece of work, and a crash loses none.', { from: [0, 0], to: [1.2, 2], color: 5 });
  canvas.note('## Answered at once\nOnly the first hint starts the drain; while one is at work, the others just wait for it. How long it waits for more is said in the two nodes that note.', { from: [3, 0], to: [4.2, 3], color: 4 });
  return canvas.toJson();
}
