import { z } from 'zod';
import { ImportError } from './import-error';

const workflowSummary = z.object({ id: z.string(), name: z.string(), isArchived: z.boolean().optional() });
const credentialSummary = z.object({ id: z.string(), name: z.string(), type: z.string() });
const tagSummary = z.object({ id: z.string(), name: z.string() });
const failure = z.object({ message: z.string() });
const pageOf = <T>(entry: z.ZodType<T>) => z.object({ data: z.array(entry), nextCursor: z.string().nullish() });

export type CredentialSummary = z.infer<typeof credentialSummary>;
export type WorkflowSummary = z.infer<typeof workflowSummary>;
export type TagSummary = z.infer<typeof tagSummary>;
type Method = 'GET' | 'POST' | 'PUT';

/** n8n said no. `status` decides what can be done about it. */
export class N8nRefused extends ImportError {
  constructor(
    readonly status: number,
    request: string,
    reason: string,
  ) {
    super(`n8n answered ${status} to ${request}: ${reason}`, hintFor(status));
  }
}

function hintFor(status: number): string {
  if (status === 401) return 'Make an API key in n8n under Settings > n8n API, and pass it with --api-key or in N8N_API_KEY.';
  if (status === 403) return 'This API key lacks a scope: it needs to list, create, update and activate workflows, and to list credentials and tags.';
  if (status === 404) return 'Is the address right, and is the public API switched on in this n8n?';
  return 'Read the reason, correct it, and run the import again: it continues where it stopped.';
}

/** n8n's public REST API, as far as an import needs it. The key goes into one header and nowhere else. */
export class N8nPublicApi {
  private readonly base: string;

  constructor(
    url: string,
    private readonly apiKey: string,
  ) {
    if (!URL.canParse(url)) throw new ImportError(`"${url}" is no address.`, 'Give the address of your n8n, such as http://localhost:5678.');
    this.base = `${url.replace(/\/+$/u, '')}/api/v1`;
  }

  async workflows(): Promise<readonly WorkflowSummary[]> {
    const all = await this.all('/workflows', workflowSummary, { excludePinnedData: 'true' });
    return all.filter(({ isArchived }) => isArchived !== true);
  }

  async credentials(): Promise<readonly CredentialSummary[]> {
    return await this.all('/credentials', credentialSummary);
  }

  async tags(): Promise<readonly TagSummary[]> {
    return await this.all('/tags', tagSummary);
  }

  async createTag(name: string): Promise<TagSummary> {
    return tagSummary.parse(await this.call('POST', '/tags', { name }));
  }

  async createCredential(credential: { readonly name: string; readonly type: string; readonly data: Readonly<Record<string, unknown>> }): Promise<CredentialSummary> {
    return credentialSummary.parse(await this.call('POST', '/credentials', credential));
  }

  async createWorkflow(content: Readonly<Record<string, unknown>>): Promise<WorkflowSummary> {
    return workflowSummary.parse(await this.call('POST', '/workflows', content));
  }

  async updateWorkflow(id: string, content: Readonly<Record<string, unknown>>): Promise<void> {
    await this.call('PUT', `/workflows/${encodeURIComponent(id)}`, content);
  }

  async setTags(id: string, tagIds: readonly string[]): Promise<void> {
    await this.call('PUT', `/workflows/${encodeURIComponent(id)}/tags`, tagIds.map((tag) => ({ id: tag })));
  }

  async activate(id: string): Promise<void> {
    await this.call('POST', `/workflows/${encodeURIComponent(id)}/activate`, {});
  }

  private async all<T>(path: string, entry: z.ZodType<T>, query: Readonly<Record<string, string>> = {}): Promise<readonly T[]> {
    const found: T[] = [];
    let cursor: string | null | undefined;
    do {
      const search = new URLSearchParams({ ...query, limit: '100', ...(cursor === undefined || cursor === null ? {} : { cursor }) });
      const page = pageOf(entry).parse(await this.call('GET', `${path}?${search.toString()}`));
      found.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor !== undefined && cursor !== null && cursor !== '');
    return found;
  }

  private async call(method: Method, path: string, body?: unknown): Promise<unknown> {
    const request = `${method} ${path.replace(/\?.*$/u, '')}`;
    const response = await this.send(method, path, body);
    const text = await response.text();
    const answer = parsed(text);
    if (response.ok) return answer;
    throw new N8nRefused(response.status, request, failure.safeParse(answer).data?.message ?? (text.slice(0, 300) || 'without a reason'));
  }

  private async send(method: Method, path: string, body: unknown): Promise<Response> {
    const headers = { 'X-N8N-API-KEY': this.apiKey, accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    try {
      return await fetch(`${this.base}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }), redirect: 'error', signal: AbortSignal.timeout(60_000) });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : error instanceof Error ? error.message : String(error);
      throw new ImportError(`No n8n answers at ${this.base} (${cause}).`, 'Start it, or correct --url.');
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: a proxy's page, which the caller quotes.
    return text;
  }
}
