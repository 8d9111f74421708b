/** A scope as a space to be searched. */
import { userCreates } from '../fake-system';
import { brokenAtRest } from './laws-at-rest';
import { EMAIL, movesOf } from './moves';
import { NO_PAST } from './past';
import type { Scope } from './scope';
import type { Space } from './search';
import { keysOf } from './state-key';
import { sweepUntilCalm } from './sweep';
import { textOf } from './values';
import { emptyWorld, settingOf, UNTOLD, type Setting, type World } from './world';

export function spaceOf(scope: Scope): Space<World> {
  const setting = settingOf(scope);
  return {
    initial: firstWorld(setting),
    moves: (world) => movesOf(setting, world),
    keyOf: keysOf(scope),
    broken: (world) => world.broken,
    isQuiet: (world) => world.runs.length === 0 && world.hints.length === 0,
    brokenWhenQuiet: (world) => brokenAtRest(setting, world),
  };
}

/** A linked record is not made by hand: it is created in a, and synced. */
function firstWorld(setting: Setting): World {
  const world = emptyWorld(setting.scope);
  if (!setting.scope.linked) return world;
  const { state } = userCreates(world.systems.a, { email: EMAIL, ...Object.fromEntries(setting.scope.fields.map((field) => [field, textOf(0)])) }, UNTOLD);
  const { world: synced } = sweepUntilCalm(setting, { ...world, systems: { ...world.systems, a: state } });
  return { ...synced, past: NO_PAST };
}
