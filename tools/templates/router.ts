/** The rules: who wins, for both directions in one place. What no rule decides waits for a person. */
import { Canvas, type JsonObject } from './canvas';
import { ROUTER } from './contracts';
import { CALLED, declares, MERGE, NOTHING, oneAfterTheOther, SLACK, SWITCH, switchOn } from './n8n-nodes';
import { RULES } from './mappings';
import { ID, TAGS } from './names';
import { CONFLICT_ROUTER, ledger, LEDGER_COMMIT, QUEUE_REVIEW } from './our-nodes';

/** In a message `<!channel>` calls everybody and `<address|words>` is a link: what comes from a system or an error is neither. */
export const plainInSlack = (expression: string): string => `String(${expression}).slice(0, 500).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')`;

/** One message a batch: thousands of conflicts after a bulk edit are one message, not thousands. */
export const slackMessage = (text: string): JsonObject => ({
  resource: 'message',
  operation: 'post',
  select: 'channel',
  channelId: { __rl: true, mode: 'name', value: '#sync' },
  text,
  otherOptions: { includeLinkToWorkflow: false },
});

export function routerWorkflow(sample: readonly JsonObject[]): JsonObject {
  const canvas = new Canvas({
    id: ID.router,
    name: 'Router - Human Review Queue',
    description: 'Applies the rules that say who wins, and stores in the ledger what a person must decide. Writes to the ledger, and sends a message when the Slack node is switched on. Serves both directions, so that they cannot disagree.',
    tags: TAGS,
    errorWorkflow: null,
  });
  const called = canvas.add('When differences are to be decided', CALLED, [0, 1], declares(ROUTER));
  const kind = canvas.add('Decided already?', SWITCH, [1, 1], switchOn([
    ['Committed with questions', "$json.verdict?.kind === 'Committed'"],
    ['A difference', '!!$json.difference'],
  ], 'Neither'));
  const rules = canvas.add('Who wins?', CONFLICT_ROUTER, [3, 1], RULES, { onError: 'continueErrorOutput' });
  const queue = canvas.add('Store the questions', LEDGER_COMMIT, [5, 1], QUEUE_REVIEW, ledger);
  const slack = canvas.add('Tell the reviewers in Slack', SLACK, [7, 0], slackMessage(`={{ $('Store the questions').all().length }} records need a decision, {{ ${plainInSlack('$json.record_key')} }} among them. Decide on the review page of this n8n: /webhook/two-way-sync/review`), { disabled: true, executeOnce: true, onError: 'continueRegularOutput' });
  const all = canvas.add('Give back every decision', MERGE, [7, 1], oneAfterTheOther(7));
  const neither = canvas.add('Nothing to decide', NOTHING, [3, 2], {});

  canvas.link(called, 0, kind);
  canvas.link(kind, 0, queue);
  canvas.link(kind, 1, rules);
  canvas.link(kind, 2, neither);
  canvas.link(rules, 0, all, 0);
  canvas.link(rules, 1, all, 1);
  canvas.link(rules, 2, queue);
  canvas.link(rules, 3, all, 2);
  canvas.link(queue, 0, slack);
  for (let output = 0; output < 4; output += 1) canvas.link(queue, output, all, output + 3);

  canvas.note('## Who wins\nCRM wins phone and email. Support wins priority and tags. Human review on collisions.\nCity, zip and country are decided as one.', { from: [2.6, 1], to: [3.7, 2], color: 4 });
  canvas.note('## Edit beats delete\nA record deleted on one side and unchanged on the other is deleted there too; an edited one survives.', { from: [0, 1], to: [1.2, 2], color: 5 });
  canvas.note('## A person decides\nOnly the fields in question wait; everything else of the record goes on. Switch Slack on once it has a credential.', { from: [5, 0], to: [7, 1], color: 3 });
  canvas.pin(called, sample);
  return canvas.toJson();
}
