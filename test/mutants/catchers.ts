/** Asks one catcher about the tree as it stands in the copy, in a process of its own: a mutant may well never come to an end. */
import { fork, spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { build } from './build';
import type { Catcher } from './mutant';
import { findingSchema, type Finding, type Order } from './search';

export interface Patience {
  /** For one search. */
  readonly seconds: number;
  /** Random histories. */
  readonly histories: number;
}

export async function ask(root: string, catcher: Catcher, { seconds, histories }: Patience): Promise<Finding> {
  switch (catcher.kind) {
    case 'exploration':
      return await searchIn(root, { kind: 'exploration', scope: catcher.scope, seconds }, seconds);
    case 'simulation':
      return await searchIn(root, { kind: 'simulation', seed: catcher.seed, from: catcher.from, count: histories }, seconds);
    case 'tests':
      return await testsIn(root, catcher.files);
  }
}

const GRACE_SECONDS = 30;

function searchIn(root: string, order: Order, seconds: number): Promise<Finding> {
  return new Promise((resolve, reject) => {
    const child = fork(join(root, 'test', 'mutants', 'search.ts'), [JSON.stringify(order)], { cwd: root, execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let [finding, errors]: [Finding | null, string] = [null, ''];
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, (seconds + GRACE_SECONDS) * 1000);
    child.stderr?.on('data', (chunk: Buffer) => { errors += chunk.toString('utf8'); });
    child.once('message', (message) => { finding = findingSchema.parse(message); });
    child.once('exit', () => {
      clearTimeout(timer);
      if (finding !== null) resolve(finding);
      else if (late) resolve({ broken: null, history: [], whole: false });
      else reject(new Error(`The search ended without a finding:\n${errors.slice(-2000)}`));
    });
  });
}

const reportSchema = z.object({ numFailedTests: z.number(), numPassedTests: z.number(), testResults: z.array(z.object({ message: z.string(), assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })) })) });

const isEngineTest = (file: string): boolean => /^test\/(?:nodes|workflows)\//u.test(file);

/** Only a test that fails has noticed something; a file that can't be loaded has not. */
async function testsIn(root: string, files: readonly string[]): Promise<Finding> {
  const report = join(root, 'mutant-tests.json');
  await rm(report, { force: true });
  if (files.some(isEngineTest)) await build(root);
  const output = await outputOf(root, ['node_modules/vitest/vitest.mjs', 'run', '--bail=1', '--reporter=json', `--outputFile.json=${report}`, ...files]);
  const text = await readFile(report, 'utf8').catch(() => { throw new Error(`vitest left no report:\n${output.slice(-2000)}`); });
  const { testResults, numFailedTests, numPassedTests } = reportSchema.parse(JSON.parse(text));
  if (numFailedTests + numPassedTests === 0) throw new Error(`No test ran:\n${testResults.map(({ message }) => message).join('\n').slice(0, 2000)}`);
  const failed = testResults.flatMap(({ assertionResults }) => assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName));
  return { broken: failed[0] ?? null, history: [], whole: true };
}

function outputOf(root: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { output += chunk.toString('utf8'); });
    child.on('error', reject);
    child.on('close', () => { resolve(output); });
  });
}
