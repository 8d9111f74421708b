/** Plays one history to its end and judges it. */
import type { Choices } from './choices';
import { nextEvent } from './events';
import type { FaultKind } from './fault-kinds';
import { indexed, type Quirks } from './fake-system';
import { plainQuirks } from './fake-system/quirks';
import { brokenPromises } from './invariants';
import { SYSTEMS } from './machine-settings';
import { sweep } from './sweep';
import { World, type OpenedLedger } from './world';
import { land } from './world/apis';
import { finish } from './world/workers';

export interface Outcome {
  readonly violations: readonly string[];
  readonly trace: readonly string[];
  readonly steps: number;
  readonly faults: ReadonlyMap<FaultKind, number>;
  readonly writes: number;
  readonly edits: number;
}

const ROUNDS = 12;
const MOST_EVENTS = 110;

export async function playHistory(choices: Choices, open: () => OpenedLedger): Promise<Outcome> {
  const ledger = open();
  const quirks = { a: someQuirks(choices), b: someQuirks(choices) };
  const world = new World(choices, ledger, { quirks, echo_guard: !choices.rarely(8), window: !choices.rarely(4) }, 2 + choices.below(2));
  world.tell(`quirks ${JSON.stringify(quirks)}`);
  clockOf.set(ledger, () => new Date(world.now));
  try {
    await play(world);
  } catch (error) {
    world.violations.push(`threw: ${error instanceof Error ? error.message : String(error)}`);
  }
  return { violations: world.violations, trace: world.trace, steps: world.step, faults: world.faults, writes: world.deeds.writes.length, edits: world.deeds.actions };
}

/** Ledgers tell the time of the world that they are in. */
export const clockOf = new WeakMap<OpenedLedger, () => Date>();

async function play(world: World): Promise<void> {
  const { choices } = world;
  const events = 15 + choices.below(MOST_EVENTS - 15);
  for (let event = 0; event < events && !choices.exhausted; event += 1) await nextEvent(world);
  await comeToRest(world);
  if (world.violations.length > 0) return;
  world.violations.push(...await brokenPromises(world));
  if (world.violations.length > 0) return;
  await lookOnceMore(world);
}

/** Users and faults stop, the webhooks that are still under way are lost, and sweeps find the rest. */
export async function comeToRest(world: World): Promise<void> {
  world.tell('quiet');
  world.faulty = false;
  world.ledger_away = 0;
  if (world.ledger.redis !== null) world.ledger.redis.away = false;
  while (world.late.length > 0) {
    const late = world.late.shift();
    if (late !== undefined && world.now < late.until) land(world, late.effect, late.read_at);
  }
  for (const index of world.workers.keys()) await finish(world, index);
  world.webhooks.length = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    world.now += 200_000;
    world.step += 1;
    for (const system of SYSTEMS) world.systems[system] = indexed(world.systems[system]);
    const before = world.deeds.writes.length;
    const handed = await sweep(world);
    if (world.deeds.writes.length === before && (!handed || round > 4)) return;
  }
  world.violations.push('does not come to rest');
}

/** The second run writes nothing, and leaves the ledger as it was. */
export async function lookOnceMore(world: World): Promise<void> {
  world.tell('a further run, whose writers must not be called');
  world.armed = true;
  const before = JSON.stringify(world.ledger.dump());
  world.now += 200_000;
  await sweep(world);
  const after = JSON.stringify(world.ledger.dump());
  if (before !== after) world.violations.push(`a further run changed the ledger:\n${difference(before, after)}`);
}

/** Where two dumps part. */
export function difference(before: string, after: string): string {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at += 1;
  return `${before.slice(Math.max(0, at - 200), at + 200)}\n→\n${after.slice(Math.max(0, at - 200), at + 200)}`;
}

/** The first choice of each is the plainest. */
function someQuirks(choices: Choices): Quirks {
  const yes = (): boolean => choices.below(2) === 0;
  const unique_email = yes();
  return {
    ...plainQuirks,
    conditional: yes(),
    stamps: yes(),
    honours_keys: yes(),
    unique_email,
    // What a search does not show yet is created again, by a system that does not refuse a second record.
    search_lags: unique_email && choices.rarely(3),
    reformats: choices.of(['nothing', 'spelling', 'value']),
    answers: choices.of(['whole', 'part', 'nothing']),
    automates: choices.rarely(4),
  };
}
