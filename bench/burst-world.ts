/** Two demo systems that know the same people, a real n8n with the shipped workflows, and a sender of webhooks that is in a hurry. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { demoCredentials, newSecrets, type DemoLedger, type DemoSecrets } from '../demo/credentials';
import type { BusinessSystem } from '../demo/systems/business-system';
import { startCrm } from '../demo/systems/crm';
import { startHelpdesk } from '../demo/systems/helpdesk';
import type { JsonObject } from '../demo/systems/json';
import { RECONCILE_NOW, reconcileNow } from '../demo/tour/reconcile-now';
import { SHIPPED_URLS } from '../importer/system-urls';
import type { LedgerStore, SyncScope } from '../ledger/ledger-store';
import { openLedger } from '../ledger/open-ledger';
import { CHECKOUT } from '../tools/checkout';
import { freePort } from '../tools/free-port';
import { importCredentials } from '../tools/n8n-cli';
import { startN8n, type N8n, type N8nOptions } from '../tools/n8n-host';
import { N8nRest, readWorkflows, type WorkflowFile } from '../tools/n8n-rest';
import { installPackage } from '../tools/pack';

export const SCOPE: SyncScope = { sync: 'contacts', record_type: 'contact', source: 'crm', target: 'support' };
const HEADER = 'X-Sync-Secret';
/** As many connections as an eager sender keeps. */
const CONNECTIONS = 20;
const TOLD_TWICE_MS = 250;

const stateSchema = z.object({ records: z.array(z.looseObject({ id: z.string(), title: z.string().optional() })) });
const logSchema = z.array(z.object({ method: z.string(), record_id: z.string().nullable(), status: z.number(), by: z.string(), changed: z.record(z.string(), z.unknown()) }));
const workflowsSchema = z.array(z.looseObject({ id: z.string(), name: z.string() }));

const contactId = (number: number): string => String(10_000 + number);
export const ticketId = (number: number): string => `T-${10_000 + number}`;
const crmPerson = (number: number): JsonObject => ({
  id: contactId(number), first_name: 'Ann', last_name: `Lee ${number}`, email: `person${number}@example.org`, phone: '+493012345601', company: 'Nordwind GmbH', job_title: 'Buyer', city: 'Berlin', zip: '10115', country: 'DE',
  language: 'de', priority: '3', status: 'active', tags: ['vip'], newsletter: true, created_at: '2025-01-01T00:00:00.000Z', updated_at: '2025-01-01T00:00:00.000Z',
});
const ticketOf = (number: number): JsonObject => ({
  id: ticketId(number), requester: { first_name: 'Ann', last_name: `Lee ${number}`, email: `person${number}@example.org`, phone: '+493012345601' }, organization: 'Nordwind GmbH', title: 'Buyer',
  address: { city: 'Berlin', postal_code: '10115', country: 'DE' }, locale: 'de', priority: 'normal', status: 'open', tags: ['vip'], subscribed: true, created_at: '2025-01-01T00:00:00.000Z', updated_at: '2025-01-01T00:00:00.000Z',
});

export type Way = 'direct' | 'drain';
const pathOf = (system: 'crm' | 'support', way: Way): string => `/webhook/two-way-sync/${system}${way === 'drain' ? '/hints' : ''}`;

export interface BurstOptions {
  readonly people: number;
  readonly ledger: DemoLedger;
  /** What a person has changed in the shipped workflows, as text. */
  readonly change?: (text: string) => string;
}

export class BurstWorld {
  private constructor(
    readonly crm: BusinessSystem,
    readonly support: BusinessSystem,
    readonly ledger: LedgerStore,
    private readonly secrets: DemoSecrets,
    private readonly options: N8nOptions,
    private n8n: N8n,
  ) {}

  static async start({ people, ledger: store, change = (text) => text }: BurstOptions): Promise<BurstWorld> {
    const userFolder = await mkdtemp(join(tmpdir(), 'two-way-sync-burst-'));
    await installPackage(userFolder);
    const numbers = Array.from({ length: people }, (_, index) => index + 1);
    const crm = await startCrm({ seedRecords: numbers.map(crmPerson) });
    const support = await startHelpdesk({ seedRecords: numbers.map(ticketOf) });
    const secrets = newSecrets();
    const options = { userFolder, port: await freePort(), logFile: join(userFolder, 'n8n.log') };
    const n8n = await startN8n(options);
    const credentials = join(userFolder, 'credentials.json');
    await writeFile(credentials, JSON.stringify(demoCredentials(secrets, store)), { mode: 0o600 });
    await importCredentials({ userFolder }, credentials);
    await rm(credentials);
    const text = change(JSON.stringify(await readWorkflows(join(CHECKOUT, 'workflows')))).replaceAll(SHIPPED_URLS.crm, crm.url).replaceAll(SHIPPED_URLS.support, support.url);
    const rest = await N8nRest.login(n8n.url);
    const workflows: readonly WorkflowFile[] = workflowsSchema.parse(JSON.parse(text));
    await rest.deploy([...workflows, RECONCILE_NOW]);
    const file = join(userFolder, '.n8n', 'two-way-sync', 'ledger.sqlite');
    const ledger = openLedger(store === null ? { kind: 'sqlite', file } : { kind: 'postgres', connectionString: store, schema: 'public' });
    const world = new BurstWorld(crm, support, ledger, secrets, options, n8n);
    await world.firstSync(people);
    return world;
  }

  async close(): Promise<void> {
    await this.ledger.close();
    await this.n8n.kill();
    await Promise.all([this.crm.close(), this.support.close()]);
    await rm(this.options.userFolder, { recursive: true, force: true, maxRetries: 3 });
  }

  get logFile(): string {
    return this.options.logFile;
  }

  private async firstSync(people: number): Promise<void> {
    await fetch(`${this.n8n.url}/webhook/${reconcileNow.path}`, { method: 'POST', headers: { 'content-type': 'application/json', [HEADER]: this.secrets.crmWebhook }, body: JSON.stringify({ mode: 'full', dry_run: false }) });
    await this.until('everybody is linked', async () => (await this.ledger.missing(SCOPE, 'support', ['nobody'])).length === people);
  }

  /** From now on both systems tell n8n about every change by this way; null: nobody tells. */
  listen(way: Way | null): void {
    for (const system of ['crm', 'support'] as const) {
      this[system].setWebhook(way === null ? null : { url: `${this.n8n.url}${pathOf(system, way)}`, header: HEADER, secret: system === 'crm' ? this.secrets.crmWebhook : this.secrets.supportWebhook });
    }
  }

  /** People edit these contacts. Their own webhooks are the caller's to send. */
  async edit(numbers: readonly number[], job_title: string): Promise<void> {
    for (const number of numbers) {
      const answer = await fetch(`${this.crm.url}/admin/users/edit`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ id: contactId(number), changes: { job_title } }) });
      if (!answer.ok) throw new Error(`The CRM refused an edit: ${answer.status} ${await answer.text()}`);
    }
  }

  /** One webhook for each of `numbers`, as fast as n8n takes them. Those it did not accept come back. */
  async tell(way: Way, numbers: readonly number[]): Promise<readonly number[]> {
    const waiting = [...numbers];
    const refused: number[] = [];
    const send = async (): Promise<void> => {
      for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
        const body = JSON.stringify({ events: [{ id: contactId(number), type: 'updated' }] });
        const answer = await fetch(`${this.n8n.url}${pathOf('crm', way)}`, { method: 'POST', headers: { 'content-type': 'application/json', [HEADER]: this.secrets.crmWebhook }, body }).catch(() => null);
        await answer?.arrayBuffer();
        if (answer?.status !== 202) refused.push(number);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, send));
    return refused;
  }

  /** How many tickets hold this title. */
  async arrived(title: string): Promise<number> {
    const answer = await fetch(`${this.support.url}/admin/state`);
    return stateSchema.parse(await answer.json()).records.filter((record) => record.title === title).length;
  }

  /** Successful writes to tickets that changed the title, by ticket. */
  async titleWrites(): Promise<ReadonlyMap<string, number>> {
    const answer = await fetch(`${this.support.url}/admin/log?since=0`);
    const writes = new Map<string, number>();
    for (const { by, method, status, record_id, changed } of logSchema.parse(await answer.json())) {
      if (by === 'api' && method === 'PATCH' && status < 300 && record_id !== null && 'title' in changed) writes.set(record_id, (writes.get(record_id) ?? 0) + 1);
    }
    return writes;
  }

  async waitingHints(): Promise<number> {
    return (await this.ledger.pending(SCOPE, 100_000)).hints.length;
  }

  /** @returns seconds. */
  async until(what: string, holds: () => Promise<boolean>, limit_seconds = 600): Promise<number> {
    const started = performance.now();
    while (!(await holds())) {
      if (performance.now() - started > limit_seconds * 1000) throw new Error(`Not within ${limit_seconds} s: ${what} (${this.logFile})`);
      await sleep(TOLD_TWICE_MS);
    }
    return (performance.now() - started) / 1000;
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    await this.n8n.kill();
  }

  async restart(): Promise<void> {
    this.n8n = await startN8n(this.options);
  }
}
