/** What a scenario expects, compared with what the world holds. */
import { fieldOf, sameValue } from '../../core/json/canonical-record';
import { assertNever } from '../../core/sync-error';
import { liveRecords } from '../simulation/fake-system';
import type { FakeName } from '../simulation/machine-settings';
import { scopeOf } from '../simulation/sweep';
import type { World } from '../simulation/world';
import type { Cast } from './cast';
import { fieldNamed } from './fields';
import type { Expectation } from './happening';

export type Calls = { readonly [call in 'read' | 'write']: { readonly [name in FakeName]: number } };

/** What is otherwise; null when it is as expected. */
export async function complaint(world: World, cast: Cast, calls: Calls, expected: Expectation): Promise<string | null> {
  switch (expected.kind) {
    case 'expect record':
      return differing(world, cast, expected);
    case 'expect gone':
      return world.systems[expected.who.system].records[cast.idOf(expected.who)]?.deleted === true ? null : 'It is there.';
    case 'expect size':
      return unless(expected.records, liveRecords(world.systems[expected.system]).length);
    case 'expect calls': {
      const made = calls[expected.call];
      return unless(expected.times, expected.system === null ? made.a + made.b : made[expected.system]);
    }
    case 'expect questions':
      return unless(expected.questions.map(({ subject, alias }) => `${subject} of ${alias}`).sort(), await questions(world, cast, expected.questions.map(({ alias }) => alias)));
    case 'expect lost value': {
      const lost = (await history(world, cast, expected.alias)).flatMap(({ overrides }) => overrides).filter(({ field }) => field === expected.field);
      return lost.some((override) => sameValue(override.lost, expected.lost) && sameValue(override.won, expected.won)) ? null : `The history holds ${JSON.stringify(lost)}`;
    }
    case 'expect history':
      return unless(expected.entries, (await history(world, cast, expected.alias)).length);
    case 'expect run over':
      return world.workers[expected.run] === null ? null : 'It is not.';
    case 'expect issue':
      return await issues(world, cast, expected);
    default:
      return assertNever(expected);
  }
}

const unless = (expected: unknown, found: unknown): string | null => (JSON.stringify(expected) === JSON.stringify(found) ? null : `Found ${JSON.stringify(found)}.`);

function differing(world: World, cast: Cast, { who, fields }: Extract<Expectation, { kind: 'expect record' }>): string | null {
  const record = world.systems[who.system].records[cast.idOf(who)];
  if (record === undefined || record.deleted) return 'It is gone.';
  const wrong = Object.keys(fields).filter((name) => !sameValue(record.fields[fieldNamed(name)], fieldOf(fields, name)));
  return wrong.length === 0 ? null : `It holds ${JSON.stringify(Object.fromEntries(wrong.map((name) => [name, record.fields[fieldNamed(name)]])))}.`;
}

async function questions(world: World, cast: Cast, aliases: readonly string[]): Promise<readonly string[]> {
  const { items } = await world.ledger.store.reviews(scopeOf(world, 'a'), { limit: 100, offset: 0, id: null });
  return items.filter(({ status }) => status === 'open').map(({ subject, record_key }) => `${subject} of ${aliases.find((alias) => cast.rowsOf(alias).includes(record_key)) ?? record_key}`).sort();
}

async function history(world: World, cast: Cast, alias: string) {
  const rows = await Promise.all(cast.rowsOf(alias).map((key) => world.ledger.store.history(scopeOf(world, 'a'), key, 100)));
  return rows.flatMap(({ entries }) => entries);
}

async function issues(world: World, cast: Cast, { alias, code }: Extract<Expectation, { kind: 'expect issue' }>): Promise<string | null> {
  const found = await world.ledger.store.issues(scopeOf(world, 'a'), 100);
  if (alias === null) return unless([], found.map((issue) => `${issue.record_key ?? ''} ${issue.code}`));
  const rows = cast.rowsOf(alias);
  const known = found.filter(({ record_key }) => record_key !== null && rows.includes(record_key)).map((issue) => issue.code);
  return code !== null && known.includes(code) ? null : `Found ${JSON.stringify(known)}.`;
}
