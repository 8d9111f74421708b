/** What a reconcile run does, one run after the other: unfinished work, then every record of both systems. */
import type { Hint } from '../../../core/model';
import { pendingOf } from '../../support/memory-ledger/steps';
import { deliver, everyRecord, stepRun } from './run-step';
import type { Setting, World } from './world';

const MANY_STEPS = 400;
const MANY_ROUNDS = 8;

export interface Swept {
  readonly world: World;
  /** False: it never stops changing something. */
  readonly calm: boolean;
}

/** Every run that was under way is over by now, and so is its lease. */
export function sweepUntilCalm(setting: Setting, world: World): Swept {
  const ends = Object.values(world.ledger.records).map(({ lease }) => (lease === null ? 0 : Date.parse(lease.expires_at) + 1));
  let swept: World = { ...world, runs: [], hints: [], now: Math.max(world.now, ...ends) };
  for (let round = 0; round < MANY_ROUNDS; round += 1) {
    const before = thingsOf(swept);
    swept = sweepOnce(setting, swept);
    if (swept.broken !== null) return { world: swept, calm: true };
    if (thingsOf(swept) === before) return { world: swept, calm: true };
  }
  return { world: swept, calm: false };
}

export function sweepOnce(setting: Setting, world: World): World {
  const scope = { sync: setting.machine.sync, record_type: setting.machine.record_type, source: 'a', target: 'b' };
  let swept = world;
  for (const hint of [...pendingOf(world.ledger, scope, 500, new Date(world.now).toISOString()).hints, ...everyRecord(world)]) swept = runThrough(setting, swept, hint);
  return { ...swept, hints: [] };
}

export function runThrough(setting: Setting, world: World, hint: Hint): World {
  let next = deliver(setting, world, hint);
  for (let step = 0; next.runs.length > 0 && next.broken === null; step += 1) {
    if (step > MANY_STEPS) return { ...next, runs: [], broken: 'every run ends: one alone on its record does not' };
    next = stepRun(setting, next, 0);
  }
  return { ...next, runs: [] };
}

/** What both systems and the ledger hold; the sequence, which every run moves, aside. */
export function thingsOf({ systems, ledger }: World): string {
  const rows = Object.values(ledger.records).map(({ changed_seq: _changed, ...row }) => row);
  const notes = Object.values(ledger.notes).map((note) => [note.system, note.native_id, note.hint_seq > note.handled_seq, note.record_key]);
  return JSON.stringify([systems.a.records, systems.b.records, rows, notes, ledger.journal, ledger.links, ledger.issues]);
}
