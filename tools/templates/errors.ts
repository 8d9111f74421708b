/** Runs when an unattended workflow failed: an issue in the ledger, and a message if somebody wants one. */
import { Canvas, type JsonObject } from './canvas';
import { ON_ERROR, SLACK } from './n8n-nodes';
import { CRM, ID, SUPPORT, TAGS } from './names';
import { LEDGER_CHECK, LEDGER_COMMIT, ledgerOrStop, start } from './our-nodes';
import { plainInSlack, slackMessage } from './router';

const FAILED = "$('When a sync workflow fails').first().json";
/** As n8n's template text: a list literal at the beginning of an expression came out empty on a real n8n. */
const REASON = `{{ ${FAILED}.workflow?.name ?? 'A workflow' }} failed at {{ ${FAILED}.execution?.lastNodeExecuted ?? 'its trigger' }}: {{ ${FAILED}.execution?.error?.message ?? ${FAILED}.trigger?.error?.message ?? 'without a message' }}`;
const WHAT = `[${FAILED}.workflow?.name ?? 'A workflow', ' failed at ', ${FAILED}.execution?.lastNodeExecuted ?? 'its trigger', ': ', ${FAILED}.execution?.error?.message ?? ${FAILED}.trigger?.error?.message ?? 'without a message'].join('')`;

export function errorsWorkflow(sample: JsonObject): JsonObject {
  const canvas = new Canvas({
    id: ID.errors,
    name: 'Sync - Errors',
    description: 'Tells about failed runs of the sync: stores an issue in the ledger, and sends a message when the Slack node is switched on. What a failed run had not finished keeps its note, so the next reconcile run takes it up.',
    tags: TAGS,
    errorWorkflow: null,
  });
  const failed = canvas.add('When a sync workflow fails', ON_ERROR, [0, 1], {});
  const slack = canvas.add('Tell the owners in Slack', SLACK, [1, 0], slackMessage(`={{ ${plainInSlack(WHAT)} }}`), { disabled: true, onError: 'continueRegularOutput' });
  const begin = canvas.add('Begin a run to report in', LEDGER_CHECK, [1, 1], start(CRM.key, SUPPORT.key, { recordId: '', recordSystem: '', cause: 'error', dryRun: false, emitRunOnly: true }), ledgerOrStop);
  const report = canvas.add('Report the failure as an issue', LEDGER_COMMIT, [2, 1], { resource: 'record', operation: 'reportIssue', reason: `=${REASON}` }, ledgerOrStop);
  canvas.link(failed, 0, slack);
  canvas.chain(failed, begin, report);
  canvas.note('## Nothing fails unseen\nA failed run becomes an issue in the ledger. When the ledger itself is down, this execution fails in the list of executions.', { from: [0, 0], to: [2.2, 1], color: 3 });
  canvas.pin(failed, [sample]);
  return canvas.toJson();
}
