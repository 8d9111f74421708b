// `npm run bench`: measures section by section, then writes bench/RESULTS.md and bench/results.json. A section that fails is reported, and the others go on.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import { earlierResults, load, machine, sectionSchema, writeReport, type Result } from './report';
import { toMarkdown } from './section';
import { SECTIONS, type Scale } from './sections';

/** A section that hangs must not keep the others from being measured. */
const MOST_MINUTES = 20;

const failureSchema = z.object({ failure: z.string() });

async function measured(name: string, scale: Scale): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'two-way-sync-bench-'));
  const file = join(folder, 'section.json');
  const [began, busy] = [performance.now(), load()];
  try {
    const ended = await ranIn(join(__dirname, 'one-section.ts'), [name, JSON.stringify(scale), file]);
    const answer: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { failure: ended };
    const section = sectionSchema.safeParse(answer).data ?? null;
    const failure = section === null ? failureSchema.safeParse(answer).data?.failure ?? ended : null;
    return { name, section, failure, seconds: Math.round((performance.now() - began) / 1000), measured: new Date().toISOString().slice(0, 10), machine: machine(), load: busy };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns how the process ended. A group of its own, so that what it started ends with it. */
function ranIn(script: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    // The largest batch, and all that n8n keeps of it until its execution ends, take more than Node allows itself.
    const child = spawn(process.execPath, ['--max-old-space-size=12288', '--import', 'tsx', script, ...args], { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
    const end = (): void => { if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL'); };
    const limit = setTimeout(end, MOST_MINUTES * 60_000);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearTimeout(limit);
      resolve(signal === 'SIGKILL' ? `killed, after ${String(MOST_MINUTES)} minutes at most` : `ended with ${String(signal ?? code)}`);
    });
  });
}

async function main(): Promise<void> {
  const names = Object.keys(SECTIONS);
  const options = new Command('bench').option('--only <names>', `of ${names.join(', ')}`, names.join(',')).option('--batch <n>', 'records in the largest batch', '10000')
    .option('--large <n>', 'records that a large ledger knows', '1000000').option('--runs <n>', 'turns, of which the median counts', '3').option('--people <n>', 'people of the working day', '400')
    .option('--burst <n>', 'records in a burst, each told of four times', '500').option('--dry', 'print, write no file').parse()
    .opts<{ only: string; batch: string; large: string; runs: string; people: string; burst: string; dry?: boolean }>();
  const scale: Scale = { batch: Number(options.batch), large: Number(options.large), runs: Number(options.runs), people: Number(options.people), burst: Number(options.burst) };
  const wanted = options.only.split(',');
  const stranger = wanted.find((name) => !names.includes(name));
  if (stranger !== undefined) throw new Error(`There is no section "${stranger}"; there are ${names.join(', ')}.`);
  let results = earlierResults();
  for (const name of wanted) {
    console.log(`Measuring ${name} …`);
    const result = await measured(name, scale);
    console.log(result.section === null ? `${name} failed: ${result.failure ?? ''}` : toMarkdown(result.section));
    results = names.flatMap((known) => (known === name ? [result] : results.filter((earlier) => earlier.name === known)));
    if (options.dry !== true) writeReport(results);
    if (result.section === null) process.exitCode = 1;
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
