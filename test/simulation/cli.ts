/** `npm run simulate -- --histories 1000000 --seed 7`: one process per worker, one tally; exit code 1 on a violation. */
import { fork } from 'node:child_process';
import { Command, Option } from 'commander';
import { z } from 'zod';
import { inMemory, simulate, type Tally } from './simulate';
import { sharedLedger, STORES, type StoreName } from './stores';

const violation = z.object({ seed: z.number(), history: z.number(), kind: z.string(), violations: z.array(z.string()), choices: z.array(z.number()), trace: z.array(z.string()) });
const tallySchema = z.object({ histories: z.number(), steps: z.number(), writes: z.number(), edits: z.number(), faults: z.record(z.string(), z.number()), violations: z.array(violation), stopped_before: z.number().nullable() });
const optionsSchema = z.object({
  histories: z.coerce.number().int().min(1), seed: z.coerce.number().int(), from: z.coerce.number().int().min(0), shrink: z.boolean().default(true), most: z.coerce.number().int().min(1), workers: z.coerce.number().int().min(1).max(16),
  store: z.enum(STORES), file: z.string().optional(), url: z.string().optional(), part: z.boolean().default(false),
});
type Options = z.infer<typeof optionsSchema>;

function openerOf(store: StoreName, { file, url, from }: Options): { readonly open: Parameters<typeof simulate>[0]['open']; readonly close: () => Promise<void> } {
  switch (store) {
    case 'memory':
      return { open: inMemory, close: () => Promise.resolve() };
    case 'sqlite':
      return sharedLedger({ kind: 'sqlite', file: ':memory:' });
    case 'sqlite-file':
      if (file === undefined) throw new Error('--store sqlite-file needs --file <path of a new file>.');
      return sharedLedger({ kind: 'sqlite', file: `${file}.${from}` });
    case 'postgres':
      if (url === undefined) throw new Error('--store postgres needs --url <connection string>.');
      return sharedLedger({ kind: 'postgres', connectionString: url, schema: `simulation_${from}` });
  }
}

async function playPart(options: Options): Promise<Tally> {
  const { open, close } = openerOf(options.store, options);
  try {
    return await simulate({ seed: options.seed, from: options.from, count: options.histories, open, most_violations: options.most, shrink: options.shrink });
  } finally {
    await close();
  }
}

function inProcess(options: Options): Promise<Tally> {
  const args = Object.entries({ ...options, workers: 1, part: undefined, shrink: undefined }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]));
  return new Promise((resolve, reject) => {
    const child = fork(__filename, [...args, ...(options.shrink ? [] : ['--no-shrink']), '--part'], { execArgv: ['--import', 'tsx'] });
    child.once('message', (message) => { resolve(tallySchema.parse(message)); });
    child.once('exit', (code) => { reject(new Error(`A worker ended with ${String(code)} and no tally.`)); });
  });
}

async function inParts(options: Options): Promise<Tally> {
  const each = Math.ceil(options.histories / options.workers);
  const parts = Array.from({ length: options.workers }, (_, index) => ({ ...options, from: options.from + index * each, histories: Math.min(each, options.histories - index * each) }));
  const tallies = await Promise.all(parts.filter(({ histories }) => histories > 0).map(inProcess));
  const faults: Record<string, number> = {};
  for (const tally of tallies) for (const [kind, times] of Object.entries(tally.faults)) faults[kind] = (faults[kind] ?? 0) + times;
  const sum = (of: (tally: Tally) => number): number => tallies.reduce((total, tally) => total + of(tally), 0);
  return { histories: sum((tally) => tally.histories), steps: sum((tally) => tally.steps), writes: sum((tally) => tally.writes), edits: sum((tally) => tally.edits), faults, violations: tallies.flatMap((tally) => tally.violations), stopped_before: tallies.map((tally) => tally.stopped_before).find((at) => at !== null) ?? null };
}

function print({ violations, faults, stopped_before, ...counts }: Tally): void {
  for (const kind of new Set(violations.map((violation) => violation.kind))) {
    const alike = violations.filter((violation) => violation.kind === kind);
    const shown = alike.find(({ trace }) => trace.length > 0) ?? alike[0];
    if (shown === undefined) continue;
    console.log([`\nVIOLATION in history ${shown.history} of seed ${shown.seed}:`, ...shown.violations, '', ...shown.trace, '', `choices ${JSON.stringify(shown.choices)}`].join('\n'));
    console.log(`the same promise (${kind}), ${alike.length} in all: histories ${alike.map(({ history }) => history).join(', ')}`);
  }
  if (stopped_before !== null) console.log(`\nSTOPPED before history ${stopped_before}: there are --most violations.`);
  console.log(`\nhistories ${counts.histories}, steps ${counts.steps}, violations ${violations.length}`);
  console.log(`writes ${counts.writes} for ${counts.edits} actions of users: ${(counts.writes / Math.max(1, counts.edits)).toFixed(2)} each`);
  for (const [kind, times] of Object.entries(faults).sort(([a], [b]) => (a < b ? -1 : 1))) console.log(`  ${kind}: ${times}`);
}

async function main(): Promise<void> {
  const program = new Command('simulate')
    .option('--histories <number>', 'how many', '1000').option('--seed <number>', 'same seed, same traces', '7').option('--from <number>', 'first history', '0').option('--no-shrink', 'only name violations').option('--most <number>', 'violations after which it stops', '3')
    .option('--workers <number>', 'processes', '1').addOption(new Option('--store <name>').choices(STORES).default('memory'))
    .option('--file <path>', 'for sqlite-file').option('--url <url>', 'for postgres').addOption(new Option('--part').hideHelp());
  const options = optionsSchema.parse(program.parse().opts());
  const tally = options.part || options.workers === 1 ? await playPart(options) : await inParts(options);
  if (options.part) process.send?.(tally);
  else print(tally);
  process.exitCode = tally.violations.length > 0 ? 1 : 0;
  if (options.part) process.disconnect();
}

void main();
