// `npm test`: everything that must hold, cheapest first, stopping at the first stage that fails. The last line is the
// sum of all tests, alone on its line, for people and machines that read nothing else.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CHECKOUT } from './checkout';
import { ensureN8n } from './n8n-install';
import { addCounts, type Counts, NO_TESTS, readCounts } from './vitest-counts';

interface Stage {
  readonly title: string;
  /** Throws, or returns false, when it failed. */
  readonly run: () => Promise<boolean>;
  /** Where vitest leaves its numbers. A stage without one counts as one test: it passes or fails. */
  readonly report?: string;
  readonly counted?: boolean;
}

const results = join(CHECKOUT, 'test-results');
const requireHere = createRequire(join(CHECKOUT, 'package.json'));

/** The script of a package's command; asked for by file because not every package exports its package.json. */
function script(packageName: string, file: string): string {
  const folder = (requireHere.resolve.paths(packageName) ?? []).map((path) => join(path, packageName)).find((path) => existsSync(path));
  if (folder === undefined) throw new Error(`${packageName} is not installed: run npm ci.`);
  return join(folder, file);
}

async function node(file: string, ...args: string[]): Promise<boolean> {
  return await new Promise((resolve, reject) => {
    const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` };
    const child = spawn(process.execPath, [file, ...args], { cwd: CHECKOUT, stdio: 'inherit', env });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code === 0));
  });
}

function vitest(project: string, title: string): Stage {
  const report = join(results, `${project}.json`);
  const args = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  return { title, report, run: () => node(script('vitest', 'vitest.mjs'), ...args) };
}

const tour = (store: string): Stage => ({
  title: `the demo's tour on ${store}`,
  counted: true,
  run: () => node(script('tsx', 'dist/cli.mjs'), join('demo', 'main.ts'), '--tour', `--store=${store}`),
});

const stages: readonly Stage[] = [
  { title: 'build', run: () => node(script('gulp', 'bin/gulp.js'), 'build') },
  { title: 'lint', run: () => node(script('eslint', 'bin/eslint.js'), '.') },
  { title: 'typecheck', run: () => node(script('typescript', 'bin/tsc'), '--noEmit', '-p', 'tsconfig.json') },
  vitest('unit', 'unit tests: decisions, ledger on SQLite and PostgreSQL, demo, tools'),
  { title: 'n8n for the tests', run: async () => (await ensureN8n()) !== '' },
  vitest('engine', "workflows and nodes in n8n's engine"),
  vitest('e2e', 'a real n8n and a browser'),
  vitest('storm', 'a storm of edits on n8n in queue mode, two workers killed'),
  ...['sqlite', 'postgres'].map(tour),
];

const seconds = (since: number): string => `${((Date.now() - since) / 1000).toFixed(1)} s`;

async function countsOf(stage: Stage, passed: boolean): Promise<Counts> {
  if (stage.report !== undefined && existsSync(stage.report)) return await readCounts(stage.report);
  return stage.counted === true ? { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 } : NO_TESTS;
}

async function main(): Promise<boolean> {
  await rm(results, { recursive: true, force: true });
  await mkdir(results, { recursive: true });
  const started = Date.now();
  let total = NO_TESTS;
  let allPassed = true;
  for (const stage of stages) {
    const stageStarted = Date.now();
    console.log(`\n=== ${stage.title}`);
    const passed = await stage.run().catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      return false;
    });
    total = addCounts(total, await countsOf(stage, passed));
    console.log(`--- ${stage.title}: ${passed ? 'passed' : 'FAILED'} in ${seconds(stageStarted)}`);
    if (!passed) {
      allPassed = false;
      break;
    }
  }
  console.log(`\nAll of it took ${seconds(started)}.`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return allPassed && total.failed === 0;
}

void main().then((passed) => {
  process.exitCode = passed ? 0 : 1;
});
