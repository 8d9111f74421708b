import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { z } from 'zod';
import { demoCredentials, newSecrets, type DemoSecrets } from '../../demo/credentials';
import { BothSystems, HEADER, type Way } from '../../demo/tour/both-systems';
import { deployWithCredentials } from '../../demo/tour/deploy';
import { RECONCILE_NOW, reconcileNow } from '../../demo/tour/reconcile-now';
import { withoutLimits } from '../../bench/without-limits';
import { shippedFor } from '../../demo/tour/world';
import type { LedgerStore } from '../../ledger/ledger-store';
import { openLedger } from '../../ledger/open-ledger';
import { type QueueModeN8n, startQueueModeN8n } from '../../tools/n8n-queue';
import { N8nRest } from '../../tools/n8n-rest';
import { installPackage } from '../../tools/pack';
import { type PostgresServer, startPostgres } from '../../tools/postgres';
import { type RedisServer, startRedis } from '../../tools/redis';

/**
 * What an impatient sender sends again meets the first copy still waiting for a worker, and notes a newer hint, which sends the
 * runs under way back: a machine slower than the patience then never comes to rest. Only what was lost is to be sent again here.
 */
const PATIENCE_MS = 600_000;
const AT_ONCE = 6;
/** Longer than a write takes on a busy machine: only a kill lets a lease run out, or a drain's hold on its batch. */
const LEASE_SECONDS = 40;
const DRAINS_AT_ONCE = 2;
/** No wait here decides anything: it only ends a test that hangs. */
const HANGS_MS = 600_000;
/** Reorders up to 300 ms, and n8n passes work on in between: rest is when nothing has moved for longer. */
const QUIET_MS = 1500;

/** Both systems on one clock that never shows a time twice: their logs together are one history. */
function sharedClock(): () => number {
  let last = 0;
  return () => (last = Math.max(last + 1, Date.now()));
}

function withManyDrains(workflows: string): string {
  return workflows.replaceAll('"holdSeconds":120', `"holdSeconds":${LEASE_SECONDS}`).replaceAll('"drainsAtOnce":1', `"drainsAtOnce":${DRAINS_AT_ONCE}`);
}

const HELD = `SELECT record_key FROM sync_records WHERE lease_expires_at > now()
  UNION SELECT l.record_key FROM sync_links l JOIN sync_takes t USING (sync, system, native_id) WHERE t.taken_by IS NOT NULL AND t.taken_until > now()`;
const heldRow = z.object({ record_key: z.string() });

/** Two business systems with their people, and an n8n of several processes that keeps them in step. */
export class StormWorld {
  private constructor(
    readonly way: Way,
    readonly systems: BothSystems,
    readonly n8n: QueueModeN8n,
    readonly ledger: LedgerStore,
    private readonly secrets: DemoSecrets,
    private readonly postgres: PostgresServer,
    private readonly redis: RedisServer,
  ) {}

  static async start(way: Way): Promise<StormWorld> {
    const systems = await BothSystems.start({ crm: [], support: [] }, sharedClock());
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
    const userFolder = await mkdtemp(join(tmpdir(), 'two-way-sync-storm-'));
    await installPackage(userFolder);
    const n8n = await startQueueModeN8n({ userFolder, postgres, redis, workers: 2, concurrency: 4 });
    const connectionString = await postgres.createDatabase('ledger');
    const secrets = newSecrets();
    const world = new StormWorld(way, systems, n8n, openLedger({ kind: 'postgres', connectionString, schema: 'public' }), secrets, postgres, redis);
    await world.deploy(connectionString);
    return world;
  }

  private async deploy(ledger: string): Promise<void> {
    const rest = await N8nRest.login(this.n8n.url);
    const workflows = await shippedFor(this.systems.urls, LEASE_SECONDS, (text) => withManyDrains(withoutLimits(text)));
    await deployWithCredentials(rest, [...workflows, RECONCILE_NOW], demoCredentials(this.secrets, ledger));
    this.systems.tell(this.n8n.url, this.secrets, { way: this.way, answerWithinMs: PATIENCE_MS });
  }

  async close(): Promise<void> {
    await this.systems.close();
    await this.ledger.close();
    await this.n8n.kill();
    await Promise.all([this.redis.stop(), this.postgres.stop()]);
    await rm(this.n8n.folder.userFolder, { recursive: true, force: true, maxRetries: 3 });
  }

  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + HANGS_MS;
    while (!(await holds())) {
      if (Date.now() > end) throw new Error(`Not within ${HANGS_MS} ms: ${what}; ${await this.atWork()}`);
      await sleep(50);
    }
  }

  /** Users go on as fast as the sync can take it, or a slow machine would see a longer queue instead of the same storm. */
  async room(): Promise<void> {
    await this.until('the queue is short', async () => (await this.n8n.jobs()) < AT_ONCE && (await this.systems.deliveries()) < AT_ONCE);
  }

  /** Keys of the records that a run or a drain holds, be it one that was killed. */
  private async held(): Promise<readonly string[]> {
    return z.array(heldRow).parse(await this.query('ledger', HELD)).map(({ record_key }) => record_key);
  }

  /** A killed worker's hold on a record is over by itself. */
  async holdsOver(): Promise<void> {
    await this.until('no record is held', async () => (await this.held()).length === 0);
  }

  /** No execution waits or runs, no delivery is under way, nothing is left for a drain, and the systems have been asked nothing for a while. */
  async settled(): Promise<void> {
    await this.comesBeforeRest('n8n and both systems come to rest', () => Promise.resolve(false));
  }

  /** Waits for this, or for rest; true when this came first. */
  async comesBeforeRest(what: string, comes: () => Promise<boolean>): Promise<boolean> {
    let last = '';
    let since = Date.now();
    let came = false;
    await this.until(what, async () => {
      came = await comes();
      const counters = await this.systems.counters();
      if (counters !== last || !(await this.isIdle())) {
        last = counters;
        since = Date.now();
      }
      return came || Date.now() - since >= QUIET_MS;
    });
    return came;
  }

  /** Who is still busy, for the message of a wait that was too long. */
  private async atWork(): Promise<string> {
    const waiting = await this.query('ledger', 'SELECT system, native_id, record_key FROM sync_notes WHERE hint_seq > handled_seq');
    return `${await this.n8n.jobs()} jobs, ${await this.systems.deliveries()} deliveries, ${await this.systems.counters()}; held ${(await this.held()).join(', ')}; waiting ${JSON.stringify(waiting)}`;
  }

  /** A drain goes on beside the jobs, and comes back by itself for what a killed one had taken: as long as there is something to drain, it is no rest. */
  private async isIdle(): Promise<boolean> {
    if ((await this.systems.deliveries()) > 0 || (await this.n8n.jobs()) > 0) return false;
    return this.way === 'direct' || ((await this.held()).length === 0 && (await this.query('ledger', 'SELECT FROM sync_notes WHERE hint_seq > handled_seq AND drain_seq > handled_seq')).length === 0);
  }

  /** The worker that is most at work. Which one has a drain is told by no log: then all of them. */
  async victims(): Promise<readonly number[]> {
    return this.way === 'direct' ? [await this.n8n.busiestWorker()] : this.n8n.workers();
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
