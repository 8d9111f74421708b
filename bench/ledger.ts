/** The steps of the ledger for batches of several sizes, small and large ledgers, both stores, with and without a network between. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LedgerStore } from '../ledger/ledger-store';
import { openLedger } from '../ledger/open-ledger';
import { startCountingProxy } from '../test/support/counting-proxy';
import { startBenchPostgres } from './bench-postgres';
import { playBatch, readBatch, STEPS, type StepTimes } from './ledger-batch';
import { openRecipes, seedRecipes } from './recipes';
import { atMost, type Row, type Section } from './section';
import { seedPostgres, seedSqlite } from './seed-ledger';
import { median, timed } from './side-by-side';

export interface LedgerSizes {
  readonly small: number;
  readonly large: number;
  readonly batches: readonly number[];
  readonly runs: number;
}

interface Measured extends StepTimes {
  readonly ledger: string;
  readonly people: number;
  readonly keys: number;
  readonly network: number;
  /** On the wire; null where there is none. */
  readonly trips: number | null;
  /** Milliseconds of the same batch by one query per item, and by one check and one COPY. Null where not measured. */
  readonly per_item: number | null;
  readonly limit: number | null;
}

const NETWORK_MS = 4;
/** One query per item takes a minute per batch over a network: once is enough to know it. */
const PER_ITEM_RUNS = 1;

const sum = (times: StepTimes): number => STEPS.reduce((total, step) => total + times[step], 0);

async function steps(ledger: LedgerStore, people: number, keys: number, runs: number): Promise<StepTimes> {
  const turns: StepTimes[] = [];
  for (let turn = 0; turn <= runs; turn += 1) {
    const times = await playBatch(ledger, readBatch(people, keys, nextRound()));
    if (turn > 0) turns.push(times);
  }
  const of = (step: keyof StepTimes): number => median(turns.map((turn) => turn[step]));
  return { start: of('start'), check: of('check'), reserve: of('reserve'), commit: of('commit') };
}

/** Job titles must differ from all earlier ones, or a batch would find nothing changed. */
let rounds = 0;
const nextRound = (): number => (rounds += 1);

async function onPostgres({ small, large, batches, runs }: LedgerSizes): Promise<readonly Measured[]> {
  const server = await startBenchPostgres();
  const measured: Measured[] = [];
  try {
    for (const people of [small, large]) {
      const direct = await server.createDatabase(`bench_${String(people)}`);
      await seedPostgres(direct, people);
      await seedRecipes(direct);
      for (const network of [0, NETWORK_MS]) {
        const proxy = await startCountingProxy(server.host, server.port, network);
        const url = new URL(direct);
        url.port = String(proxy.port);
        const ledger = openLedger({ kind: 'postgres', connectionString: url.href, schema: 'public' });
        const recipes = await openRecipes(url.href);
        try {
          for (const keys of batches) {
            const times = await steps(ledger, people, keys, runs);
            proxy.take();
            await playBatch(ledger, readBatch(people, keys, nextRound()));
            const trips = proxy.take();
            const limits: number[] = [];
            for (let turn = 0; turn <= runs; turn += 1) {
              const batch = readBatch(people, keys, nextRound());
              limits.push(await timed(() => recipes.limit(batch)));
            }
            const perItem: number[] = [];
            // Through a network it takes minutes, and does not depend on how much the ledger knows.
            for (let turn = 0; turn < (network === 0 || people === large ? PER_ITEM_RUNS : 0); turn += 1) {
              const batch = readBatch(people, keys, nextRound());
              perItem.push(await timed(() => recipes.perItem(batch)));
            }
            measured.push({ ledger: 'PostgreSQL', people, keys, network, ...times, trips, limit: median(limits.slice(1)), per_item: perItem.length === 0 ? null : median(perItem) });
          }
        } finally {
          await recipes.close();
          await ledger.close();
          await proxy.close();
        }
      }
    }
  } finally {
    await server.stop();
  }
  return measured;
}

async function onSqlite({ small, large, batches, runs }: LedgerSizes): Promise<readonly Measured[]> {
  const folder = await mkdtemp(join(tmpdir(), 'two-way-sync-bench-'));
  const measured: Measured[] = [];
  try {
    for (const people of [small, large]) {
      const file = join(folder, `${String(people)}.sqlite`);
      await seedSqlite(file, people);
      const ledger = openLedger({ kind: 'sqlite', file });
      try {
        for (const keys of batches) measured.push({ ledger: 'SQLite', people, keys, network: 0, ...(await steps(ledger, people, keys, runs)), trips: null, limit: null, per_item: null });
      } finally {
        await ledger.close();
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return measured;
}

export async function benchLedger(sizes: LedgerSizes): Promise<Section> {
  const measured = [...(await onPostgres(sizes)), ...(await onSqlite(sizes))];
  const biggest = Math.max(...sizes.batches);
  const find = (ledger: string, people: number, network: number): Measured | undefined => measured.find((one) => one.ledger === ledger && one.people === people && one.network === network && one.keys === biggest);
  const growth = (ledger: string): number => (find(ledger, sizes.large, 0)?.check ?? Number.NaN) / (find(ledger, sizes.small, 0)?.check ?? Number.NaN);
  const cells = (one: Measured): Row => [
    one.ledger, String(one.people), String(one.keys), String(one.network), one.start, one.check, one.reserve, one.commit, sum(one),
    one.limit ?? '–', one.limit === null ? '–' : sum(one) / one.limit, one.per_item ?? '–', one.per_item === null ? '–' : one.per_item / sum(one), one.trips === null ? '–' : String(one.trips),
  ];
  return {
    id: 'ledger', title: 'Ledger',
    about: `PostgreSQL with a quarter of the machine's memory for its buffers. Milliseconds of a batch of which 5 % changed; medians of ${String(sizes.runs)} turns (one query per item: ${String(PER_ITEM_RUNS)}). Limit: one check with unnest and one upsert by COPY into a plain table of hashes, which keeps no intent, no lease and no note. One query per item: by the bare driver, and as little kept; as a workflow of n8n's nodes it stands in the next section.`,
    columns: ['ledger', 'records known', 'batch', 'network ms', 'start', 'check', 'reserve', 'commit', 'all', 'limit', 'times limit', 'query per item', 'times faster', 'round trips'],
    rows: measured.map(cells),
    targets: [
      atMost(`check of ${String(biggest)} keys on PostgreSQL, ledger of ${String(sizes.large)} against ${String(sizes.small)}, times`, 2, growth('PostgreSQL')),
      atMost(`the same on SQLite, times`, 2, growth('SQLite')),
      atMost('round trips of a batch', 4, Math.max(...measured.map(({ trips }) => trips ?? 0))),
    ],
  };
}
