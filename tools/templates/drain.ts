/** Bursts, the other side: works the noted hints off in batches, through the parents, until nothing is left. */
import { Canvas, type JsonObject } from './canvas';
import { DRAIN, PARENT } from './contracts';
import { CALL, CALLED, calls, declares, IF, NOTHING, SCHEDULE, WAIT, when } from './n8n-nodes';
import { CRM_TO_SUPPORT, ID, TAGS } from './names';
import { LEDGER_CHECK, ledgerOrStop, take } from './our-nodes';

/** An execution remembers all of its batches until it ends. */
const BATCHES = 20;
const NAME = "($('Drain the notes').first().json.drain || $execution.id)";

export function drainWorkflow(): JsonObject {
  const { source, target } = CRM_TO_SUPPORT;
  const canvas = new Canvas({
    id: ID.drain,
    name: 'Sync - Drain',
    description: 'For bursts: takes noted hints from the ledger in batches, oldest first, and hands each batch to the parent of its direction, until nothing is left. Started by the first hint, and every minute for what a crash left. Any number may run at once.',
    tags: TAGS,
    errorWorkflow: ID.errors,
    // What was done stands in the executions of the parents and in the ledger's log of runs.
    settings: { saveDataSuccessExecution: 'none' },
  });
  const minute = canvas.add('Every minute', SCHEDULE, [0, 0], { rule: { interval: [{ field: 'minutes', minutesInterval: 1 }] } });
  const called = canvas.add('When hints were noted', CALLED, [0, 1], declares(DRAIN));
  const begin = canvas.add('Drain the notes', NOTHING, [1, 0], {});
  const early = canvas.add('Is it worth waiting for more?', IF, [2, 0], when('($json.wait_seconds ?? 0) > 0'));
  const wait = canvas.add('Wait for more hints', WAIT, [3, -1], { amount: '={{ Math.min(300, $json.wait_seconds) }}', unit: 'seconds' });
  const batch = canvas.add('Take a batch', LEDGER_CHECK, [4, 0], take(source.key, target.key, { drainName: `={{ ${NAME} }}` }), { ...ledgerOrStop, executeOnce: true });
  const forth = canvas.add(`Sync the batch to ${target.title}`, CALL, [5, -1], calls(ID.crmToSupport, PARENT), { alwaysOutputData: true });
  const back = canvas.add(`Sync the batch to ${source.title}`, CALL, [5, 0], calls(ID.supportToCrm, PARENT), { alwaysOutputData: true });
  const nothing = canvas.add('Nothing left', NOTHING, [5, 1], {});
  const busy = canvas.add('Another drain is at work', NOTHING, [5, 2], {});
  const more = canvas.add('May it take another batch?', IF, [6, 0], when(`$runIndex < ${BATCHES - 1}`), { executeOnce: true });
  // By an expression: n8n would want this workflow to be published before itself.
  const onward = canvas.add('Go on in a new execution', CALL, [7, 1], calls({ expression: `'${ID.drain}'` }, DRAIN, { wait_seconds: 0, drain: `={{ ${NAME} }}` }, { waitForSubWorkflow: false }));

  for (const trigger of [minute, called]) canvas.link(trigger, 0, begin);
  canvas.chain(begin, early, wait, batch, forth, more, batch);
  canvas.link(early, 1, batch);
  canvas.link(batch, 1, back);
  canvas.link(batch, 2, nothing);
  canvas.link(batch, 3, busy);
  canvas.link(back, 0, more);
  canvas.link(more, 1, onward);

  canvas.note('## Started by the first hint\nAnd every minute: what a crash left behind is free again when its hold is over.', { from: [0, 0], to: [1, 1], color: 5 });
  canvas.note('## One batch after the other\nNo other drain takes these records meanwhile. A note is cleared by the run that synced it, never by taking it.', { from: [4, -1], to: [6.2, 2], color: 4 });
  return canvas.toJson();
}
