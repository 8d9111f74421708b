// `npm run bench`: measures, then writes bench/RESULTS.md and bench/results.json. `--only stages,ledger` keeps the other sections as they were.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import { CHECKOUT } from '../tools/checkout';
import { benchApiDay } from './api-day/api-day';
import { benchEngine } from './engine/engine';
import { benchLatency } from './latency/latency';
import { benchLedger } from './ledger';
import { toMarkdown, type Section } from './section';
import { benchStages } from './stages';

interface Scale {
  readonly batch: number;
  readonly large: number;
  readonly runs: number;
  /** In both systems of the working day. */
  readonly people: number;
}

const SECTIONS: Readonly<Record<string, (scale: Scale) => Promise<Section>>> = {
  stages: ({ batch, runs }) => benchStages(batch, runs),
  ledger: ({ batch, large, runs }) => benchLedger({ small: Math.min(10_000, large), large, batches: [...new Set([100, 1000, batch])], runs }),
  engine: ({ batch, large, runs }) => benchEngine({ batch, known: large, big_batch: batch * 10, runs }),
  'api-day': ({ people }) => benchApiDay(people),
  latency: ({ runs }) => benchLatency(runs * 4),
};

/** Starts a whole n8n, which takes minutes where it is not installed: only when it is asked for. */
const WHEN_NAMED: ReadonlySet<string> = new Set(['latency']);

const JSON_FILE = join(CHECKOUT, 'bench', 'results.json');
const cellSchema = z.union([z.string(), z.number()]);
const resultSchema = z.object({
  id: z.string(), title: z.string(), about: z.string(), columns: z.array(z.string()), rows: z.array(z.array(cellSchema)),
  targets: z.array(z.object({ what: z.string(), limit: z.string(), found: z.string(), met: z.boolean() })), measured: z.string(), machine: z.string(),
});
type Result = z.infer<typeof resultSchema>;

const machine = (): string => `${String(cpus().length)} cores ${cpus()[0]?.model ?? ''}, ${String(Math.round(totalmem() / 2 ** 30))} GiB, Node ${process.version}`;
const earlier = (): readonly Result[] => (existsSync(JSON_FILE) ? z.array(resultSchema).parse(JSON.parse(readFileSync(JSON_FILE, 'utf8'))) : []);

function write(results: readonly Result[]): void {
  writeFileSync(JSON_FILE, `${JSON.stringify(results, null, 1)}\n`);
  const parts = results.map((result) => `${toMarkdown(result)}\nMeasured ${result.measured} on ${result.machine}.\n`);
  writeFileSync(join(CHECKOUT, 'bench', 'RESULTS.md'), ['# What it costs', '', 'Written by `npm run bench`; do not edit by hand.', '', parts.join('\n')].join('\n'));
}

async function main(): Promise<void> {
  const names = Object.keys(SECTIONS);
  const options = new Command('bench').option('--only <names>', `of ${names.join(', ')}`, names.filter((name) => !WHEN_NAMED.has(name)).join(',')).option('--batch <n>', 'records in the largest batch', '10000')
    .option('--large <n>', 'records that a large ledger knows', '1000000').option('--runs <n>', 'turns, of which the median counts', '5').option('--people <n>', 'people of the working day', '400').option('--dry', 'print, write no file').parse()
    .opts<{ only: string; batch: string; large: string; runs: string; people: string; dry?: boolean }>();
  const scale: Scale = { batch: Number(options.batch), large: Number(options.large), runs: Number(options.runs), people: Number(options.people) };
  let results = earlier();
  for (const name of options.only.split(',')) {
    const measure = SECTIONS[name];
    if (measure === undefined) throw new Error(`There is no section "${name}"; there are ${names.join(', ')}.`);
    const section = await measure(scale);
    console.log(toMarkdown(section));
    const result: Result = { ...section, columns: [...section.columns], rows: section.rows.map((row) => [...row]), targets: [...section.targets], measured: new Date().toISOString().slice(0, 10), machine: machine() };
    results = names.flatMap((known) => (known === name ? [result] : results.filter(({ id }) => id === known)));
    if (options.dry !== true) write(results);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
