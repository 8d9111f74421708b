import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { SHIPPED_URLS } from '../../importer/system-urls';
import type { LedgerStore, SyncScope } from '../../ledger/ledger-store';
import { openLedger } from '../../ledger/open-ledger';
import { CHECKOUT } from '../../tools/checkout';
import { freePort } from '../../tools/free-port';
import { importCredentials } from '../../tools/n8n-cli';
import { type N8n, type N8nOptions, startN8n } from '../../tools/n8n-host';
import { N8nRest, N8nRestError, readWorkflows, type WorkflowFile } from '../../tools/n8n-rest';
import { installPackage } from '../../tools/pack';
import { demoCredentials, newSecrets, type DemoLedger, type DemoSecrets } from '../credentials';
import type { BusinessSystem } from '../systems/business-system';
import { startCrm } from '../systems/crm';
import { startHelpdesk } from '../systems/helpdesk';
import type { JsonObject } from '../systems/json';
import { seedPair, type SeedPair } from '../systems/seed';
import { RECONCILE_NOW, reconcileNow } from './reconcile-now';

export type SystemName = 'crm' | 'support';
export const SCOPE: SyncScope = { sync: 'contacts', record_type: 'contact', source: 'crm', target: 'support' };

const logEntrySchema = z.object({
  n: z.number(),
  method: z.string(),
  path: z.string(),
  record_id: z.string().nullable(),
  status: z.number(),
  by: z.enum(['api', 'user']),
  changed: z.record(z.string(), z.tuple([z.unknown(), z.unknown()])),
  replayed: z.boolean(),
});
export type LogEntry = z.infer<typeof logEntrySchema>;
const deliveriesSchema = z.object({ pending: z.number() });
const stateSchema = z.object({ records: z.array(z.looseObject({ id: z.string(), deleted: z.boolean() })) });
export type SystemRecord = z.infer<typeof stateSchema>['records'][number];
const reviewsSchema = z.looseObject({ reviews: z.array(z.looseObject({ id: z.string(), record_key: z.string(), subject: z.string(), values: z.unknown() })) });

export const HEADER = 'X-Sync-Secret';
const RECORDS = 60;
const QUIET_MS = 700;
/** A write that a killed n8n left open is taken up when its lease is over; nobody wants to watch the shipped 120 s pass. */
const LEASE_SECONDS = 15;

/**
 * A kept connection that the server closed at the same moment fails before the request was carried out, and a busy n8n
 * answers 503 for a moment ("Database is not ready!"). Asking again is safe for what is only read or may run twice.
 */
export async function askAgain<T>(ask: () => Promise<T>, times = 30): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const isPassing = error instanceof TypeError || (error instanceof N8nRestError && error.status === 503);
    if (times <= 1 || !isPassing) throw error;
    await sleep(500);
    return await askAgain(ask, times - 1);
  }
}

export const writesOf = (entries: readonly LogEntry[]): readonly LogEntry[] => entries.filter(({ method, status, replayed }) => method !== 'GET' && status < 300 && !replayed);

/** Both systems, a real n8n with the packed package, and the ledger to look into. */
export class TourWorld {
  private readonly seen = { crm: 0, support: 0 };
  private ignoredUpTo = 0;
  /** How often something was waited for: a mirror that polls would have had to poll at least as often. */
  moments = 0;

  private constructor(
    readonly crm: BusinessSystem,
    readonly support: BusinessSystem,
    readonly seeds: SeedPair,
    readonly ledger: LedgerStore,
    private readonly secrets: DemoSecrets,
    private readonly options: N8nOptions,
    private n8n: N8n,
    private rest: N8nRest,
  ) {}

  static async start(store: DemoLedger): Promise<TourWorld> {
    const seeds = seedPair(1, RECORDS);
    const userFolder = await mkdtemp(join(tmpdir(), 'two-way-sync-tour-'));
    await installPackage(userFolder);
    const crm = await startCrm({ seedRecords: seeds.crm });
    const support = await startHelpdesk({ seedRecords: seeds.helpdesk });
    const options = { userFolder, port: await freePort(), logFile: join(userFolder, 'n8n.log') };
    const n8n = await startN8n(options);
    const rest = await N8nRest.login(n8n.url);
    const secrets = newSecrets();
    const credentials = join(userFolder, 'credentials.json');
    await writeFile(credentials, JSON.stringify(demoCredentials(secrets, store)), { mode: 0o600 });
    await importCredentials({ userFolder }, credentials);
    await rm(credentials);
    await rest.deploy([...(await shippedFor(crm.url, support.url)), RECONCILE_NOW]);
    crm.setWebhook({ url: `${n8n.url}/webhook/two-way-sync/crm`, header: HEADER, secret: secrets.crmWebhook });
    support.setWebhook({ url: `${n8n.url}/webhook/two-way-sync/support`, header: HEADER, secret: secrets.supportWebhook });
    const file = join(userFolder, '.n8n', 'two-way-sync', 'ledger.sqlite');
    const ledger = openLedger(store === null ? { kind: 'sqlite', file } : { kind: 'postgres', connectionString: store, schema: 'public' });
    return new TourWorld(crm, support, seeds, ledger, secrets, options, n8n, rest);
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

  private async admin(system: SystemName, method: 'GET' | 'POST' | 'PATCH', path: string, body?: object): Promise<unknown> {
    const send = (): Promise<Response> => fetch(`${this[system].url}${path}`, { method, ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) });
    const answer = await (method === 'GET' ? askAgain(send) : send());
    if (!answer.ok) throw new Error(`${method} ${path} of ${system}: ${answer.status} ${await answer.text()}`);
    return await answer.json();
  }

  /** A person edits a record on the system's page. */
  async edit(system: SystemName, id: string, changes: JsonObject): Promise<void> {
    await this.admin(system, 'POST', '/admin/users/edit', { id, changes });
  }

  async create(system: SystemName, fields: JsonObject): Promise<string> {
    return z.looseObject({ id: z.string() }).parse(await this.admin(system, 'POST', '/admin/users/create', { fields })).id;
  }

  async remove(system: SystemName, id: string): Promise<void> {
    await this.admin(system, 'POST', '/admin/users/delete', { id });
  }

  async malform(system: SystemName, id: string): Promise<void> {
    await this.admin(system, 'POST', '/admin/malform', { id });
  }

  async touchAll(system: SystemName): Promise<void> {
    await this.admin(system, 'POST', '/admin/touch-all', {});
  }

  async quirks(system: SystemName, quirks: object): Promise<void> {
    await this.admin(system, 'PATCH', '/admin/quirks', quirks);
  }

  async records(system: SystemName): Promise<readonly SystemRecord[]> {
    return stateSchema.parse(await this.admin(system, 'GET', '/admin/state')).records;
  }

  async record(system: SystemName, id: string): Promise<SystemRecord> {
    const found = (await this.records(system)).find((record) => record.id === id);
    if (found === undefined) throw new Error(`${system} has no record ${id}.`);
    return found;
  }

  private async log(system: SystemName, since: number): Promise<readonly LogEntry[]> {
    return z.array(logEntrySchema).parse(await this.admin(system, 'GET', `/admin/log?since=${since}`));
  }

  /** API requests since the last call for this system. */
  async takeRequests(system: SystemName): Promise<readonly LogEntry[]> {
    const entries = await this.log(system, this.seen[system]);
    this.seen[system] = Math.max(this.seen[system], ...entries.map(({ n }) => n));
    return entries.filter(({ by }) => by === 'api');
  }

  /** The same without taking them. */
  async writes(system: SystemName): Promise<readonly LogEntry[]> {
    return writesOf((await this.log(system, this.seen[system])).filter(({ by }) => by === 'api'));
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

  /** Nothing running in n8n, and nothing asked of or sent by the systems for a while. */
  async settled(limitMs = 120_000): Promise<void> {
    this.moments += 1;
    let last = '';
    let since = Date.now();
    await this.until('n8n and both systems come to rest', async () => {
      const counters = JSON.stringify([await this.admin('crm', 'GET', '/admin/counters'), await this.admin('support', 'GET', '/admin/counters')]);
      if (counters !== last || !(await this.isIdle())) {
        last = counters;
        since = Date.now();
      }
      return Date.now() - since >= QUIET_MS;
    }, limitMs);
  }

  private async isIdle(): Promise<boolean> {
    for (const system of ['crm', 'support'] as const) {
      if (deliveriesSchema.parse(await this.admin(system, 'GET', '/admin/deliveries')).pending > 0) return false;
    }
    const unfinished = ['new', 'running', 'waiting', 'unknown'];
    const executions = await askAgain(() => this.rest.executions({ limit: 50 }));
    return !executions.some(({ id, status }) => Number(id) > this.ignoredUpTo && unfinished.includes(status));
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
    const failed = executions.filter(({ id, status }) => status !== 'success' && Number(id) > this.ignoredUpTo);
    return await Promise.all(failed.map(async ({ workflowName, status, id }) => {
      const { error } = await askAgain(() => this.rest.execution(id));
      return `${workflowName ?? '?'} (${id}): ${status} at ${error?.node ?? '?'}: ${error?.message ?? 'no message'}`;
    }));
  }

  /** Like a power cut; what was running then never ends. */
  async killN8n(): Promise<void> {
    this.ignoredUpTo = Number((await this.rest.executions({ limit: 1 }))[0]?.id ?? 0);
    await this.n8n.kill();
  }

  async restartN8n(): Promise<void> {
    this.n8n = await startN8n(this.options);
    this.rest = await N8nRest.login(this.n8n.url);
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
export async function shippedFor(crm: string, support: string, leaseSeconds = LEASE_SECONDS, change = (text: string): string => text): Promise<readonly WorkflowFile[]> {
  const workflows = await readWorkflows(join(CHECKOUT, 'workflows'));
  const text = change(JSON.stringify(workflows))
    .replaceAll(SHIPPED_URLS.crm, crm)
    .replaceAll(SHIPPED_URLS.support, support)
    .replaceAll('"leaseSeconds":120', `"leaseSeconds":${leaseSeconds}`);
  return z.array(z.looseObject({ id: z.string(), name: z.string() })).parse(JSON.parse(text));
}
