/** Workers: each has one run, which goes on by one effect at a time; what is not answered yet may be lost in a crash. */
import type { RecordKey } from '../../../core/model';
import { assertNever } from '../../../core/sync-error';
import { askLedger, type LedgerEffect } from '../ledger-effects';
import { beginRun, resumeRun, wantedEffect, type Answer, type Beginning, type Effect } from '../run-machine';
import { LEASE_MS, type Worker, type World } from '../world';
import { answerRead, answerWrite } from './apis';

export function begin(world: World, index: number, beginning: Beginning): void {
  world.tell(`worker ${index} begins ${beginning.source}-to-${beginning.target} (${beginning.cause}): ${beginning.hints.map(({ native_id }) => native_id).join(', ')}`);
  world.workers[index] = { state: beginRun(world.settings, beginning), since: { ...world.systems }, read_at: new Map(), seen: new Map(), lease_until: world.now };
}

/** One effect of one worker's run. */
export async function advance(world: World, index: number): Promise<void> {
  const worker = world.workers[index] ?? null;
  if (worker === null) return;
  world.now += worker.state.wait_seconds * 1000;
  const effect = wantedEffect(world.settings, worker.state);
  if (effect !== null) worker.state = resumeRun(world.settings, worker.state, await answerTo(world, index, worker, effect));
  if (worker.state.pass === null && worker.state.jobs.length === 0) world.workers[index] = null;
}

export async function finish(world: World, index: number): Promise<void> {
  for (let steps = 0; world.workers[index] !== null; steps += 1) {
    if (steps > 2000) throw new Error('A run does not end.');
    await advance(world, index);
  }
}

async function answerTo(world: World, index: number, worker: Worker, effect: Effect): Promise<Answer> {
  switch (effect.kind) {
    case 'read':
      return { kind: 'response', response: answerRead(world, index, worker, effect) };
    case 'write':
      return { kind: 'response', response: answerWrite(world, index, worker, effect) };
    case 'start':
    case 'check':
    case 'reserve':
    case 'commit':
    case 'finish':
      return await answerOfLedger(world, index, worker, effect);
    default:
      return assertNever(effect);
  }
}

async function answerOfLedger(world: World, index: number, worker: Worker, effect: LedgerEffect): Promise<Answer> {
  if (world.ledger_away > 0) {
    world.ledger_away -= 1;
    world.tell(`worker ${index} ${effect.kind}: the ledger is away`);
    return { kind: 'failed', reason: 'the ledger is away' };
  }
  const reply = await askLedger(world.ledger.store, effect);
  if (effect.kind === 'start') worker.since = { ...world.systems };
  if (effect.kind === 'reserve') worker.lease_until = world.now + LEASE_MS;
  world.tell(`worker ${index} ${effect.kind} ${verdictsIn(reply)}`);
  noteRaces(world, worker, effect, reply);
  return reply;
}

/** What the judge must know of it, and what went wrong only because another run was quicker. */
function noteRaces(world: World, worker: Worker, effect: LedgerEffect, reply: Answer): void {
  if (effect.kind === 'check') {
    const late = effect.items.some(({ system, native_id }) => {
      const last = world.committed.get(`${system}:${native_id}`);
      return last !== undefined && last.by !== worker && last.step > (worker.read_at.get(`${system}:${native_id}`) ?? last.step);
    });
    if (late) world.fault('read delayed past another commit');
  }
  if (effect.kind === 'reserve' && reply.kind === 'reserve') {
    world.memory.reserved(effect.items, reply.verdicts, (system, id) => worker.seen.get(`${system}:${id}`)?.step ?? 0);
    for (const verdict of reply.verdicts) if (verdict.kind === 'Reserved') take(world, verdict.record_key, worker);
  }
  if (effect.kind === 'commit' && reply.kind === 'commit') {
    world.memory.committed(effect.items, reply.verdicts, (system, id) => worker.seen.get(`${system}:${id}`)?.fields ?? {});
    for (const { record_key, links } of effect.items) {
      if (world.holders.get(record_key) === worker) world.holders.delete(record_key);
      for (const [system, id] of Object.entries(links)) if (id !== null) world.committed.set(`${system}:${id}`, { by: worker, step: world.step });
    }
  }
}

function take(world: World, record_key: RecordKey, worker: Worker): void {
  const holder = world.holders.get(record_key);
  if (holder !== undefined && holder !== worker) world.fault('lease taken over');
  world.holders.set(record_key, worker);
}

function verdictsIn(reply: Answer): string {
  if (reply.kind === 'start') return `token ${reply.result.run.read_token} attempt ${reply.result.run.attempt}`;
  if (reply.kind !== 'check' && reply.kind !== 'reserve' && reply.kind !== 'commit') return '';
  return reply.verdicts.map((verdict) => ('reason' in verdict ? `${verdict.kind} (${verdict.reason})` : verdict.kind)).join(', ');
}
