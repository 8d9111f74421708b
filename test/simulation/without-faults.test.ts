/** Users and workers in any order, and nothing goes wrong: then no edit costs more than one write. */
import { expect, it } from 'vitest';
import { Choices, seeded, seedOf } from './choices';
import { EVENTS, nextEvent } from './events';
import { plainQuirks } from './fake-system/quirks';
import { clockOf, comeToRest, lookOnceMore } from './history';
import { brokenPromises } from './invariants';
import { inMemory } from './simulate';
import { World } from './world';

const HARMLESS = EVENTS.filter(({ name }) => ['a worker goes on', 'a webhook arrives', 'a user edits', 'a user creates', 'a user sets a value back', 'a user deletes'].includes(name));

async function play(seed: number, history: number): Promise<World> {
  const ledger = inMemory(history);
  const world = new World(new Choices([], seeded(seedOf(seed, history))), ledger, { quirks: { a: plainQuirks, b: plainQuirks }, echo_guard: true, window: true }, 2);
  world.faulty = false;
  clockOf.set(ledger, () => new Date(world.now));
  for (let event = 0; event < 60; event += 1) await nextEvent(world, HARMLESS);
  await comeToRest(world);
  world.violations.push(...await brokenPromises(world));
  await lookOnceMore(world);
  return world;
}

it('without faults an action of a user costs one write at most, and every promise is kept', async () => {
  let [actions, writes] = [0, 0];
  for (let history = 0; history < 150; history += 1) {
    const { violations, deeds, trace } = await play(5, history);
    expect(violations, trace.join('\n')).toEqual([]);
    expect(deeds.writes.length, trace.join('\n')).toBeLessThanOrEqual(deeds.actions);
    actions += deeds.actions;
    writes += deeds.writes.length;
  }
  expect(HARMLESS).toHaveLength(6);
  expect(writes).toBeGreaterThan(actions / 3);
}, 120_000);
