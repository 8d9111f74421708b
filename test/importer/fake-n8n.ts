import fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';

const workflowBody = z.strictObject({
  name: z.string(), description: z.string().optional(), nodes: z.array(z.record(z.string(), z.unknown())), connections: z.record(z.string(), z.unknown()),
  settings: z.record(z.string(), z.unknown()), pinData: z.record(z.string(), z.unknown()).optional(),
});
export type StoredWorkflow = z.infer<typeof workflowBody> & { readonly id: string; readonly active: boolean; readonly tags: readonly string[] };
const credentialBody = z.object({ name: z.string(), type: z.string(), data: z.record(z.string(), z.unknown()) });

/** The part of n8n's public API that an import uses, with n8n's own refusals. Ids are given by the instance, as n8n does. */
export class FakeN8n {
  readonly workflows = new Map<string, StoredWorkflow>();
  readonly credentials: { readonly id: string; readonly name: string; readonly type: string; readonly data: Record<string, unknown> }[] = [];
  readonly tags: { readonly id: string; readonly name: string }[] = [];
  readonly calls: string[] = [];
  private last = 0;

  private constructor(private readonly app: FastifyInstance) {}

  static async start(): Promise<FakeN8n> {
    const fake = new FakeN8n(fastify());
    fake.routes();
    await fake.app.listen({ port: 0, host: '127.0.0.1' });
    return fake;
  }

  get url(): string {
    const address = this.app.server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return `http://127.0.0.1:${address.port}`;
  }

  close = async (): Promise<void> => this.app.close();

  byName(name: string): StoredWorkflow | undefined {
    return [...this.workflows.values()].find((workflow) => workflow.name === name);
  }

  private id(): string {
    this.last += 1;
    return `given${this.last}`;
  }

  private routes(): void {
    const { app } = this;
    app.addHook('onRequest', async (request, reply) => {
      this.calls.push(`${request.method} ${request.url}`);
      if (request.headers['x-n8n-api-key'] !== KEY) await reply.code(401).send({ message: 'unauthorized' });
    });
    // Two to a page, so that an importer that reads one page only is found out.
    const page = (entries: readonly object[], cursor: unknown) => {
      const from = typeof cursor === 'string' ? Number(cursor) : 0;
      return { data: entries.slice(from, from + 2), nextCursor: from + 2 < entries.length ? String(from + 2) : null };
    };
    const cursorOf = (query: unknown): unknown => z.object({ cursor: z.string().optional() }).parse(query).cursor;
    app.get('/api/v1/workflows', (request) => page([...this.workflows.values()].map(({ id, name }) => ({ id, name, isArchived: false })), cursorOf(request.query)));
    app.get('/api/v1/credentials', (request) => page(this.credentials.map(({ id, name, type }) => ({ id, name, type })), cursorOf(request.query)));
    app.get('/api/v1/tags', (request) => page(this.tags, cursorOf(request.query)));
    app.post('/api/v1/tags', (request) => this.add(this.tags, z.object({ name: z.string() }).parse(request.body)));
    app.post('/api/v1/credentials', (request) => this.add(this.credentials, credentialBody.parse(request.body)));
    app.post('/api/v1/workflows', (request) => {
      const made = { ...workflowBody.parse(request.body), id: this.id(), active: false, tags: [] };
      this.workflows.set(made.id, made);
      return made;
    });
    app.put<{ Params: { id: string } }>('/api/v1/workflows/:id', (request) => this.change(request.params.id, workflowBody.parse(request.body)));
    app.put<{ Params: { id: string } }>('/api/v1/workflows/:id/tags', (request) => this.change(request.params.id, { tags: z.array(z.object({ id: z.string() })).parse(request.body).map(({ id }) => id) }));
    app.post<{ Params: { id: string } }>('/api/v1/workflows/:id/activate', async (request, reply) => {
      const missing = this.unpublishedChild(request.params.id);
      if (missing !== null) return reply.code(400).send({ message: `Cannot publish workflow: it references workflow ${missing} which is not published` });
      return this.change(request.params.id, { active: true });
    });
  }

  private add<T extends object>(list: (T & { readonly id: string })[], body: T): T & { readonly id: string } {
    const made = { ...body, id: this.id() };
    list.push(made);
    return made;
  }

  private change(id: string, changes: Partial<StoredWorkflow>): StoredWorkflow {
    const found = this.workflows.get(id);
    if (found === undefined) throw new Error(`no workflow ${id}`);
    const changed = { ...found, ...changes };
    this.workflows.set(id, changed);
    return changed;
  }

  private unpublishedChild(id: string): string | null {
    const text = JSON.stringify(this.workflows.get(id)?.nodes.map((node) => node['parameters']));
    const called = [...text.matchAll(/"workflowId":\{"__rl":true,"mode":"id","value":"([^"=]+)"/gu)].map((match) => match[1] ?? '');
    return called.find((child) => this.workflows.get(child)?.active !== true) ?? null;
  }
}

export const KEY = 'n8n_api_0123456789';
