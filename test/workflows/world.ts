import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';
import type { BusinessSystem } from '../../demo/systems/business-system';
import { startCrm } from '../../demo/systems/crm';
import { startHelpdesk } from '../../demo/systems/helpdesk';
import type { JsonObject } from '../../demo/systems/json';
import type { CredentialMap } from '../support/fixed-credentials';
import { runWorkflow, type WorkflowJson, type WorkflowRun } from '../support/engine';
import { ID } from '../../tools/templates/names';
import { shippedWorkflows } from './shipped';

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
  private constructor(
    readonly crm: BusinessSystem,
    readonly support: BusinessSystem,
    private readonly folder: string,
    private readonly workflows: ReadonlyMap<string, WorkflowJson>,
  ) {}

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
      ['twsLedger', { store: 'sqlite', file: join(this.folder, 'ledger.sqlite') }],
      ['twsCrmApi', { token: this.crm.apiToken }],
      ['twsSupportApi', { token: this.support.apiToken }],
    ]);
  }

  async run(id: string, startNode: string, items: readonly IDataObject[]): Promise<WorkflowRun> {
    const workflow = this.workflows.get(id);
    if (workflow === undefined) throw new Error(`No workflow ${id} is shipped.`);
    return await runWorkflow(workflow, { startNode, inputItems: items, credentials: this.credentials, subWorkflows: this.workflows });
  }

  /** A delivery as the system's webhook makes it. */
  async deliver(system: 'crm' | 'support', ...ids: readonly string[]): Promise<WorkflowRun> {
    const title = system === 'crm' ? 'CRM' : 'Support';
    const body = { event_id: 'evt', events: ids.map((id) => ({ id, type: 'updated', record: { id }, hint: 'not ours', verdict: { read: [] } })) };
    return await this.run(system === 'crm' ? ID.crmToSupport : ID.supportToCrm, `Receive ${title} change`, [{ body, headers: {}, query: {}, params: {} }]);
  }

  async reconcile(mode: 'full' | 'incremental', dry_run = false): Promise<WorkflowRun> {
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
