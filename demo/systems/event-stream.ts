import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SystemState } from './system-state';

const COUNTERS_EVERY_MS = 500;

/** Server-Sent Events for one open page: changes as they happen, counters when they move. */
export function openEventStream(state: SystemState, request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack();
  reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const send = (event: string, data: unknown): void => {
    reply.raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const unsubscribe = state.feed.subscribe((changes) => {
    send('changes', changes.map(({ type, by, record, changes: fields }) => ({ type, by, id: record.id, fields: [...fields.keys()] })));
  });
  let shown = '';
  const sendCounters = (): void => {
    const counters = JSON.stringify(state.log.counters);
    if (counters !== shown) send('counters', state.log.counters);
    shown = counters;
  };
  sendCounters();
  const timer = setInterval(sendCounters, COUNTERS_EVERY_MS);
  // Closing the server cuts the socket, which ends up here as well.
  request.raw.socket.once('close', () => {
    clearInterval(timer);
    unsubscribe();
  });
}
