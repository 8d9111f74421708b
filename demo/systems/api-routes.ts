import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { answer, errorAnswer, type ApiAnswer } from './api-answer';
import { ApiGate } from './api-gate';
import { listRecords } from './list-records';
import type { Written } from './record-desk';
import { renderRecord } from './record-json';
import type { StoredRecord } from './record-store';
import type { Counters } from './request-log';
import type { SystemState } from './system-state';

const idParams = z.object({ id: z.string() });
const webhookBody = z.strictObject({ url: z.url(), secret_header: z.string().nullish(), secret: z.string().nullish() });

type Handler = (request: FastifyRequest) => ApiAnswer;

/** The REST API that the sync talks to. Handlers only decide; sending, logging and mischief are in one place. */
export function addApiRoutes(app: FastifyInstance, state: SystemState, apiToken: string): void {
  const gate = new ApiGate(apiToken, state.board);
  const path = `/api/${state.definition.collection}`;
  const serve = (handler: Handler, counter: keyof Counters | null) => (request: FastifyRequest, reply: FastifyReply) =>
    respond(state, gate, handler, counter, request, reply);

  app.get(path, serve((request) => listRecords(state, request), 'lists'));
  app.get(`${path}/:id`, serve((request) => readRecord(state, idOf(request)), 'reads'));
  app.post(path, serve((request) => written(state, state.desk.create(request.body, 'api'), 201, null), 'creates'));
  app.patch(`${path}/:id`, serve((request) => {
    const id = idOf(request);
    return written(state, state.desk.patch(id, request.body, 'api', header(request, 'if-match')), 200, id);
  }, 'writes'));
  app.delete(`${path}/:id`, serve((request) => {
    const id = idOf(request);
    const removed = state.desk.remove(id, 'api', header(request, 'if-match'));
    return removed.kind === 'refused' ? errorAnswer(removed.refusal, id) : answer(204, null, { recordId: id });
  }, 'deletes'));
  app.get('/api/webhooks', serve(() => answer(200, { url: state.webhook?.url ?? null }), null));
  app.post('/api/webhooks', serve((request) => registerWebhook(state, request.body), null));
  app.delete('/api/webhooks', serve(() => {
    state.webhook = null;
    return answer(204, null);
  }, null));
}

async function respond(state: SystemState, gate: ApiGate, handler: Handler, counter: keyof Counters | null, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const isWrite = request.method !== 'GET';
  const key = isWrite ? header(request, 'idempotency-key') : null;
  const refusal = gate.refuse(header(request, 'authorization') ?? undefined);
  const replay = refusal === null ? state.answered.replay(key) : null;
  const result = refusal ?? replay ?? handler(request);
  record(state, request, result, key, replay !== null, counter);
  if (isWrite && result.status < 300 && replay === null) {
    state.answered.remember(key, result);
    if (state.board.takeDrop()) return cutConnection(request, reply);
    const hang = state.board.takeHang();
    // False: the system is closing, and with it the connection.
    if (hang > 0 && !(await state.timers.sleep(hang))) return cutConnection(request, reply);
  }
  reply.code(result.status).headers(result.headers);
  return result.body === null ? reply.send() : reply.send(result.body);
}

/** Before the answer is sent: a caller that is killed while it waits must still find its write in the log. */
function record(state: SystemState, request: FastifyRequest, result: ApiAnswer, key: string | null, replayed: boolean, counter: keyof Counters | null): void {
  const replayOf = replayed ? { ...result, changes: new Map() } : result;
  state.log.add({
    method: request.method,
    path: request.url,
    record_id: result.recordId,
    status: result.status,
    by: 'api',
    changes: replayOf.changes,
    idempotency_key: key,
    if_match: header(request, 'if-match'),
    replayed,
  });
  if (replayed) state.log.count('replayed');
  else if (result.status === 429) state.log.count('rate_limited');
  else if (result.status >= 400) state.log.count('rejected');
  else if (counter !== null) state.log.count(counter);
}

function cutConnection(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.hijack();
  request.raw.socket.destroy();
  return reply;
}

function readRecord(state: SystemState, id: string): ApiAnswer {
  const found = state.desk.find(id, 'api');
  return found.kind === 'refused' ? errorAnswer(found.refusal, id) : recordAnswer(state, found.record, 200);
}

function written(state: SystemState, result: Written, status: number, id: string | null): ApiAnswer {
  if (result.kind === 'refused') return errorAnswer(result.refusal, id);
  return { ...recordAnswer(state, result.record, status), changes: result.changes };
}

function recordAnswer(state: SystemState, record: StoredRecord, status: number): ApiAnswer {
  const body = renderRecord(record, state.board.now.send_nulls);
  return answer(status, body, { recordId: record.id, headers: { etag: `"${record.version}"` } });
}

function registerWebhook(state: SystemState, body: unknown): ApiAnswer {
  const parsed = webhookBody.safeParse(body);
  if (!parsed.success) return errorAnswer({ status: 422, code: 'invalid_webhook', message: z.prettifyError(parsed.error), field: null }, null);
  const { url, secret_header: name, secret } = parsed.data;
  state.webhook = { url, header: name ?? null, secret: secret ?? null };
  return answer(201, { url });
}

function idOf(request: FastifyRequest): string {
  return idParams.parse(request.params).id;
}

function header(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
}
