/** One event through the shipped workflows on a real n8n, from its delivery to the write that it causes, beside a twin of nodes that do nothing. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { demoCredentials, newSecrets } from '../../demo/credentials';
import type { BusinessSystem } from '../../demo/systems/business-system';
import { startCrm } from '../../demo/systems/crm';
import { startHelpdesk } from '../../demo/systems/helpdesk';
import { seedPair } from '../../demo/systems/seed';
import { deployWithCredentials } from '../../demo/tour/deploy';
import { HEADER } from '../../demo/tour/both-systems';
import { shippedFor } from '../../demo/tour/world';
import { freePort } from '../../tools/free-port';
import { startN8n } from '../../tools/n8n-host';
import { N8nRest } from '../../tools/n8n-rest';
import { installPackage } from '../../tools/pack';
import { ID } from '../../tools/templates/names';
import { atMost, type Section } from '../section';
import { median } from '../side-by-side';
import { withoutLimits } from '../without-limits';
import { noopTwin, TWIN_PATH } from './noop-twin';
import { callsOf, nodesOf, type RanNode, recordedRun } from './recorded-run';

const LIMIT = 1.3;

/** What README says to set where every tenth of a second counts: n8n then keeps expression engines ready, and starts none for a delivery that needs none. */
const SETTINGS = { N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true', N8N_EXPRESSION_ENGINE_POOL_SIZE: '8' };
type Settings = Partial<typeof SETTINGS>;
const logSchema = z.array(z.looseObject({ n: z.number(), at: z.string(), method: z.string(), by: z.string() }));

/** Milliseconds since 1970, here and in the systems' logs: all of it is one machine. */
type Instant = number;

class Bench {
  private edits = 0;

  private constructor(
    private readonly rest: N8nRest,
    private readonly crm: BusinessSystem,
    private readonly support: BusinessSystem,
    private readonly secret: string,
    private readonly contact: string,
    private readonly arrivals: Server,
  ) {}

  static async during<T>(env: Settings, work: (bench: Bench) => Promise<T>): Promise<T> {
    const seeds = seedPair(1, 8);
    const [linked] = seeds.expected.found;
    if (linked === undefined) throw new Error('No seeded contact has a ticket.');
    const ends: (() => Promise<unknown>)[] = [];
    try {
      const [crm, support] = [await startCrm({ seedRecords: seeds.crm }), await startHelpdesk({ seedRecords: seeds.helpdesk })];
      ends.push(() => crm.close(), () => support.close());
      const userFolder = await mkdtemp(join(tmpdir(), 'two-way-sync-latency-'));
      ends.push(() => rm(userFolder, { recursive: true, force: true, maxRetries: 3 }));
      await installPackage(userFolder);
      const n8n = await startN8n({ userFolder, port: await freePort(), logFile: join(userFolder, 'n8n.log'), env });
      ends.push(() => n8n.kill());
      const arrivals = createServer((_, answer) => answer.end('{}'));
      await once(arrivals.listen(0, '127.0.0.1'), 'listening');
      ends.push(() => Promise.resolve(arrivals.close()));
      const rest = await N8nRest.login(n8n.url);
      const secrets = newSecrets();
      await deployWithCredentials(rest, await shippedFor({ crm: crm.url, support: support.url }, undefined, withoutLimits), demoCredentials(secrets, null));
      return await work(new Bench(rest, crm, support, secrets.crmWebhook, linked.crm, arrivals));
    } finally {
      for (const end of ends.reverse()) await end();
    }
  }

  private async post(url: string, body: object, headers: Record<string, string> = {}): Promise<void> {
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`POST ${url}: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  }

  private async writes(): Promise<readonly Instant[]> {
    const entries = logSchema.parse(await (await fetch(`${this.support.url}/admin/log?since=0`)).json());
    return entries.filter(({ method, by }) => by === 'api' && method !== 'GET').map(({ at }) => Date.parse(at));
  }

  /** An edit in the CRM that must become one write in the helpdesk. */
  async event(): Promise<number> {
    this.edits += 1;
    const before = (await this.writes()).length;
    await this.post(`${this.crm.url}/admin/users/edit`, { id: this.contact, changes: { phone: `+49 30 90${100_000 + this.edits}` } });
    const sent = Date.now();
    await this.post(`${this.rest.url}/webhook/two-way-sync/crm`, { events: [{ id: this.contact }] }, { [HEADER]: this.secret });
    await this.rest.settled();
    const written = (await this.writes()).slice(before);
    const [first] = written;
    if (first === undefined || written.length > 1) throw new Error(`The edit became ${written.length} writes, so nothing was measured.`);
    return first - sent;
  }

  async newestRun(): Promise<readonly RanNode[]> {
    const [newest] = await this.rest.executions({ workflowId: ID.crmToSupport, limit: 1 });
    if (newest === undefined) throw new Error('No event has run yet.');
    return await recordedRun(this.rest, newest.id);
  }

  async deployTwin(run: readonly RanNode[]): Promise<void> {
    const address = this.arrivals.address();
    if (address === null || typeof address === 'string') throw new Error('The server for arrivals has no port.');
    await this.rest.deploy(noopTwin(run, `http://127.0.0.1:${address.port}/`));
  }

  async twin(): Promise<number> {
    const arrived: Instant[] = [];
    this.arrivals.once('request', () => arrived.push(Date.now()));
    const sent = Date.now();
    await this.post(`${this.rest.url}/webhook/${TWIN_PATH}`, {});
    await this.rest.settled();
    const [first] = arrived;
    if (first === undefined) throw new Error('The twin has not come to its write.');
    return first - sent;
  }
}

interface Measured {
  readonly run: readonly RanNode[];
  /** Milliseconds of each turn. */
  readonly ours: readonly number[];
  readonly twins: readonly number[];
}

function measured(env: Settings, turns: number): Promise<Measured> {
  return Bench.during(env, async (bench) => {
    // The first event links the two records, the second is an edit like all others.
    for (let warm = 0; warm < 2; warm += 1) await bench.event();
    const run = await bench.newestRun();
    await bench.deployTwin(run);
    await bench.twin();
    const [ours, twins]: [number[], number[]] = [[], []];
    // Turn by turn, so that whatever slows the machine slows both.
    for (let turn = 0; turn < turns; turn += 1) {
      ours.push(await bench.event());
      twins.push(await bench.twin());
    }
    return { run, ours, twins };
  });
}

export async function benchLatency(turns: number): Promise<Section> {
  const [plain, set] = [await measured({}, turns), await measured(SETTINGS, turns)];
  const [nodes, calls] = [nodesOf(plain.run), callsOf(plain.run)];
  const ratios = plain.ours.map((time, turn) => time / (plain.twins[turn] ?? Number.NaN));
  const rows = (n8n: string, { ours, twins }: Measured): Section['rows'] => [
    ['as shipped, CRM to Support', n8n, nodes, calls, median(ours), Math.max(...ours)],
    ['its twin that does nothing', n8n, nodes, calls, median(twins), Math.max(...twins)],
  ];
  return {
    id: 'latency',
    title: 'One event, from its delivery to its write',
    about: `A real n8n with SQLite, one record, ${turns} turns by turns, medians. The twin is drawn from what n8n recorded of one event: ${nodes} nodes in ${calls} sub-workflow calls, each a No Operation node but for webhook, answer and one request in the place of the write. Both are followed by what comes after the write, which does not count. With settings: ${Object.entries(SETTINGS).map(([name, value]) => `${name}=${value}`).join(', ')}.`,
    columns: ['workflow', 'n8n', 'nodes run', 'sub-workflow calls', 'ms to the write', 'slowest turn'],
    rows: [...rows('as it comes', plain), ...rows('with settings', set)],
    targets: [atMost('one event beside its twin', LIMIT, median(ratios), ' ×')],
  };
}
