import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { z } from 'zod';
import { demoCredentials, newSecrets, type DemoSecrets } from '../../../demo/credentials';
import type { BusinessSystem } from '../../../demo/systems/business-system';
import { startCrm } from '../../../demo/systems/crm';
import { startHelpdesk } from '../../../demo/systems/helpdesk';
import type { JsonObject } from '../../../demo/systems/json';
import { seedPair, type SeedPair } from '../../../demo/systems/seed';
import { RECONCILE_NOW, reconcileNow } from '../../../demo/tour/reconcile-now';
import { askAgain, HEADER, shippedFor } from '../../../demo/tour/world';
import type { LedgerStore } from '../../../ledger/ledger-store';
import { openLedger } from '../../../ledger/open-ledger';
import { importCredentials } from '../../../tools/n8n-cli';
import { type QueueModeN8n, startQueueModeN8n } from '../../../tools/n8n-queue';
import { N8nRest } from '../../../tools/n8n-rest';
import { installPackage } from '../../../tools/pack';
import { type PostgresServer, startPostgres } from '../../../tools/postgres';
import { type RedisServer, startRedis } from '../../../tools/redis';
import { type Side, SIDES } from './synced-fields';

const logEntrySchema = z.object({
  n: z.number(),
  at: z.string(),
  method: z.string(),
  path: z.string(),
  record_id: z.string().nullable(),
  status: z.number(),
  by: z.enum(['api', 'user']),
  changed: z.record(z.string(), z.tuple([z.unknown(), z.unknown()])),
  idempotency_key: z.string().nullable(),
  if_match: z.string().nullable(),
  replayed: z.boolean(),
});
export type LogEntry = z.infer<typeof logEntrySchema>;
const stateSchema = z.object({ records: z.array(z.looseObject({ id: z.string(), deleted: z.boolean() })) });
export type SystemRecord = z.infer<typeof stateSchema>['records'][number];
const pendingSchema = z.object({ pending: z.number() });

/** Reorders up to 300 ms, and n8n passes work on in between: rest is when nothing has moved for longer. */
const QUIET_MS = 1500;

export const isApiWrite = ({ by, method, status, replayed }: LogEntry): boolean => by === 'api' && method !== 'GET' && status < 300 && !replayed;

/** Both systems on one clock that never shows a time twice: their logs together are one history. */
function sharedClock(): () => number {
  let last = 0;
  return () => (last = Math.max(last + 1, Date.now()));
}

/** Two business systems with their people, and an n8n of several processes that keeps them in step. */
export class StormWorld {
  private constructor(
    private readonly systems: Readonly<Record<Side, BusinessSystem>>,
    readonly seeds: SeedPair,
    readonly n8n: QueueModeN8n,
    readonly ledger: LedgerStore,
    private readonly secrets: DemoSecrets,
    private readonly postgres: PostgresServer,
    private readonly redis: RedisServer,
  ) {}

  static async start(seed: number, records: number): Promise<StormWorld> {
    const seeds = seedPair(seed, records);
    const clock = sharedClock();
    const crm = await startCrm({ seedRecords: seeds.crm, clock });
    const support = await startHelpdesk({ seedRecords: seeds.helpdesk, clock });
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
    const userFolder = await mkdtemp(join(tmpdir(), 'two-way-sync-storm-'));
    await installPackage(userFolder);
    const n8n = await startQueueModeN8n({ userFolder, postgres, redis, workers: 2, concurrency: 5 });
    const connectionString = await postgres.createDatabase('ledger');
    const secrets = newSecrets();
    const world = new StormWorld({ crm, support }, seeds, n8n, openLedger({ kind: 'postgres', connectionString, schema: 'public' }), secrets, postgres, redis);
    await world.deploy(connectionString);
    return world;
  }

  private async deploy(ledger: string): Promise<void> {
    const credentials = join(this.n8n.folder.userFolder, 'credentials.json');
    const rest = await N8nRest.login(this.n8n.url);
    await writeFile(credentials, JSON.stringify(demoCredentials(this.secrets, ledger)), { mode: 0o600 });
    await importCredentials(this.n8n.folder, credentials);
    await rm(credentials);
    await rest.deploy([...(await shippedFor(this.systems.crm.url, this.systems.support.url)), RECONCILE_NOW]);
    this.systems.crm.setWebhook({ url: `${this.n8n.url}/webhook/two-way-sync/crm`, header: HEADER, secret: this.secrets.crmWebhook });
    this.systems.support.setWebhook({ url: `${this.n8n.url}/webhook/two-way-sync/support`, header: HEADER, secret: this.secrets.supportWebhook });
  }

  async close(): Promise<void> {
    await Promise.all(SIDES.map((side) => this.systems[side].close()));
    await this.ledger.close();
    await this.n8n.kill();
    await Promise.all([this.redis.stop(), this.postgres.stop()]);
    await rm(this.n8n.folder.userFolder, { recursive: true, force: true, maxRetries: 3 });
  }

  private async admin(side: Side, method: 'GET' | 'POST' | 'PATCH', path: string, body?: object): Promise<unknown> {
    const send = (): Promise<Response> => fetch(`${this.systems[side].url}${path}`, { method, ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) });
    const answer = await (method === 'GET' ? askAgain(send) : send());
    if (!answer.ok) throw new Error(`${method} ${path} of ${side}: ${answer.status} ${await answer.text()}`);
    return await answer.json();
  }

  async edit(side: Side, id: string, changes: JsonObject): Promise<void> {
    await this.admin(side, 'POST', '/admin/users/edit', { id, changes });
  }

  async create(side: Side, fields: JsonObject): Promise<void> {
    await this.admin(side, 'POST', '/admin/users/create', { fields });
  }

  async quirks(quirks: object): Promise<void> {
    for (const side of SIDES) await this.admin(side, 'PATCH', '/admin/quirks', quirks);
  }

  async records(side: Side): Promise<readonly SystemRecord[]> {
    return stateSchema.parse(await this.admin(side, 'GET', '/admin/state')).records.filter(({ deleted }) => !deleted);
  }

  async log(side: Side, since = 0): Promise<readonly LogEntry[]> {
    return z.array(logEntrySchema).parse(await this.admin(side, 'GET', `/admin/log?since=${since}`));
  }

  async apiWrites(): Promise<number> {
    return (await Promise.all(SIDES.map((side) => this.log(side)))).flat().filter(isApiWrite).length;
  }

  async until(what: string, holds: () => Promise<boolean>, limitMs: number): Promise<void> {
    const end = Date.now() + limitMs;
    while (!(await holds())) {
      if (Date.now() > end) throw new Error(`Not within ${limitMs} ms: ${what}; ${await this.atWork()}`);
      await sleep(50);
    }
  }

  /** No execution waits or runs, no delivery is under way, and the systems have been asked nothing for a while. */
  async settled(limitMs = 120_000): Promise<void> {
    let last = '';
    let since = Date.now();
    await this.until('n8n and both systems come to rest', async () => {
      const counters = JSON.stringify(await Promise.all(SIDES.map((side) => this.admin(side, 'GET', '/admin/counters'))));
      if (counters !== last || !(await this.isIdle())) {
        last = counters;
        since = Date.now();
      }
      return Date.now() - since >= QUIET_MS;
    }, limitMs);
  }

  /** Who is still busy, for the message of a wait that was too long. */
  private async atWork(): Promise<string> {
    const systems = await Promise.all(SIDES.map(async (side) => `${side} ${JSON.stringify([await this.admin(side, 'GET', '/admin/counters'), await this.admin(side, 'GET', '/admin/deliveries')])}`));
    return `${await this.n8n.jobs()} jobs, ${systems.join(', ')}`;
  }

  private async isIdle(): Promise<boolean> {
    const pending = await Promise.all(SIDES.map(async (side) => pendingSchema.parse(await this.admin(side, 'GET', '/admin/deliveries')).pending));
    return pending.every((count) => count === 0) && (await this.n8n.jobs()) === 0;
  }

  /** Sync - Reconcile over everything, to its end. */
  async sweep(): Promise<void> {
    const answer = await fetch(`${this.n8n.url}/webhook/${reconcileNow.path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [HEADER]: this.secrets.crmWebhook },
      body: JSON.stringify({ mode: 'full', dry_run: false }),
    });
    if (!answer.ok) throw new Error(`Reconcile could not be started: ${answer.status} ${await answer.text()}`);
    await this.settled();
  }

  async query(database: 'n8n' | 'ledger', sql: string): Promise<readonly unknown[]> {
    const client = new Client({ connectionString: this.postgres.connectionString(database) });
    await client.connect();
    try {
      const { rows }: { readonly rows: unknown[] } = await client.query(sql);
      return rows;
    } finally {
      await client.end();
    }
  }
}
