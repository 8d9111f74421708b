import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { sendWritten } from './admin-routes';
import { openEventStream } from './event-stream';
import { renderRecord } from './record-json';
import type { StoredRecord } from './record-store';
import type { SystemState } from './system-state';
import { userCreate, userDelete, userEdit } from './user-actions';

const ROWS_A_PAGE = 25;
const ACTIVITY_SHOWN = 50;
const recordsQuery = z.object({ q: z.string().default(''), page: z.coerce.number().int().min(1).default(1) });
const idParams = z.object({ id: z.string() });

/** What the web page asks for. */
export function addUiRoutes(app: FastifyInstance, state: SystemState): void {
  const { name, title, color, recordType, fields, columns } = state.definition;
  app.get('/ui/definition', () => ({ name, title, color, record_type: recordType, fields, columns }));
  app.get('/ui/activity', () => state.log.activity(ACTIVITY_SHOWN));
  app.get('/ui/records', (request) => {
    const { q, page } = recordsQuery.parse(request.query);
    const matching = searched(state.store.living(), q);
    const pages = Math.max(1, Math.ceil(matching.length / ROWS_A_PAGE));
    const shown = Math.min(page, pages);
    const rows = matching.slice((shown - 1) * ROWS_A_PAGE, shown * ROWS_A_PAGE);
    return { rows: rows.map((record) => renderRecord(record, true)), total: matching.length, page: shown, pages };
  });
  app.get('/ui/records/:id', (request, reply) => {
    const found = state.desk.find(idParams.parse(request.params).id, 'user');
    if (found.kind === 'found') return reply.send(renderRecord(found.record, true));
    return sendWritten(reply, found, 200);
  });
  app.post('/ui/records', (request, reply) => sendWritten(reply, userCreate(state, request.url, request.body), 201));
  app.patch('/ui/records/:id', (request, reply) => sendWritten(reply, userEdit(state, request.url, idParams.parse(request.params).id, request.body), 200));
  app.delete('/ui/records/:id', (request, reply) => sendWritten(reply, userDelete(state, request.url, idParams.parse(request.params).id), 200));
  app.get('/ui/events', (request, reply) => openEventStream(state, request, reply));
}

function searched(records: readonly StoredRecord[], query: string): readonly StoredRecord[] {
  const wanted = folded(query.trim());
  const byId = [...records].sort((a, b) => a.ordinal - b.ordinal);
  return wanted === '' ? byId : byId.filter((record) => folded(textOf(record)).includes(wanted));
}

function textOf(record: StoredRecord): string {
  return [record.id, ...record.values.values()].filter((value) => typeof value === 'string').join(' ');
}

/** "Muller" finds "Müller", in whichever Unicode form the name is stored. */
function folded(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
