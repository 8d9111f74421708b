/** Where a person decides: a page, and the same as JSON for programs. */
import { Canvas, type JsonObject } from './canvas';
import { PARENT } from './contracts';
import { CALL, calls, IF, MERGE, oneAfterTheOther, RESPOND, when } from './n8n-nodes';
import { CRM, ID, REVIEWERS, SUPPORT, TAGS } from './names';
import { ledger, LEDGER_CHECK, LEDGER_COMMIT, ledgerOrStop, scope, SYNC_WEBHOOK } from './our-nodes';

const PATH = 'two-way-sync/review';
const OURS = scope(CRM.key, SUPPORT.key);
const HTML = { entries: [{ name: 'Content-Type', value: 'text/html; charset=utf-8' }, { name: 'Cache-Control', value: 'no-store' }, { name: 'X-Frame-Options', value: 'DENY' }, { name: 'X-Content-Type-Options', value: 'nosniff' }] };

const webhook = (httpMethod: string): JsonObject => ({ httpMethod, path: PATH, authentication: 'basicAuth' });
/** A browser asks for a page; whoever says that it wants JSON, or sent some, gets JSON. */
const wantsJson = (node: string): string => `/json/.test($('${node}').first().json.headers.accept ?? '') || /json/.test($('${node}').first().json.headers['content-type'] ?? '')`;

export function reviewWorkflow(): JsonObject {
  const canvas = new Canvas({
    id: ID.decide,
    name: 'Review - Decide',
    // Each look at the page would be kept with all values that it shows. What was decided stands in the ledger.
    settings: { saveDataSuccessExecution: 'none' },
    description: 'Shows what no rule may decide: the last agreed value, what both sides hold now, and the choices. Stores decisions in the ledger and applies them at once, which writes to both systems. A decision counts only while both sides still hold what was shown. What holds the sync stands above, and is released here.',
    tags: TAGS,
    errorWorkflow: ID.errors,
  });
  showPage(canvas);
  takeDecisions(canvas);
  canvas.note('## See\nBase and both values of each question, 25 to a page. Values are text here, never HTML.', { from: [0, 0], to: [3.2, 1], color: 5 });
  canvas.note('## Decide\nA decision is bound to the values that were shown: if either side holds others by now, nothing is decided.', { from: [0, 3], to: [2, 6], color: 4 });
  canvas.note('## Apply\nWhat was decided is read and written at once; what fails here keeps its note for the next reconcile run.', { from: [3, 3], to: [7.2, 6], color: 3 });
  return canvas.toJson();
}

function showPage(canvas: Canvas): void {
  const open = canvas.add('Open the review page', SYNC_WEBHOOK, [0, 0], webhook('GET'), { credential: REVIEWERS, webhookId: true });
  const page = canvas.add('Show open questions', LEDGER_CHECK, [1, 0], {
    resource: 'report',
    operation: 'reviewPage',
    ...OURS,
    limit: '={{ Math.min(100, Math.max(1, Math.trunc(Number($json.query.limit)) || 25)) }}',
    offset: '={{ Math.max(0, Math.trunc(Number($json.query.offset)) || 0) }}',
    notices: '',
  }, ledgerOrStop);
  const json = canvas.add('A program asks?', IF, [2, 0], when(wantsJson('Open the review page')));
  const asJson = canvas.add('Answer the questions as JSON', RESPOND, [3, 0], { respondWith: 'json', responseBody: '={{ JSON.stringify({ total: $json.total, reviews: $json.reviews, holds: $json.holds }) }}', options: {} });
  const asPage = canvas.add('Answer with the page', RESPOND, [3, 1], { respondWith: 'text', responseBody: '={{ $json.html }}', options: { responseHeaders: HTML } });
  canvas.chain(open, page, json, asJson);
  canvas.link(json, 1, asPage);
}

function takeDecisions(canvas: Canvas): void {
  const receive = canvas.add('Receive decisions', SYNC_WEBHOOK, [0, 4], webhook('POST'), { credential: REVIEWERS, webhookId: true });
  const read = canvas.add('Read the decisions', LEDGER_CHECK, [1, 4], {
    resource: 'report',
    operation: 'readDecisions',
    decisions: '={{ $json.body }}',
    decidedBy: '={{ $json.user }}',
  }, ledger);
  const decide = canvas.add('Store the decision', LEDGER_COMMIT, [3, 4], {
    resource: 'review',
    operation: 'decideReview',
    ...OURS,
    reviewId: '={{ $json.review_id }}',
    decision: '={{ $json.kind }}',
    winner: '={{ $json.winner }}',
    value: '={{ $json.value }}',
    linkTo: '={{ $json.link_to }}',
    decidedBy: '={{ $json.decided_by }}',
    shown: '={{ $json.shown }}',
  }, ledger);
  const apply = canvas.add('Apply at once', CALL, [4, 3], calls(ID.crmToSupport, PARENT, { hint: null, full: true, sync: null }), { onError: 'continueRegularOutput' });
  const release = canvas.add('Release the hold', LEDGER_COMMIT, [3, 7], {
    resource: 'hold', operation: 'release', ...OURS, holdId: '={{ $json.hold_id }}', shownCount: '={{ $json.counted }}', by: '={{ $json.decided_by }}',
  }, ledger);
  const outcomes = canvas.add('What became of each', MERGE, [4, 5], oneAfterTheOther(9));
  const page = canvas.add('Show what is still open', LEDGER_CHECK, [5, 5], {
    resource: 'report',
    operation: 'reviewPage',
    ...OURS,
    limit: 25,
    offset: 0,
    notices: '={{ $input.all().map(({ json }) => [json.review?.record_key ?? (json.guard && "hold"), json.review?.subject ?? json.guard].filter(Boolean).join(", ") + ": " + ({ Decided: "decided", Released: "released; the next sweep goes on" }[json.verdict?.kind] ?? json.verdict?.reason ?? "not decided")) }}',
  }, ledgerOrStop);
  const json = canvas.add('Did a program decide?', IF, [6, 5], when(wantsJson('Receive decisions')));
  const asJson = canvas.add('Answer the outcomes as JSON', RESPOND, [7, 5], {
    respondWith: 'json',
    responseBody: "={{ JSON.stringify({ outcomes: $('What became of each').all().map(({ json }) => ({ review_id: json.review?.id ?? json.review_id ?? null, kind: json.verdict?.kind, reason: json.verdict?.reason ?? null })), total: $json.total, reviews: $json.reviews, holds: $json.holds }) }}",
    options: {},
  });
  const asPage = canvas.add('Answer with what is still open', RESPOND, [7, 6], { respondWith: 'text', responseBody: '={{ $json.html }}', options: { responseHeaders: HTML } });

  canvas.chain(receive, read, decide, apply);
  canvas.link(decide, 0, outcomes, 0);
  canvas.link(decide, 1, outcomes, 1);
  canvas.link(decide, 2, outcomes, 2);
  canvas.link(decide, 3, outcomes, 3);
  canvas.link(read, 1, outcomes, 4);
  canvas.link(read, 2, release);
  for (let output = 0; output < 4; output += 1) canvas.link(release, output, outcomes, output + 5);
  canvas.chain(outcomes, page, json, asJson);
  canvas.link(json, 1, asPage);
}
