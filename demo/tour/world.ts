import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { SHIPPED_URLS } from '../../importer/system-urls';
import type { LedgerStore, SyncScope } from '../../ledger/ledger-store';
import { openLedger } from '../../ledger/open-ledger';
import { CHECKOUT } from '../../tools/checkout';
import { filesWith } from '../../tools/files-with';
import { freePort } from '../../tools/free-port';
import { importCredentials } from '../../tools/n8n-cli';
import { type N8n, type N8nOptions, startN8n } from '../../tools/n8n-host';
import type { ExecutionSummary } from '../../tools/n8n-execution';
import { N8nRest, readWorkflows, type WorkflowFile } from '../../tools/n8n-rest';
import { installPackage } from '../../tools/pack';
import { demoCredentials, newSecrets, type DemoLedger, type DemoSecrets } from '../credentials';
import type { JsonObject } from '../systems/json';
import { seedPair, type SeedPair } from '../systems/seed';
import { askAgain, BothSystems, HEADER, type LogEntry, type SystemName, webhookPath, writesOf } from './both-systems';
import { RECONCILE_NOW, reconcileNow } from './reconcile-now';

export const SCOPE: SyncScope = { sync: 'contacts', record_type: 'contact', source: 'crm', target: 'support' };

const reviewsSchema = z.looseObject({ reviews: z.array(z.looseObject({ id: z.string(), record_key: z.string(), subject: z.string(), values: z.unknown() })) });

const PEOPLE = 60;
const QUIET_MS = 700;
const UNFINISHED: ReadonlySet<ExecutionSummary['status']> = new Set(['new', 'running', 'waiting', 'unknown']);
const CUT_OFF: ReadonlySet<ExecutionSummary['status']> = new Set([...UNFINISHED, 'crashed']);
/** A write that a killed n8n left open is taken up when its lease is over; nobody wants to watch the shipped 120 s pass. */
const LEASE_SECONDS = 15;

export interface TourOptions {
  /** How many both systems hold at first. */
  readonly people?: number;
  /** What else a person has changed in the shipped workflows, as text. */
  readonly change?: (text: string) => string;
}

/** Both systems, a real n8n with the packed package, and the ledger to look into. */
export class TourWorld {
  private readonly seen = { crm: 0, support: 0 };
  private killedAt = 0;
  /** How often something was waited for: a mirror that polls would have had to poll at least as often. */
  moments = 0;

  private constructor(
    readonly systems: BothSystems,
    readonly seeds: SeedPair,
    readonly ledger: LedgerStore,
    private readonly secrets: DemoSecrets,
    private readonly options: N8nOptions,
    private n8n: N8n,
    private rest: N8nRest,
  ) {}

  static async start(store: DemoLedger, { people = PEOPLE, change }: TourOptions = {}): Promise<TourWorld> {
    const seeds = seedPair(1, people);
    const userFolder = await mkdtemp(join(tmpdir(), 'two-way-sync-tour-'));
    await installPackage(userFolder);
    const systems = await BothSystems.start({ crm: seeds.crm, support: seeds.helpdesk });
    const options = { userFolder, port: await freePort(), logFile: join(userFolder, 'n8n.log') };
    const n8n = await startN8n(options);
    const rest = await N8nRest.login(n8n.url);
    const secrets = newSecrets();
    const credentials = join(userFolder, 'credentials.json');
    await writeFile(credentials, JSON.stringify(demoCredentials(secrets, store)), { mode: 0o600 });
    await importCredentials({ userFolder }, credentials);
    await rm(credentials);
    await rest.deploy([...(await shippedFor(systems.urls, LEASE_SECONDS, change)), RECONCILE_NOW]);
    systems.tell(n8n.url, secrets);
    const file = join(userFolder, '.n8n', 'two-way-sync', 'ledger.sqlite');
    const ledger = openLedger(store === null ? { kind: 'sqlite', file } : { kind: 'postgres', connectionString: store, schema: 'public' });
    return new TourWorld(systems, seeds, ledger, secrets, options, n8n, rest);
  }

  async close(): Promise<void> {
    await this.ledger.close();
    await this.n8n.kill();
    await this.systems.close();
    await rm(this.options.userFolder, { recursive: true, force: true, maxRetries: 3 });
  }

  get logFile(): string {
    return this.options.logFile;
  }

  /** Where n8n kept what the senders of webhooks proved themselves with. */
  async keptSecrets(): Promise<readonly string[]> {
    const { crmWebhook, supportWebhook, reviewPassword } = this.secrets;
    const texts = [crmWebhook, supportWebhook, reviewPassword, btoa(`reviewer:${reviewPassword}`)];
    return (await Promise.all(texts.map((text) => filesWith(this.options.userFolder, text)))).flat();
  }

  /** API requests since the last call for this system. */
  async takeRequests(system: SystemName): Promise<readonly LogEntry[]> {
    const entries = await this.systems.log(system, this.seen[system]);
    this.seen[system] = Math.max(this.seen[system], ...entries.map(({ n }) => n));
    return entries.filter(({ by }) => by === 'api');
  }

  /** The same without taking them. */
  async writes(system: SystemName): Promise<readonly LogEntry[]> {
    return writesOf(await this.systems.log(system, this.seen[system]));
  }

  /** Waits for one thing to become true; returns the milliseconds it took. */
  async until(what: string, holds: () => Promise<boolean>, limitMs = 30_000): Promise<number> {
    const started = Date.now();
    while (!(await holds())) {
      if (Date.now() - started > limitMs) throw new Error(`Not within ${limitMs} ms: ${what}`);
      await sleep(50);
    }
    return Date.now() - started;
  }

  /** One delivery, as this system would send it; with other headers, as somebody else would. */
  async deliver(system: SystemName, events: readonly JsonObject[], headers: Readonly<Record<string, string>> = { [HEADER]: this.secrets[`${system}Webhook`] }): Promise<Response> {
    return await fetch(`${this.n8n.url}${webhookPath(system, 'direct')}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ events }) });
  }

  /** Nothing running in n8n, and nothing asked of or sent by the systems for a while. */
  async settled(limitMs = 120_000, quietMs = QUIET_MS): Promise<void> {
    this.moments += 1;
    let last = '';
    let since = Date.now();
    await this.until('n8n and both systems come to rest', async () => {
      // What a slow n8n answers is as old as the question: a webhook that was held back meanwhile is no quiet.
      const asked = Date.now();
      const counters = await this.systems.counters();
      if (counters !== last || !(await this.isIdle())) {
        last = counters;
        since = Date.now();
      }
      return asked - since >= quietMs;
    }, limitMs);
  }

  private async isIdle(): Promise<boolean> {
    if ((await this.systems.deliveries()) > 0) return false;
    const executions = await askAgain(() => this.rest.executions({ limit: 50 }));
    return !executions.some((execution) => UNFINISHED.has(execution.status) && !this.wasCutOff(execution));
  }

  /** Runs Sync - Reconcile to its end and returns what its node "Preview" put out, if it ran. */
  async reconcile(dryRun: boolean): Promise<Readonly<Record<string, unknown>> | undefined> {
    const before = await this.newestReconcile();
    const answer = await askAgain(() => fetch(`${this.n8n.url}/webhook/${reconcileNow.path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [HEADER]: this.secrets.crmWebhook },
      body: JSON.stringify({ mode: 'full', dry_run: dryRun }),
    }));
    if (!answer.ok) throw new Error(`Reconcile could not be started: ${answer.status} ${await answer.text()}`);
    await this.settled(300_000);
    const newest = await this.newestReconcile();
    if (newest === before) throw new Error('Reconcile was called and did not run.');
    const execution = await askAgain(() => this.rest.execution(newest));
    if (execution.status !== 'success') throw new Error(`Reconcile ended with ${execution.status}: ${execution.error?.node ?? ''}: ${execution.error?.message ?? ''}`);
    return execution.runs.get('Preview')?.at(-1)?.[0]?.[0];
  }

  private async newestReconcile(): Promise<string> {
    return (await askAgain(() => this.rest.executions({ workflowId: 'twsReconcile', limit: 1 })))[0]?.id ?? '0';
  }

  async failedExecutions(): Promise<readonly string[]> {
    const executions = await this.rest.executions({ limit: 100 });
    const failed = executions.filter((execution) => execution.status !== 'success' && !this.wasCutOff(execution));
    return await Promise.all(failed.map(async ({ workflowName, status, id }) => {
      const { error } = await askAgain(() => this.rest.execution(id));
      return `${workflowName ?? '?'} (${id}): ${status} at ${error?.node ?? '?'}: ${error?.message ?? 'no message'}`;
    }));
  }

  /** Like a power cut; what was running then never ends. */
  async killN8n(): Promise<void> {
    await this.n8n.kill();
    this.killedAt = Date.now();
  }

  async restartN8n(): Promise<void> {
    this.n8n = await startN8n(this.options);
    this.rest = await N8nRest.login(this.n8n.url);
  }

  /** Whether an execution was cut off when n8n was killed, also one that began in its last moment, which no list taken before would show. */
  private wasCutOff({ startedAt, status }: ExecutionSummary): boolean {
    return CUT_OFF.has(status) && startedAt !== null && startedAt !== undefined && Date.parse(startedAt) <= this.killedAt;
  }

  private review(init: RequestInit): Promise<Response> {
    const authorization = `Basic ${btoa(`reviewer:${this.secrets.reviewPassword}`)}`;
    return fetch(`${this.n8n.url}/webhook/two-way-sync/review`, { ...init, headers: { authorization, accept: 'application/json', 'content-type': 'application/json' } });
  }

  /** A person decides one question on the review page. */
  async decide(recordKey: string, decision: JsonObject): Promise<void> {
    const { reviews } = reviewsSchema.parse(await (await this.review({})).json());
    const question = reviews.find(({ record_key: key }) => key === recordKey);
    if (question === undefined) throw new Error(`The review page shows no question about ${recordKey}.`);
    const answer = await this.review({ method: 'POST', body: JSON.stringify({ decisions: [{ review_id: question.id, shown: question.values, decision }] }) });
    if (!answer.ok) throw new Error(`The decision was answered ${answer.status}: ${await answer.text()}`);
  }

  async openReviews(): Promise<readonly { readonly record_key: string; readonly kind: string; readonly subject: string }[]> {
    return (await this.ledger.reviews(SCOPE, { limit: 1000, offset: 0, id: null })).items.filter(({ status }) => status === 'open');
  }
}

/**
 * The shipped workflows for two systems at these addresses, with a lease short enough to wait for its end.
 * @param change what else a person has changed in them, as text
 */
export async function shippedFor(urls: Readonly<Record<SystemName, string>>, leaseSeconds = LEASE_SECONDS, change = (text: string): string => text): Promise<readonly WorkflowFile[]> {
  const workflows = await readWorkflows(join(CHECKOUT, 'workflows'));
  const text = change(JSON.stringify(workflows))
    .replaceAll(SHIPPED_URLS.crm, urls.crm)
    .replaceAll(SHIPPED_URLS.support, urls.support)
    .replaceAll('"leaseSeconds":120', `"leaseSeconds":${leaseSeconds}`);
  return z.array(z.looseObject({ id: z.string(), name: z.string() })).parse(JSON.parse(text));
}
