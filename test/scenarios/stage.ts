/** A scenario's world: two fake systems and a ledger, where nothing happens by chance. */
import { Choices } from '../simulation/choices';
import { plainQuirks } from '../simulation/fake-system/quirks';
import { clockOf } from '../simulation/history';
import { World, type OpenedLedger } from '../simulation/world';
import type { Given } from './happening';

/** Run 0 belongs to webhooks, sweeps and decisions; runs 1 to 5 are stopped and crashed by name. */
const RUNS = 6;

export function stage(given: readonly Given[], ledger: OpenedLedger): World {
  const quirksOf = (system: 'a' | 'b') => given.reduce((quirks, one) => (one.kind === 'quirk' && one.system === system ? { ...quirks, ...one.quirk } : quirks), plainQuirks);
  const echo_guard = !given.some(({ kind }) => kind === 'echo guard off');
  const world = new World(new Choices([], null), ledger, { quirks: { a: quirksOf('a'), b: quirksOf('b') }, echo_guard, window: true }, RUNS);
  clockOf.set(ledger, () => new Date(world.now));
  return world;
}
