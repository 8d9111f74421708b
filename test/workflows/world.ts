import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';
import { z } from 'zod';
import type { BusinessSystem } from '../../demo/systems/business-system';
import { startCrm } from '../../demo/systems/crm';
import { startHelpdesk } from '../../demo/systems/helpdesk';
import type { JsonObject } from '../../demo/systems/json';
import type { LedgerStore } from '../../ledger/ledger-store';
import { openLedger } from '../../ledger/open-ledger';
import type { CredentialMap } from '../support/fixed-credentials';
import { runWorkflow, type WorkflowJson, type WorkflowRun } from '../support/engine';
import { ID } from '../../tools/templates/names';
import { shippedWorkflows } from './shipped';

const createdSchema = z.looseObject({ id: z.string() });
const pageSchema = z.looseObject({ html: z.string(), total: z.number(), reviews: z.array(z.looseObject({ id: z.string(), values: z.record(z.string(), z.unknown()) })), holds: z.array(z.looseObject({ id: z.string(), guard: z.string(), counted: z.number(), reason: z.string() })) });
const pinSchema = z.looseObject({ pinData: z.record(z.string(), z.array(z.object({ json: z.record(z.string(), z.unknown()) }))) });

export interface LogEntry {
  readonly method: string;
  readonly path: string;
  readonly record_id: string | null;
  readonly status: number;
  readonly by: string;
  readonly changed: Readonly<Record<string, readonly [from: unknown, to: unknown]>>;
  readonly if_match: string | null;
  readonly idempotency_key: string | null;
}

/** Both demo systems, an empty ledger, and the shipped workflows in n8n's engine. */
export class World {
  private ledgerFile: string;

  private constructor(
    readonly crm: BusinessSystem,
    readonly support: BusinessSystem,
    private readonly folder: string,
    private workflows: ReadonlyMap<string, WorkflowJson>,
  ) {
    this.ledgerFile = join(folder, 'ledger.sqlite');
  }

  static async start(seeds: { readonly crm?: readonly JsonObject[]; readonly support?: readonly JsonObject[] } = {}): Promise<World> {
    const crm = await startCrm(seeds.crm === undefined ? {} : { seedRecords: seeds.crm });
    const support = await startHelpdesk(seeds.support === undefined ? {} : { seedRecords: seeds.support });
    return new World(crm, support, mkdtempSync(join(tmpdir(), 'two-way-sync-world-')), shippedWorkflows({ crm: crm.url, support: support.url }));
  }

  async close(): Promise<void> {
    await Promise.all([this.crm.close(), this.support.close()]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  get credentials(): CredentialMap {
    return new Map<string, ICredentialDataDecryptedObject>([
      ['twsLedger', { store: 'sqlite', file: this.ledgerFile }],
      ['twsCrmApi', { token: this.crm.apiToken }],
      ['twsSupportApi', { token: this.support.apiToken }],
    ]);
  }

  /** @param change what a person has changed in the workflow, as text. */
  async run(id: string, startNode: string, items: readonly IDataObject[], change = (text: string): string => text): Promise<WorkflowRun> {
    const workflow = this.workflows.get(id);
    if (workflow === undefined) throw new Error(`No workflow ${id} is shipped.`);
    return await runWorkflow(JSON.parse(change(JSON.stringify(workflow))) as WorkflowJson, { startNode, inputItems: items, credentials: this.credentials, subWorkflows: this.workflows });
  }

  /** A delivery as the system's webhook makes it. */
  async deliver(system: 'crm' | 'support', ...ids: readonly string[]): Promise<WorkflowRun> {
    const title = system === 'crm' ? 'CRM' : 'Support';
    const body = { event_id: 'evt', events: ids.map((id) => ({ id, type: 'updated', record: { id }, hint: 'not ours', verdict: { read: [] } })) };
    return await this.run(system === 'crm' ? ID.crmToSupport : ID.supportToCrm, `Receive ${title} change`, [{ body, headers: {}, query: {}, user: null }]);
  }

  /** The ledger as another process sees it. */
  async onLedger<T>(work: (store: LedgerStore) => Promise<T>): Promise<T> {
    const store = openLedger({ kind: 'sqlite', file: this.ledgerFile });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  }

  async reconcile(mode: 'full' | 'incremental' | 'rebaseline', dry_run = false): Promise<WorkflowRun> {
    return await this.run(ID.reconcile, 'When called by another workflow', [{ mode, dry_run }]);
  }

  async edit(system: 'crm' | 'support', id: string, changes: JsonObject): Promise<void> {
    await this.admin(system, '/admin/users/edit', { id, changes });
  }

  async admin(system: 'crm' | 'support', path: string, body: unknown): Promise<unknown> {
    const response = await fetch(`${this[system].url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return await response.json();
  }

  async create(system: 'crm' | 'support', fields: JsonObject): Promise<{ readonly id: string }> {
    return createdSchema.parse(await this.admin(system, '/admin/users/create', { fields }));
  }

  async quirks(system: 'crm' | 'support', quirks: object): Promise<void> {
    await fetch(`${this[system].url}/admin/quirks`, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify(quirks) });
  }

  /** From here on a person has changed the workflow, as text. */
  changeWorkflow(id: string, change: (text: string) => string): void {
    const [before, after] = [JSON.stringify(this.workflows.get(id)), change(JSON.stringify(this.workflows.get(id)))];
    if (before === after) throw new Error(`Nothing changed in ${id}.`);
    this.workflows = new Map([...this.workflows, [id, JSON.parse(after) as WorkflowJson]]);
  }

  /** From here on the ledger is an empty one. */
  loseLedger(): void {
    this.ledgerFile = join(this.folder, 'empty.sqlite');
  }

  /** From here on the ledger cannot be opened. */
  breakLedger(): void {
    this.ledgerFile = join(this.folder, 'missing', '\0', 'ledger.sqlite');
  }

  /** The review page as a browser gets it. */
  async reviewPage(): Promise<z.infer<typeof pageSchema>> {
    const run = await this.run(ID.decide, 'Open the review page', [{ body: {}, headers: {}, query: {}, user: 'ann@example.org' }]);
    const error = errorOf(run);
    if (error !== undefined) throw error;
    return pageSchema.parse(itemsOf(run, 'Show open questions')[0]);
  }

  async pendingNotes(): Promise<number> {
    return itemsOf(await this.reconcile('incremental'), 'List unfinished work').length;
  }

  /** Runs a workflow from its pinned trigger; pinned nodes give what is pinned. */
  async executeSample(id: string): Promise<WorkflowRun> {
    const workflow = this.workflows.get(id);
    const pinned = pinSchema.parse(workflow).pinData;
    const trigger = workflow?.nodes.find(({ name, type }) => name in pinned && type.endsWith('Trigger'))?.name;
    if (workflow === undefined || trigger === undefined) throw new Error(`${id} has no sample.`);
    const samples = new Map(Object.entries(pinned).map(([node, items]) => [node, items.map(({ json }) => json as IDataObject)]));
    const inputItems = samples.get(trigger) ?? [];
    samples.delete(trigger);
    return await runWorkflow(workflow, { startNode: trigger, inputItems, pinData: Object.fromEntries(samples), credentials: this.credentials, subWorkflows: this.workflows });
  }

  async record(system: 'crm' | 'support', id: string): Promise<Record<string, unknown>> {
    const response = await fetch(`${this[system].collectionUrl}/${id}`, { headers: { authorization: `Bearer ${this[system].apiToken}` } });
    return (await response.json()) as Record<string, unknown>;
  }

  /** API requests since the last call of this method for the system. */
  async requests(system: 'crm' | 'support'): Promise<readonly LogEntry[]> {
    const response = await fetch(`${this[system].url}/admin/log?since=${this.seen[system]}`);
    const entries = (await response.json()) as readonly (LogEntry & { readonly n: number })[];
    this.seen[system] = Math.max(this.seen[system], ...entries.map(({ n }) => n));
    return entries.filter(({ by }) => by === 'api');
  }

  private readonly seen = { crm: 0, support: 0 };
}

export const writesOf = (requests: readonly LogEntry[]): readonly LogEntry[] => requests.filter(({ method }) => method !== 'GET');

/** The first error anywhere in a run, sub-workflows included: a run that failed must not look like one that found nothing. */
export function errorOf(run: WorkflowRun): Error | undefined {
  return run.error ?? run.subRuns.map((sub) => sub.run.error).find((error) => error !== undefined);
}

/** What a node put out on its first output, over all its runs. */
export const itemsOf = (run: WorkflowRun, node: string): readonly IDataObject[] => (run.byNode.get(node)?.[0] ?? []).map(({ json }) => json);
