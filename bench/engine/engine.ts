/** The whole path on n8n's engine, beside the least that could be done and beside what people build today. */
import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';
import { Client } from 'pg';
import { startCountingProxy } from '../../test/support/counting-proxy';
import type { PostgresServer } from '../../tools/postgres';
import { startBenchPostgres } from '../bench-postgres';
import { readBatch } from '../ledger-batch';
import { openRecipes, seedRecipes } from '../recipes';
import { atLeast, atMost, type Row, type Section } from '../section';
import { seedPostgres, seedSqlite } from '../seed-ledger';
import { median, timed } from '../side-by-side';
import { compareAndUpsert } from './compare-datasets';
import { fullRowMirror } from './full-row-mirror';
import { MemorySystems } from './memory-systems';
import { queryPerItem } from './query-per-item';
import { playDelivery, type PathTimes } from './whole-path';

export interface EngineSizes {
  readonly batch: number;
  /** Records that the ledger knows. */
  readonly known: number;
  /** The batch that shows how the time grows. */
  readonly big_batch: number;
  readonly runs: number;
}

interface Measured extends PathTimes {
  readonly ledger: string;
  readonly network: number;
  readonly batch: number;
  readonly changed: number;
}

const NETWORK_MS = 4;
const SHARE = 0.05;
/** Turns that do not count, where records or code are met for the first time. */
const WARM = 3;
const run = promisify(execFile);
const HERE = __dirname;

/** Titles must differ from all earlier ones. */
let rounds = 0;

class Path {
  constructor(private readonly systems: MemorySystems, private readonly ledger: string, private readonly credential: ICredentialDataDecryptedObject, private readonly network: number) {}

  /** Median over `runs` deliveries of `batch` records, before each of which users changed a share of them. `warm`: so many that do not count come first. */
  async measure(batch: number, share: number, runs: number, warm = 0): Promise<Measured> {
    const numbers = Array.from({ length: batch }, (_, place) => place + 1);
    const changed = share === 0 ? [] : numbers.filter((number) => number % Math.round(1 / share) === 0);
    const turns: PathTimes[] = [];
    for (let turn = 0; turn < warm + runs; turn += 1) {
      rounds += 1;
      for (const number of changed) this.systems.userEdits(number, `Engine title ${String(rounds)}`);
      turns.push(await playDelivery(this.systems, this.credential, numbers));
      const missed = changed.find((number) => this.systems.titleInSupport(number) !== `Engine title ${String(rounds)}`);
      if (missed !== undefined) throw new Error(`The edit of c${String(missed)} did not arrive, so nothing was measured.`);
    }
    const counted = turns.slice(warm);
    const of = (pick: (times: PathTimes) => number): number => median(counted.map(pick));
    const nodes = Object.fromEntries(Object.keys(counted[0]?.nodes ?? {}).map((name) => [name, of((times) => times.nodes[name] ?? 0)]));
    return {
      ledger: this.ledger, network: this.network, batch, changed: changed.length, nodes,
      wall: of(({ wall }) => wall), ours: of(({ ours }) => ours), n8n: of(({ n8n }) => n8n), http: of(({ http }) => http), reads: of(({ reads }) => reads), writes: of(({ writes }) => writes),
    };
  }
}

interface Peers {
  readonly limit: number;
  readonly per_item: number;
  readonly per_item_network: number;
  readonly compare: number;
  readonly mirror: number;
}

/** The same batch by other recipes, hashing included. */
async function measurePeers(server: PostgresServer, database: string, port: number, { batch, known, runs }: EngineSizes): Promise<Peers> {
  const direct = server.connectionString(database);
  await seedRecipes(direct);
  const recipes = await openRecipes(direct);
  const near = postgresOf(server, database, server.port);
  const far = postgresOf(server, database, port);
  const round = (): ReturnType<typeof readBatch> => readBatch(known, batch, (rounds += 1));
  const hashed = (observations: ReturnType<typeof readBatch>): void => { for (const { record } of observations) hash('sha256', JSON.stringify(record), 'hex'); };
  try {
    const [limits, perItem, compared, mirrored]: [number[], number[], number[], number[]] = [[], [], [], []];
    const compare = await compareTable(server, database, batch);
    for (let turn = 0; turn <= runs; turn += 1) {
      const observations = round();
      limits.push(await timed(() => { hashed(observations); return recipes.limit(observations); }));
      const others = round();
      perItem.push(await timed(() => { hashed(others); return queryPerItem(near, others); }));
      compared.push(await timed(() => compare(`Title ${String(turn)}`)));
      mirrored.push(await timed(() => fullRowMirror(batch)));
    }
    const distant = round();
    const per_item_network = await timed(() => { hashed(distant); return queryPerItem(far, distant); });
    return { limit: median(limits.slice(1)), per_item: median(perItem.slice(1)), per_item_network, compare: median(compared.slice(1)), mirror: median(mirrored.slice(1)) };
  } finally {
    await recipes.close();
  }
}

/** The credential of n8n's Postgres node. */
const postgresOf = ({ host, user, password }: PostgresServer, database: string, port: number): ICredentialDataDecryptedObject =>
  ({ host, port, database, user, password, ssl: 'disable', allowUnauthorizedCerts: false, sshTunnel: false, maxConnections: 5 });

/** A table that holds just the batch: in its favour, since Compare Datasets reads the whole of it. */
async function compareTable(server: PostgresServer, database: string, batch: number): Promise<(title: string) => Promise<number>> {
  const client = new Client({ connectionString: server.connectionString(database) });
  await client.connect();
  await client.query('CREATE TABLE seen (id text PRIMARY KEY, last_name text, email text, phone text, company text, job_title text, city text, zip text)');
  const rowOf = (number: number, title: string): IDataObject => ({
    id: `c${String(number)}`, last_name: `Lee ${String(number)}`, email: `person${String(number)}@example.org`, phone: '+12015550123', company: `Company ${String(number)}`, job_title: title, city: 'Oslo', zip: `Z-${String(number)}`,
  });
  await client.query('INSERT INTO seen SELECT * FROM jsonb_populate_recordset(NULL::seen, $1)', [JSON.stringify(Array.from({ length: batch }, (_, place) => rowOf(place + 1, 'Engineer')))]);
  await client.end();
  return (title) => compareAndUpsert(postgresOf(server, database, server.port), Array.from({ length: batch }, (_, place) => rowOf(place + 1, (place + 1) % Math.round(1 / SHARE) === 0 ? title : 'Engineer')));
}

/** MiB that live. */
interface Memory {
  readonly items: number;
  readonly path: number;
  readonly ours: number;
}

async function measureMemory(folder: string, batch: number): Promise<Memory> {
  const file = join(folder, 'memory.sqlite');
  await seedSqlite(file, batch);
  const { stdout } = await run(process.execPath, ['--expose-gc', '--import', 'tsx', join(HERE, 'memory-child.ts'), file, String(batch)]);
  const [items = Number.NaN, path = Number.NaN, ours = Number.NaN] = stdout.trim().split(' ').map(Number);
  return { items, path, ours };
}

export async function benchEngine(sizes: EngineSizes): Promise<Section> {
  const folder = await mkdtemp(join(tmpdir(), 'two-way-sync-bench-'));
  try {
    // One after the other: a database server that still tidies up would disturb what comes after it.
    const sqlite = await measureSqlite(folder, sizes);
    const memory = await measureMemory(folder, sizes.batch);
    const { measured, peers } = await measurePostgres(sizes);
    return section(sizes, [...measured, sqlite], peers, memory);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureSqlite(folder: string, { batch, known, runs }: EngineSizes): Promise<Measured> {
  const systems = new MemorySystems();
  await systems.replaceHttpRequest();
  const file = join(folder, 'ledger.sqlite');
  await seedSqlite(file, known);
  // The first of all: until V8 has made what runs often fast, a turn says little.
  return await new Path(systems, 'SQLite', { store: 'sqlite', file }, 0).measure(batch, SHARE, runs, WARM);
}

async function measurePostgres(sizes: EngineSizes): Promise<{ readonly measured: readonly Measured[]; readonly peers: Peers }> {
  const { batch, known, big_batch, runs } = sizes;
  const systems = new MemorySystems();
  await systems.replaceHttpRequest();
  const server = await startBenchPostgres();
  const proxy = await startCountingProxy(server.host, server.port, NETWORK_MS);
  try {
    const database = 'bench_engine';
    await seedPostgres(await server.createDatabase(database), known);
    const credential = (port: number): ICredentialDataDecryptedObject => ({ store: 'postgres', host: server.host, port, database, user: server.user, password: server.password, schema: 'public', ssl: 'disable' });
    const near = new Path(systems, 'PostgreSQL', credential(server.port), 0);
    const measured = [
      await near.measure(batch, SHARE, runs, WARM),
      await near.measure(batch, 0, runs),
      // Everything changed is no day's work, and takes half a minute.
      await near.measure(batch, 1, 1),
      await near.measure(big_batch, SHARE, runs, 1),
      await new Path(systems, 'PostgreSQL', credential(proxy.port), NETWORK_MS).measure(batch, SHARE, runs),
    ];
    return { measured, peers: await measurePeers(server, database, proxy.port, sizes) };
  } finally {
    await proxy.close();
    await server.stop();
  }
}

function section({ batch, known, big_batch, runs }: EngineSizes, measured: readonly Measured[], peers: Peers, memory: Memory): Section {
  const find = (ledger: string, network: number, size: number, changed: number): Measured | undefined =>
    measured.find((one) => one.ledger === ledger && one.network === network && one.batch === size && one.changed === changed);
  const few = Math.round(batch * SHARE);
  const [near, far, sqlite, big, none] = [find('PostgreSQL', 0, batch, few), find('PostgreSQL', NETWORK_MS, batch, few), find('SQLite', 0, batch, few), find('PostgreSQL', 0, big_batch, Math.round(big_batch * SHARE)), find('PostgreSQL', 0, batch, 0)];
  const ours = (one: Measured | undefined): number => one?.ours ?? Number.NaN;
  const cells = (one: Measured): Row => [`shipped workflows, ${one.ledger}`, String(one.network), String(one.batch), String(one.changed), one.ours, one.n8n, one.http, one.wall, String(one.reads), String(one.writes)];
  const peer = (name: string, network: number, time: number, calls = '–'): Row => [name, String(network), String(batch), String(few), '–', '–', '–', time, calls, calls];
  const slowest = Object.entries(near?.nodes ?? {}).sort(([, a], [, b]) => b - a).slice(0, 6).map(([name, ms]) => `${name} ${String(Math.round(ms))}`).join(', ');
  return {
    id: 'engine', title: "The whole path on n8n's engine",
    about: `One delivery of so many events through Sync - CRM to Support and its sub-workflows, ledger of ${String(known)} records (PostgreSQL with a quarter of the machine's memory for its buffers); both systems answered from memory. Milliseconds; medians of ${String(runs)} turns (everything changed: one), peers in the same process run. Of the ${String(batch)} with 5 % changed, the slowest nodes: ${slowest}. Memory that lives at once, in MiB: ${memory.items.toFixed(1)} the ${String(batch)} answers alone, ${memory.path.toFixed(1)} the path, of which ${memory.ours.toFixed(1)} came with the nodes of this package.`,
    columns: ['what', 'network ms', 'records', 'changed', 'our nodes', "n8n's nodes", 'systems', 'all', 'reads', 'writes'],
    rows: [
      ...measured.map(cells), peer('limit: hash, one check, one upsert by COPY', 0, peers.limit), peer('one query per item (Postgres node)', 0, peers.per_item),
      peer('one query per item (Postgres node)', NETWORK_MS, peers.per_item_network), peer("n8n's Compare Datasets and Postgres upsert", 0, peers.compare),
      peer('full-row mirror (two HTTP Request nodes)', 0, peers.mirror, String(batch)),
    ],
    targets: [
      atMost('our nodes, PostgreSQL', 1000, ours(near), ' ms'),
      atMost('our nodes, SQLite', 1000, ours(sqlite), ' ms'),
      atMost('our nodes, times the limit', 3, ours(near) / peers.limit),
      atLeast('against one query per item, local database, times faster', 20, peers.per_item / ours(near)),
      atLeast(`the same with ${String(NETWORK_MS)} ms, times faster`, 100, peers.per_item_network / ours(far)),
      atMost(`${String(big_batch)} records, times the time of ${String(batch)}`, 12, ours(big) / ours(near)),
      atMost('writes per changed record', 1, (near?.writes ?? Number.NaN) / few),
      atMost('writes when nothing changed', 0, none?.writes ?? Number.NaN),
      atMost("memory, times the items' own", 1.5, memory.path / memory.items),
    ],
  };
}
