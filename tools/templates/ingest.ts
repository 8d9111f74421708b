/** Reads one system's present state: single records by id, by match key, or a whole listing, through one mapping. */
import { Canvas, type JsonObject } from './canvas';
import { INGEST } from './contracts';
import { CALLED, declares, FILTER, HTTP, IF, MERGE, NOTHING, oneAfterTheOther, request, sideBySide, SPLIT_OUT, STOP, SWITCH, switchOn, WAIT, when } from './n8n-nodes';
import { mappingOf } from './mappings';
import { TAGS, type SystemSide } from './names';
import { ledgerOrStop, LEDGER_COMMIT, NORMALIZE, REPORT } from './our-nodes';

const READING = { batching: { batch: { batchSize: 50, batchInterval: 500 } } };

/** All pages. `next` is the whole address of the next page; the bound keeps a system that pages in circles from doing it for ever. */
const PAGES: JsonObject = {
  pagination: {
    pagination: {
      paginationMode: 'responseContainsNextURL',
      nextURL: '={{ $response.body.next }}',
      paginationCompleteWhen: 'other',
      completeExpression: '={{ !$response.body?.next }}',
      limitPagesFetched: true,
      maxRequests: 500,
      requestInterval: 50,
    },
  },
};

export function ingestWorkflow(side: SystemSide, sample: { readonly asked: readonly JsonObject[]; readonly answers: readonly JsonObject[] }): JsonObject {
  const { title, record, collectionUrl, emailQuery, api } = side;
  const canvas = new Canvas({
    id: side.ingest,
    name: `Ingest - Normalize ${title} Record`,
    description: `Reads ${record}s from ${title} as they are now and turns them into canonical records. Only reads; a webhook's payload is never believed. Change this workflow and the writer of ${title} to sync another system.`,
    tags: TAGS,
    errorWorkflow: null,
  });
  const get = { credential: api, retry: true, onError: 'continueRegularOutput' } as const;

  const called = canvas.add('When records are to be read', CALLED, [0, 2], declares(INGEST));
  // Almost every record is asked for by its ID: one expression an item, where Switch evaluates each of its own several times.
  const isById = canvas.add('Asked for by ID?', IF, [1, 2], when('!!$json.read_request?.native_id'));
  const how = canvas.add('How is it asked for?', SWITCH, [2, 2], switchOn([
    ['By match key', '!!$json.read_request?.match_key'],
    ['Whole listing', '!!$json.list'],
  ], 'Nothing to look for'));
  const byId = canvas.add(`Read ${record} by ID`, HTTP, [4, 0], request('GET', `=${collectionUrl}/{{ encodeURIComponent($json.read_request.native_id) }}`, 'httpBearerAuth', {}, READING), get);
  const byKey = canvas.add(`Find ${record} by e-mail`, HTTP, [4, 1], request('GET', `=${collectionUrl}?${emailQuery}={{ encodeURIComponent($json.read_request.match_key) }}&limit=10`, 'httpBearerAuth', {}, READING), get);
  const list = canvas.add(`List ${record}s page by page`, HTTP, [3, 2], request('GET', `=${collectionUrl}?limit=200{{ $json.list.updated_since ? '&updated_since=' + encodeURIComponent($json.list.updated_since) : '' }}`, 'httpBearerAuth', {}, PAGES), get);
  const whole = canvas.add('Did every page arrive?', IF, [4, 2], when("$input.all().every(({ json }) => json.statusCode === 200) && !$input.last().json.body.next"));
  const each = canvas.add('One item per record', SPLIT_OUT, [5, 2], { fieldToSplitOut: 'body.data', include: 'selectedOtherFields', fieldsToInclude: 'statusCode', options: { destinationFieldName: 'body' } });
  const broken = canvas.add('Stop: the listing broke off', STOP, [5, 3], { errorMessage: `=${title}: a page of the listing did not arrive (status {{ $json.statusCode ?? 'none' }}). Nothing was concluded from the others.` });
  const empty = canvas.add('Not one record', FILTER, [5, 1], when('!$input.all().some(({ json }) => json.body.data.length > 0)'));
  const nothing = canvas.add('Nothing to look for', NOTHING, [3, 3], {});

  const asked = [
    canvas.add('Put the answer beside its question', MERGE, [6, 0], sideBySide),
    canvas.add('Put the hits beside their question', MERGE, [6, 1], sideBySide),
    canvas.add('Put the run beside each record', MERGE, [6, 2], { ...sideBySide, combineBy: 'combineAll' }),
  ] as const;
  const all = canvas.add('All answers', MERGE, [7, 1], oneAfterTheOther(3));
  const normalize = canvas.add(`Normalize ${title} record`, NORMALIZE, [8, 1], { operation: 'normalize', itemHolds: 'response', ...mappingOf(side.key), recordPath: '', listPath: 'data' }, { onError: 'continueRegularOutput' });
  const report = canvas.add('Report rejected record', LEDGER_COMMIT, [9, 2], REPORT, ledgerOrStop);
  const soon = canvas.add('Ask again soon?', IF, [9, 3], when('$json.rejected?.code === "read_failed" && ($json.rejected.retry_after_seconds ?? 60) <= 10 && $runIndex < 3'));
  const wait = canvas.add('Wait as the system asked', WAIT, [8, 4], { amount: '={{ Math.max(...$input.all().map(({ json }) => json.rejected.retry_after_seconds)) }}', unit: 'seconds' });
  const both = canvas.add('Wait for the reports', MERGE, [10, 1], oneAfterTheOther(2));
  const readings = canvas.add('Give back what was read', FILTER, [11, 1], when('!!$json.observation'));

  canvas.link(called, 0, isById);
  canvas.link(isById, 0, byId);
  canvas.link(isById, 0, asked[0], 0);
  canvas.link(byId, 0, asked[0], 1);
  canvas.link(isById, 1, how);
  canvas.link(how, 0, byKey);
  canvas.link(how, 0, asked[1], 0);
  canvas.link(byKey, 0, asked[1], 1);
  canvas.link(how, 1, list);
  canvas.link(how, 1, asked[2], 0);
  canvas.chain(list, whole, each);
  canvas.link(whole, 1, broken);
  canvas.link(whole, 0, empty);
  canvas.link(each, 0, asked[2], 1);
  // An empty page goes on as it is: it says that nothing was found, and in which mapping.
  canvas.link(empty, 0, asked[2], 1);
  canvas.link(how, 2, nothing);
  for (const [input, merge] of asked.entries()) canvas.link(merge, 0, all, input);
  canvas.link(all, 0, normalize);
  canvas.link(normalize, 0, both, 0);
  canvas.link(normalize, 1, soon);
  canvas.chain(soon, wait, isById);
  canvas.link(soon, 1, report);
  canvas.link(report, 0, both, 1);
  canvas.link(both, 0, readings);

  canvas.note(`## Read ${title} now\nA webhook is a hint: what is synced is what ${title} holds now.`, { from: [0, 0], to: [6, 3], color: 5 });
  canvas.note('## One mapping\nAbsent never means null. Fields without a row never leave this node.', { from: [7, 1], to: [8, 1], color: 4 });
  canvas.note('## Rejected\nA bad record carries every reason and blocks nobody. A system that asks for a short pause gets it, three times at most.', { from: [9, 1], to: [11, 3], color: 3 });
  canvas.pin(called, sample.asked);
  canvas.pin(byId, sample.answers);
  return canvas.toJson();
}
