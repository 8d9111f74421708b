import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { z, ZodError } from 'zod';
import { addAdminRoutes } from './admin-routes';
import { addApiRoutes } from './api-routes';
import type { JsonObject } from './json';
import { addPage } from './page';
import type { SystemDefinition } from './system-definition';
import { SystemState } from './system-state';
import { addUiRoutes } from './ui-routes';
import type { WebhookTarget } from './webhook-delivery';

export type SystemOptions = {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  readonly host?: string;
  readonly apiToken?: string;
  readonly seedRecords?: readonly JsonObject[];
  readonly webhook?: WebhookTarget;
  /** Milliseconds since 1970, for created_at and updated_at. */
  readonly clock?: () => number;
};

export type BusinessSystem = {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  readonly apiToken: string;
  /** The records' base URL: `${url}/api/contacts`. */
  readonly collectionUrl: string;
  setWebhook(target: WebhookTarget | null): void;
  close(): Promise<void>;
};

export const DEFAULT_TOKEN = 'demo-token';

/** Starts one demo system: API, admin switches and web page on one port. */
export async function startSystem(definition: SystemDefinition, options: SystemOptions): Promise<BusinessSystem> {
  const { port = 0, host = '127.0.0.1', apiToken = DEFAULT_TOKEN, seedRecords = [], webhook = null, clock = Date.now } = options;
  const state = new SystemState(definition, clock, seedRecords, webhook);
  // Event streams never end by themselves, so closing must cut connections.
  const app = fastify({ forceCloseConnections: true });
  answerErrors(app);
  addApiRoutes(app, state, apiToken);
  addAdminRoutes(app, state);
  addUiRoutes(app, state);
  addPage(app);
  app.addHook('preClose', () => state.close());
  await app.listen({ port, host });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error(`${definition.title} has no address although it listens.`);
  const url = `http://${host}:${address.port}`;
  return {
    name: definition.name,
    url,
    port: address.port,
    apiToken,
    collectionUrl: `${url}/api/${definition.collection}`,
    setWebhook: (target) => {
      state.webhook = target;
    },
    close: () => app.close(),
  };
}

function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | ZodError, _request, reply) => {
    if (error instanceof ZodError) return reply.code(400).send(body('invalid_request', z.prettifyError(error)));
    const status = error.statusCode ?? 500;
    return reply.code(status).send(body(status < 500 ? 'invalid_request' : 'internal_error', error.message));
  });
  app.setNotFoundHandler((request, reply) => reply.code(404).send(body('no_such_route', `There is no ${request.method} ${request.url}.`)));
}

function body(code: string, message: string): JsonObject {
  return { error: { code, message, field: null } };
}
