// `npm run bench`: what the ledger's steps cost for one batch, 5 % of which changed, in a ledger that knows many people.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { Bench } from 'tinybench';
import type { Observation } from '../core/model';
import { normalizeRecord } from '../core/stages/normalize';
import type { CheckVerdict, CommitItem, LedgerStore, ReserveItem } from '../ledger/ledger-store';
import { openLedger } from '../ledger/open-ledger';
import { startPostgres } from '../tools/postgres';
import { crmContact, MAPPINGS } from './people';
import { seedPostgres, seedSqlite, SYNC } from './seed-ledger';

type Known = NonNullable<Extract<CheckVerdict, { kind: 'Changed' }>['row']>;
interface Size {
  readonly people: number;
  readonly keys: number;
  readonly runs: number;
}

/** The batch of one round: other people each time, every twentieth with a new job title. */
function readBatch({ people, keys }: Size, round: number): readonly Observation[] {
  return Array.from({ length: keys }, (_, place) => {
    const number = 1 + ((place * 7919 + round * 104_729) % people);
    const read = normalizeRecord(MAPPINGS.crm, crmContact(number, place % 20 === 0 ? `Title ${round}` : 'Engineer'), { etag: null });
    if (read.kind !== 'Valid') throw new Error(read.reasons.join('; '));
    return read.observation;
  });
}

const reserveItem = ({ record_key, version, links }: Known): ReserveItem => ({
  record_key, version, links, lease_seconds: 120,
  intents: [{ system: 'support', op: 'update', to: { job_title: 'x' }, from: { job_title: 'x' }, echo_fingerprint: null, idempotency_key: `${record_key}-v${version}`, native_id: links['support'] ?? null, match_key: null, used: [] }],
});

function commitItem({ record_key, version, links }: Known, { record, fingerprint, schema }: Observation, fencing_token: number): CommitItem {
  const snapshot = { presence: 'present', record, fingerprint, mapping_fingerprint: schema.mapping_fingerprint } as const;
  return {
    record_key, version, links, fencing_token, snapshots: { crm: snapshot, support: snapshot }, written: ['support'], recheck: null,
    journal: [{ direction: 'crm-to-support', source_system: 'crm', target_system: 'support', field_hash: fingerprint ?? '', change_set: {}, idempotency_key: null, cause: 'bench' }],
    used_intents: [], keep_intents: [], open_reviews: [], close_reviews: [], overrides: [], note_hints: [], issues: [],
  };
}

async function measure(name: string, ledger: LedgerStore, size: Size): Promise<void> {
  const times = new Map<string, number[]>();
  const timed = async <T>(step: string, work: () => Promise<T>): Promise<T> => {
    const started = performance.now();
    const result = await work();
    times.set(step, [...(times.get(step) ?? []), performance.now() - started]);
    return result;
  };
  let round = 0;
  const bench = new Bench({ iterations: size.runs, time: 0, warmup: false, throws: true });
  bench.add(name, async () => {
    round += 1;
    const observations = readBatch(size, round);
    const hints = observations.map(({ native_id }) => ({ system: 'crm', native_id: native_id ?? '' }));
    const { run } = await timed('start', () => ledger.start({ ...SYNC, hints, dry_run: false, attempt: 0, execution_id: null, cause: 'bench' }));
    const verdicts = await timed('check', () => ledger.check(run, observations.map(({ native_id, record_key, fingerprint }) => ({
      system: 'crm', native_id: native_id ?? '', proposed_key: record_key, fingerprint, stamp: null, full: false, as_record_key: null, recent_seconds: 600,
    }))));
    const changed = observations.flatMap((observation, place) => {
      const verdict = verdicts[place];
      return verdict?.kind === 'Changed' && verdict.row !== null ? [{ observation, row: verdict.row }] : [];
    });
    const reserved = await timed('reserve', () => ledger.reserve(run, changed.map(({ row }) => reserveItem(row))));
    const held = changed.flatMap(({ observation, row }, place) => {
      const verdict = reserved[place];
      return verdict?.kind === 'Reserved' ? [commitItem(row, observation, verdict.fencing_token)] : [];
    });
    const committed = await timed('commit', () => ledger.commit(run, held));
    if (held.length === 0 || committed.some(({ kind }) => kind !== 'Committed')) throw new Error(`${name}: nothing was committed, so nothing was measured.`);
  });
  await bench.run();
  const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  const cells = [...times.values()].map((values) => Math.round(median(values)));
  process.stdout.write(`| ${name} | ${size.people} | ${size.keys} | ${cells.join(' | ')} | ${cells.reduce((sum, cell) => sum + cell, 0)} |\n`);
}

async function main(): Promise<void> {
  const options = new Command().option('--people <n>', 'records that the ledger knows', '100000').option('--keys <n>', 'records in a batch', '10000').option('--runs <n>', 'runs, of which the median counts', '5').parse().opts<Record<keyof Size, string>>();
  const size = { people: Number(options.people), keys: Number(options.keys), runs: Number(options.runs) };
  const folder = await mkdtemp(join(tmpdir(), 'two-way-sync-bench-'));
  const postgres = await startPostgres();
  try {
    const connectionString = await postgres.createDatabase('bench');
    const file = join(folder, 'ledger.sqlite');
    await seedPostgres(connectionString, size.people);
    await seedSqlite(file, size.people);
    process.stdout.write('Milliseconds, medians; 5 % of the batch changed.\n\n| ledger | people | batch | start | check | reserve | commit | all |\n|---|---|---|---|---|---|---|---|\n');
    for (const [name, ledger] of [['PostgreSQL', openLedger({ kind: 'postgres', connectionString, schema: 'public' })], ['SQLite', openLedger({ kind: 'sqlite', file })]] as const) {
      await measure(name, ledger, size);
      await ledger.close();
    }
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
