import type { DemoLedger } from '../credentials';
import { mirrorCalls } from './mirror';
import { finding, type Finding, type Step } from './step';
import { edits } from './steps-edits';
import { faults } from './steps-faults';
import { firstSync } from './steps-first-sync';
import { records } from './steps-records';
import { writesOf } from './both-systems';
import { TourWorld } from './world';

const STEPS: readonly Step[] = [...firstSync, ...edits, ...records, ...faults];
const LEAST_SAVED = 0.8;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Calls {
  readonly reads: number;
  readonly writes: number;
}

async function takeCalls(world: TourWorld): Promise<Calls> {
  const requests = [...(await world.takeRequests('crm')), ...(await world.takeRequests('support'))];
  const reads = requests.filter(({ method }) => method === 'GET').length;
  // A refused or repeated write was a call as well; only carried-out ones are writes.
  return { reads: reads + requests.length - reads - writesOf(requests).length, writes: writesOf(requests).length };
}

function sayStep(number: number, title: string, findings: readonly Finding[], calls: Calls, seconds: string): boolean {
  const wrong = findings.filter(({ expected, seen }) => expected !== seen);
  say(`${wrong.length === 0 ? ' ok ' : 'FAIL'} ${String(number).padStart(2)}. ${title}  (reads ${calls.reads}, writes ${calls.writes}, ${seconds} s)`);
  for (const { what, expected, seen } of findings) say(`        ${expected === seen ? ' ' : '!'} ${what}: expected ${expected} | seen ${seen}`);
  return wrong.length === 0;
}

async function playStep(step: Step, world: TourWorld): Promise<readonly Finding[]> {
  try {
    return await step.play(world);
  } catch (error) {
    return [finding('the step', 'played', error instanceof Error ? `${error.message} ${error.cause instanceof Error ? error.cause.message : ''}` : error)];
  }
}

/** Plays the story against a real n8n; true when all of it was as expected. */
export async function playTour(ledger: DemoLedger): Promise<boolean> {
  const world = await TourWorld.start(ledger);
  try {
    const total = { reads: 0, writes: 0 };
    let passed = true;
    for (const [index, step] of STEPS.entries()) {
      const started = Date.now();
      const findings = await playStep(step, world);
      const calls = await takeCalls(world);
      total.reads += calls.reads;
      total.writes += calls.writes;
      passed = sayStep(index + 1, step.title, findings, calls, ((Date.now() - started) / 1000).toFixed(1)) && passed;
    }
    const rows = { crm: (await world.systems.records('crm')).length, support: (await world.systems.records('support')).length };
    const mirror = mirrorCalls(world.moments, rows);
    const ours = total.reads + total.writes;
    const saved = 1 - ours / mirror;
    const figure = finding(`API calls: ${ours}, full-row mirror ${mirror} (${world.moments} polls), fewer by ${(saved * 100).toFixed(1)} %`, 'at least 80 %', saved >= LEAST_SAVED ? 'at least 80 %' : 'less');
    passed = sayStep(STEPS.length + 1, 'API calls of the day against a full-row mirror', [figure], { reads: total.reads, writes: total.writes }, '0') && passed;
    const kept = finding('files of n8n that hold a secret of the webhooks or the review page', [], await world.keptSecrets());
    return sayStep(STEPS.length + 2, 'Secrets kept by n8n in its database, its log or anywhere else', [kept], { reads: 0, writes: 0 }, '0') && passed;
  } finally {
    await world.close();
  }
}
