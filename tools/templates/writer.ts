/** Writes planned patches to one system: changed fields only, conditionally, under a key that makes a retry harmless. */
import { Canvas, type JsonObject } from './canvas';
import { WRITER } from './contracts';
import { CALLED, declares, HTTP, MERGE, oneAfterTheOther, request, sideBySide } from './n8n-nodes';
import { mappingOf } from './mappings';
import { TAGS, type SystemSide } from './names';
import { NORMALIZE } from './our-nodes';

const METHODS = "={{ { create: 'POST', update: 'PATCH', delete: 'DELETE' }[$json.request.op] }}";

function write({ collectionUrl }: SystemSide): JsonObject {
  const headers = "={{ JSON.stringify({ 'Idempotency-Key': $json.request.idempotency_key, ...($json.request.if_match ? { 'If-Match': $json.request.if_match } : {}) }) }}";
  return request(METHODS, `=${collectionUrl}{{ $json.request.op === 'create' ? '' : '/' + encodeURIComponent($json.request.native_id) }}`, 'httpBearerAuth', {
    sendHeaders: true,
    specifyHeaders: 'json',
    jsonHeaders: headers,
    sendBody: true,
    contentType: 'json',
    specifyBody: 'json',
    jsonBody: '={{ JSON.stringify($json.request.body) }}',
  }, { batching: { batch: { batchSize: 25, batchInterval: 250 } } });
}

export function writerWorkflow(side: SystemSide, name: string, sample: { readonly planned: readonly JsonObject[]; readonly answers: readonly JsonObject[] }): JsonObject {
  const { title, record, api } = side;
  const canvas = new Canvas({
    id: side.writer,
    name,
    description: `Writes to ${title}: creates, updates and deletes ${record}s as planned, changed fields only, with If-Match, Idempotency-Key and origin stamp. Gives back every item with what became of its write.`,
    tags: TAGS,
    errorWorkflow: null,
  });
  const mapping = mappingOf(side.key);
  const called = canvas.add('When patches are to be written', CALLED, [0, 1], declares(WRITER));
  const translate = canvas.add(`Translate patch for ${title}`, NORMALIZE, [1, 1], { operation: 'denormalize', ...mapping, options: { sentinel: 'n8n-sync' } }, { onError: 'continueRegularOutput' });
  // No retry here: whether a broken write landed is found out by reading, and then it is planned again.
  const send = canvas.add(`Write ${record} to ${title}`, HTTP, [2, 0], write(side), { credential: api, onError: 'continueRegularOutput' });
  const beside = canvas.add('Put the answer beside its write', MERGE, [3, 1], sideBySide);
  const outcome = canvas.add('Judge what became of it', NORMALIZE, [4, 1], { operation: 'normalize', itemHolds: 'write_result', ...mapping, recordPath: '' }, { onError: 'continueRegularOutput' });
  const all = canvas.add('Give back every item', MERGE, [5, 1], oneAfterTheOther(4));

  canvas.chain(called, translate, send);
  canvas.link(translate, 0, beside, 0);
  canvas.link(send, 0, beside, 1);
  canvas.link(beside, 0, outcome);
  canvas.link(outcome, 0, all, 0);
  canvas.link(outcome, 1, all, 1);
  canvas.link(translate, 1, all, 2);
  canvas.link(translate, 2, all, 3);

  canvas.note('## Only changed fields\nPATCH, never PUT: fields that nobody planned are not sent.', { from: [0, 1], to: [1, 1], color: 4 });
  canvas.note('## One write\nIf-Match refuses when somebody was quicker; the Idempotency-Key names the write, not the value.', { from: [2, 0], to: [3, 1], color: 5 });
  canvas.note('## By status, never by error text\nWhat the answer shows is remembered, never what we meant to write.', { from: [4, 1], to: [5, 1], color: 3 });
  canvas.pin(called, sample.planned);
  canvas.pin(send, sample.answers);
  return canvas.toJson();
}
