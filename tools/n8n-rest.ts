import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Execution, type ExecutionSummary, executionSummarySchema, readExecution } from './n8n-execution';

/** The owner of every test instance; n8n wants a capital letter and a digit. */
export const OWNER = { email: 'owner@example.com', password: 'Owner12345', firstName: 'Demo', lastName: 'Owner' } as const;

/** What n8n refused, with its own words (a missing child workflow, an unknown node type, a taken webhook path …). */
export class N8nRestError extends Error {
  constructor(
    readonly status: number,
    request: string,
    readonly answer: string,
  ) {
    super(`${request}: n8n answered ${status}: ${answer.slice(0, 2000)}`);
    this.name = 'N8nRestError';
  }
}

const workflowFileSchema = z.looseObject({ id: z.string().min(1).max(21), name: z.string() });
export type WorkflowFile = z.infer<typeof workflowFileSchema>;
const savedWorkflowSchema = z.looseObject({ id: z.string(), versionId: z.string(), active: z.boolean() });
const FINISHED: ReadonlySet<ExecutionSummary['status']> = new Set(['success', 'error', 'crashed', 'canceled']);

/** Reads the workflow files of a folder, in the order of their names. */
export async function readWorkflows(directory: string): Promise<WorkflowFile[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.json')).sort();
  return await Promise.all(names.map(async (name) => workflowFileSchema.parse(JSON.parse(await readFile(join(directory, name), 'utf8')))));
}

/** The REST interface that n8n's own editor uses, as its owner. */
export class N8nRest {
  private constructor(
    readonly url: string,
    /** For a browser that should be logged in already: the value of the cookie `n8n-auth`. */
    readonly cookie: string,
  ) {}

  /** Sets up the owner on a fresh instance, else logs in. */
  static async login(url: string): Promise<N8nRest> {
    const post = async (path: string, body: unknown): Promise<Response> =>
      await fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    let answer = await post('/rest/owner/setup', OWNER);
    if (!answer.ok) answer = await post('/rest/login', { emailOrLdapLoginId: OWNER.email, password: OWNER.password });
    if (!answer.ok) throw new N8nRestError(answer.status, 'log in', await answer.text());
    const cookie = /n8n-auth=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '')?.[1];
    if (cookie === undefined) throw new N8nRestError(answer.status, 'log in', 'no cookie n8n-auth in the answer');
    return new N8nRest(url, cookie);
  }

  /** Calls any endpoint below /rest and returns its `data`. */
  async call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${this.url}/rest${path}`, {
      method,
      headers: { cookie: `n8n-auth=${this.cookie}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new N8nRestError(answer.status, `${method} ${path}`, text);
    return z.object({ data: z.unknown() }).parse(JSON.parse(text)).data;
  }

  /** Creates a workflow under the id of its file, or replaces the one that has it. Returns the version to publish. */
  async saveWorkflow(workflow: WorkflowFile): Promise<string> {
    // Tags are names in a file and ids in this interface; no test depends on them.
    const content = Object.fromEntries(Object.entries(workflow).filter(([name]) => !['tags', 'active', 'versionId'].includes(name)));
    const exists = await this.call('GET', `/workflows/${workflow.id}`).then(
      () => true,
      (error: unknown) => {
        if (error instanceof N8nRestError && (error.status === 404 || error.status === 403)) return false;
        throw error;
      },
    );
    const saved = exists ? await this.call('PATCH', `/workflows/${workflow.id}`, content) : await this.call('POST', '/workflows', content);
    return savedWorkflowSchema.parse(saved).versionId;
  }

  /** Publishes the current version of each workflow, in this order; a parent is refused before its children. Takes effect at once. */
  async publish(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const { versionId } = savedWorkflowSchema.parse(await this.call('GET', `/workflows/${id}`));
      await this.call('POST', `/workflows/${id}/activate`, { versionId });
    }
  }

  async unpublish(id: string): Promise<void> {
    await this.call('POST', `/workflows/${id}/deactivate`, {});
  }

  /** Saves and publishes workflows whatever their order: those refused for a child that is not published yet are tried again. */
  async deploy(workflows: readonly WorkflowFile[]): Promise<void> {
    for (const workflow of workflows) await this.saveWorkflow(workflow);
    let waiting = workflows.map(({ id }) => id);
    while (waiting.length > 0) {
      const refused: { readonly id: string; readonly error: N8nRestError }[] = [];
      for (const id of waiting) {
        await this.publish([id]).catch((error: unknown) => {
          if (!(error instanceof N8nRestError) || error.status !== 400) throw error;
          refused.push({ id, error });
        });
      }
      const [first] = refused;
      if (first !== undefined && refused.length === waiting.length) throw first.error;
      waiting = refused.map(({ id }) => id);
    }
  }

  /** Creates a credential and returns the id that n8n gave it (only the command line keeps ids). */
  async createCredential(credential: { readonly name: string; readonly type: string; readonly data: Record<string, unknown> }): Promise<string> {
    return z.looseObject({ id: z.string() }).parse(await this.call('POST', '/credentials', credential)).id;
  }

  /** The newest executions first, those of sub-workflows included. */
  async executions(filter: { readonly workflowId?: string; readonly limit?: number } = {}): Promise<ExecutionSummary[]> {
    const query = new URLSearchParams({ limit: String(filter.limit ?? 100) });
    if (filter.workflowId !== undefined) query.set('filter', JSON.stringify({ workflowId: filter.workflowId }));
    const answer = await this.call('GET', `/executions?${query.toString()}`);
    return z.looseObject({ results: z.array(executionSummarySchema) }).parse(answer).results;
  }

  async execution(id: string): Promise<Execution> {
    return readExecution(await this.call('GET', `/executions/${id}`));
  }

  /** Waits until no execution is new, running or waiting, and returns them all. */
  async settled(filter: { readonly workflowId?: string; readonly timeoutMs?: number } = {}): Promise<ExecutionSummary[]> {
    const { timeoutMs = 60_000, ...which } = filter;
    const limit = Date.now() + timeoutMs;
    for (;;) {
      const executions = await this.executions(which);
      if (executions.every(({ status }) => FINISHED.has(status))) return executions;
      if (Date.now() > limit) throw new Error(`Executions still not finished after ${timeoutMs} ms: ${JSON.stringify(executions.filter(({ status }) => !FINISHED.has(status)))}`);
      await sleep(100);
    }
  }
}
