import { ImportError } from './import-error';
import { N8nRefused, type N8nPublicApi, type WorkflowSummary } from './n8n-public-api';
import { credentialKey, rewire } from './rewire';
import { credentialsOf, type CredentialNeed, type WorkflowJson } from './workflow-json';

/** What n8n starts by itself. Without one of these a workflow only runs when another one calls it. */
const STARTERS: ReadonlySet<string> = new Set(['n8n-nodes-two-way-sync.syncWebhookTrigger', 'n8n-nodes-base.webhook', 'n8n-nodes-base.scheduleTrigger']);

export type Activation = 'none' | 'sub-workflows' | 'all';

export interface ImportOptions {
  readonly dryRun: boolean;
  readonly activate: Activation;
  readonly urls: ReadonlyMap<string, string>;
  /** Data for credentials that may be made here, because they hold no secret of the two systems. */
  readonly makeCredentials: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly say: (line: string) => void;
}

export interface ImportReport {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly activated: readonly string[];
  /** Workflows that n8n would not publish yet, with the reason. */
  readonly waiting: readonly { readonly name: string; readonly reason: string }[];
  readonly missingCredentials: readonly CredentialNeed[];
}

/**
 * Creates or updates each workflow by its name, so that a second import changes nothing but what changed in the files.
 * @param workflows children first
 */
export async function importWorkflows(api: N8nPublicApi, workflows: readonly WorkflowJson[], options: ImportOptions): Promise<ImportReport> {
  const known = byName(workflows, await api.workflows());
  const { ids: credentialIds, missing } = await findCredentials(api, workflows, options);
  const [created, updated] = [workflows.filter(({ name }) => !known.has(name)), workflows.filter(({ name }) => known.has(name))].map((list) => list.map(({ name }) => name));
  const report = { created: created ?? [], updated: updated ?? [], missingCredentials: missing };
  if (options.dryRun) return { ...report, activated: [], waiting: [] };

  const ids = await createMissing(api, workflows, known, options);
  const instance = { workflowIds: ids, credentialIds, urls: options.urls };
  const tags = await findTags(api, workflows);
  for (const workflow of workflows) {
    const rewired = rewire(workflow, instance);
    await api.updateWorkflow(rewired.id, contentOf(rewired));
    await api.setTags(rewired.id, workflow.tags.flatMap(({ name }) => tags.get(name) ?? []));
    options.say(`${known.has(workflow.name) ? 'updated' : 'created'}  ${workflow.name}`);
  }
  return { ...report, ...(await activate(api, workflows, ids, options)) };
}

function byName(workflows: readonly WorkflowJson[], existing: readonly WorkflowSummary[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name } of workflows) {
    const [first, ...more] = existing.filter((candidate) => candidate.name === name);
    if (more.length > 0) throw new ImportError(`This n8n has ${more.length + 1} workflows named "${name}".`, 'Rename or archive all but the one that should be updated.');
    if (first !== undefined) found.set(name, first.id);
  }
  return found;
}

/** Only ids can be referred to, so every workflow must be there, empty or not, before any is filled. */
async function createMissing(api: N8nPublicApi, workflows: readonly WorkflowJson[], known: ReadonlyMap<string, string>, { say }: ImportOptions): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const { id, name } of workflows) {
    const there = known.get(name);
    if (there === undefined) {
      const made = await api.createWorkflow({ name, nodes: [], connections: {}, settings: { executionOrder: 'v1' } });
      ids.set(id, made.id);
    } else {
      ids.set(id, there);
      say(`found    ${name}`);
    }
  }
  return ids;
}

const contentOf = ({ name, description, nodes, connections, settings, pinData }: WorkflowJson): Readonly<Record<string, unknown>> => ({
  name, description, nodes, connections, settings, pinData,
});

async function findCredentials(api: N8nPublicApi, workflows: readonly WorkflowJson[], { makeCredentials, dryRun, say }: ImportOptions): Promise<{ readonly ids: Map<string, string>; readonly missing: readonly CredentialNeed[] }> {
  const existing = await api.credentials();
  const ids = new Map<string, string>();
  const missing: CredentialNeed[] = [];
  const needs = new Map(workflows.flatMap(credentialsOf).map((need) => [credentialKey(need), need]));
  for (const [key, need] of needs) {
    const found = existing.find(({ type, name }) => type === need.type && name === need.name);
    const data = makeCredentials.get(key);
    if (found !== undefined) ids.set(key, found.id);
    else if (data === undefined) missing.push(need);
    else if (!dryRun) {
      ids.set(key, (await api.createCredential({ ...need, data })).id);
      say(`created  credential "${need.name}"`);
    }
  }
  return { ids, missing };
}

async function findTags(api: N8nPublicApi, workflows: readonly WorkflowJson[]): Promise<Map<string, string>> {
  const tags = new Map((await api.tags()).map(({ id, name }) => [name, id]));
  for (const name of new Set(workflows.flatMap(({ tags: own }) => own.map((tag) => tag.name)))) {
    if (!tags.has(name)) tags.set(name, (await api.createTag(name)).id);
  }
  return tags;
}

/** n8n publishes a workflow only when those that it calls are published: children first, and again while that helps. */
async function activate(api: N8nPublicApi, workflows: readonly WorkflowJson[], ids: ReadonlyMap<string, string>, { activate: which, say }: ImportOptions): Promise<Pick<ImportReport, 'activated' | 'waiting'>> {
  const activated: string[] = [];
  let waiting = workflows.filter((workflow) => which === 'all' || (which === 'sub-workflows' && !startsItself(workflow))).map((workflow) => ({ workflow, reason: '' }));
  for (let before = -1; before !== waiting.length && waiting.length > 0; ) {
    before = waiting.length;
    const refused: typeof waiting = [];
    for (const { workflow } of waiting) {
      try {
        await api.activate(ids.get(workflow.id) ?? workflow.id);
        activated.push(workflow.name);
        say(`active   ${workflow.name}`);
      } catch (error) {
        if (!(error instanceof N8nRefused) || error.status !== 400) throw error;
        refused.push({ workflow, reason: error.message });
      }
    }
    waiting = refused;
  }
  return { activated, waiting: waiting.map(({ workflow, reason }) => ({ name: workflow.name, reason })) };
}

function startsItself({ nodes }: WorkflowJson): boolean {
  return nodes.some(({ type, disabled }) => STARTERS.has(type) && disabled !== true);
}
