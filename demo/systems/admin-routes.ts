import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { quirksSchema, type Quirks } from './quirks';
import type { Written } from './record-desk';
import { renderRecord } from './record-json';
import type { SystemState } from './system-state';
import { userCreate, userDelete, userEdit, userMalform, userRestore, userTouchAll } from './user-actions';

const logQuery = z.object({ since: z.coerce.number().int().min(0).default(0) });
const resetBody = z.strictObject({ seed: z.number().int().default(1), count: z.number().int().min(0).max(50_000).default(300) });
const editBody = z.strictObject({ id: z.string(), changes: z.unknown() });
const createBody = z.strictObject({ fields: z.unknown() });
const idBody = z.strictObject({ id: z.string() });

/** For tests and the page's switches. No token: this side stands for the people in front of the system. */
export function addAdminRoutes(app: FastifyInstance, state: SystemState): void {
  app.get('/admin/state', () => ({
    records: state.store.all().map((record) => ({ ...renderRecord(record, true), version: record.version, deleted: record.deleted })),
  }));
  app.get('/admin/counters', () => state.log.counters);
  app.post('/admin/counters/reset', () => {
    state.log.resetCounters();
    return state.log.counters;
  });
  app.get('/admin/deliveries', () => ({ pending: state.pendingDeliveries }));
  app.get('/admin/log', (request) => state.log.since(logQuery.parse(request.query).since));
  app.get('/admin/quirks', () => state.board.now);
  app.patch('/admin/quirks', (request) => {
    state.board.set(given(quirksSchema.partial().parse(request.body)));
    return state.board.now;
  });
  app.post('/admin/reset', (request) => {
    const { seed, count } = resetBody.parse(request.body ?? {});
    state.reset(state.definition.seed(seed, count));
    return { records: state.store.all().length };
  });
  app.post('/admin/touch-all', () => ({ touched: userTouchAll(state, '/admin/touch-all') }));
  addUserRoutes(app, state);
}

function addUserRoutes(app: FastifyInstance, state: SystemState): void {
  app.post('/admin/users/edit', (request, reply) => {
    const { id, changes } = editBody.parse(request.body);
    return sendWritten(reply, userEdit(state, '/admin/users/edit', id, changes), 200);
  });
  app.post('/admin/users/create', (request, reply) => sendWritten(reply, userCreate(state, '/admin/users/create', createBody.parse(request.body).fields), 201));
  app.post('/admin/users/delete', (request, reply) => sendWritten(reply, userDelete(state, '/admin/users/delete', idBody.parse(request.body).id), 200));
  app.post('/admin/users/restore', (request, reply) => sendWritten(reply, userRestore(state, '/admin/users/restore', idBody.parse(request.body).id), 200));
  app.post('/admin/malform', (request, reply) => sendWritten(reply, userMalform(state, '/admin/malform', idBody.parse(request.body).id), 200));
}

/** Answers to people always show nulls, so that a form can tell an unset field from one it does not know. */
export function sendWritten(reply: FastifyReply, result: Written, status: number): FastifyReply {
  if (result.kind === 'written') return reply.code(status).send({ ...renderRecord(result.record, true), version: result.record.version });
  const { code, message, field } = result.refusal;
  return reply.code(result.refusal.status).send({ error: { code, message, field } });
}

/** zod's partial leaves `undefined` possible; a switch that was not named keeps its position. */
function given(changes: { readonly [K in keyof Quirks]?: Quirks[K] | undefined }): Partial<Quirks> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}
