/** Two demo systems that know the same people, a real n8n with the shipped workflows, and a sender of webhooks that is in a hurry. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { demoCredentials, newSecrets, type DemoLedger, type DemoSecrets } from '../demo/credentials';
import type { JsonObject } from '../demo/systems/json';
import { BothSystems, HEADER, type Way, webhookPath, writesOf } from '../demo/tour/both-systems';
import { deployWithCredentials } from '../demo/tour/deploy';
import { RECONCILE_NOW, reconcileNow } from '../demo/tour/reconcile-now';
import { SCOPE, shippedFor } from '../demo/tour/world';
import type { LedgerStore } from '../ledger/ledger-store';
import { openLedger } from '../ledger/open-ledger';
import { freePort } from '../tools/free-port';
import { startN8n, type N8n, type N8nOptions } from '../tools/n8n-host';
import { N8nRest } from '../tools/n8n-rest';
import { installPackage } from '../tools/pack';

/** As many connections as an eager sender keeps. */
const CONNECTIONS = 20;
const TOLD_TWICE_MS = 250;

/** What README says to set where bursts come: else n8n starts an expression engine for each delivery to a node that is not its own Webhook. */
const SETTINGS = { N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' };

/** What is measured is what is shipped. */
const SHIPPED_LEASE_SECONDS = 120;

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

export interface BurstOptions {
  readonly people: number;
  readonly ledger: DemoLedger;
  /** What a person has changed in the shipped workflows, as text. */
  readonly change?: (text: string) => string;
}

export class BurstWorld {
  private constructor(
    private readonly systems: BothSystems,
    private readonly ledger: LedgerStore,
    private readonly secrets: DemoSecrets,
    private readonly options: N8nOptions,
    private n8n: N8n,
  ) {}

  static async start({ people, ledger: store, change }: BurstOptions): Promise<BurstWorld> {
    const userFolder = await mkdtemp(join(tmpdir(), 'two-way-sync-burst-'));
    await installPackage(userFolder);
    const numbers = Array.from({ length: people }, (_, index) => index + 1);
    const systems = await BothSystems.start({ crm: numbers.map(crmPerson), support: numbers.map(ticketOf) });
    const secrets = newSecrets();
    const options = { userFolder, port: await freePort(), logFile: join(userFolder, 'n8n.log'), env: SETTINGS };
    const n8n = await startN8n(options);
    const workflows = await shippedFor(systems.urls, SHIPPED_LEASE_SECONDS, change);
    await deployWithCredentials(await N8nRest.login(n8n.url), [...workflows, RECONCILE_NOW], demoCredentials(secrets, store));
    const file = join(userFolder, '.n8n', 'two-way-sync', 'ledger.sqlite');
    const ledger = openLedger(store === null ? { kind: 'sqlite', file } : { kind: 'postgres', connectionString: store, schema: 'public' });
    const world = new BurstWorld(systems, ledger, secrets, options, n8n);
    await world.firstSync(people);
    return world;
  }

  async close(): Promise<void> {
    await this.ledger.close();
    await this.n8n.kill();
    await this.systems.close();
    await rm(this.options.userFolder, { recursive: true, force: true, maxRetries: 3 });
  }

  private post(path: string, body: object): Promise<Response> {
    return fetch(`${this.n8n.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', [HEADER]: this.secrets.crmWebhook }, body: JSON.stringify(body) });
  }

  private async firstSync(people: number): Promise<void> {
    await this.post(`/webhook/${reconcileNow.path}`, { mode: 'full', dry_run: false });
    await this.until('everybody is linked', async () => (await this.ledger.missing(SCOPE, 'support', ['nobody'])).length === people);
  }

  /** From now on both systems tell n8n about every change by this way; null: nobody tells. */
  listen(way: Way | null): void {
    if (way === null) this.systems.keepQuiet();
    else this.systems.tell(this.n8n.url, this.secrets, { way });
  }

  /** People edit these contacts. Their own webhooks are the caller's to send. */
  async edit(numbers: readonly number[], job_title: string): Promise<void> {
    for (const number of numbers) await this.systems.edit('crm', contactId(number), { job_title });
  }

  /** One webhook for each of `numbers`, as fast as n8n takes them. Those it did not accept come back. */
  async tell(way: Way, numbers: readonly number[]): Promise<readonly number[]> {
    const waiting = [...numbers];
    const refused: number[] = [];
    const send = async (): Promise<void> => {
      for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
        const answer = await this.post(webhookPath('crm', way), { events: [{ id: contactId(number), type: 'updated' }] }).catch(() => null);
        await answer?.arrayBuffer();
        if (answer?.status !== 202) refused.push(number);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, send));
    return refused;
  }

  /** How many tickets hold this title. */
  async arrived(title: string): Promise<number> {
    return (await this.systems.records('support')).filter((record) => record['title'] === title).length;
  }

  /** Writes to tickets that changed the title, by ticket. */
  async titleWrites(): Promise<ReadonlyMap<string, number>> {
    const writes = new Map<string, number>();
    for (const { record_id, changed } of writesOf(await this.systems.log('support'))) {
      if (record_id !== null && 'title' in changed) writes.set(record_id, (writes.get(record_id) ?? 0) + 1);
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
      if (performance.now() - started > limit_seconds * 1000) throw new Error(`Not within ${limit_seconds} s: ${what} (${this.options.logFile})`);
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
