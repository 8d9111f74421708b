import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogEntry } from '../../demo/tour/both-systems';
import { SCOPE } from '../../demo/tour/world';
import { blindWrites, disagreements, duplicates, effortOf, leftovers, linkedPairs, lostEdits, overridesOf, unfinished } from './storm-checks';
import { KILL_AFTER, recordsFor, storm } from './storm-run';
import { StormWorld } from './storm-world';
import { type Side, SIDES } from './synced-fields';

/** STORM_SEEDS=1,2,3 plays several on the same n8n. STORM_WAY=drain: webhooks are only noted, and drains work them off. */
const SEEDS = (process.env['STORM_SEEDS'] ?? '1').split(',').map(Number);
const WAY = process.env['STORM_WAY'] === 'drain' ? 'drain' : 'direct';
/** One write more for a crash, two more for a lease that ran out. */
const EXTRA_WRITES = 3 * KILL_AFTER.length;
/** Only ends what hangs: nothing here is a matter of time. */
const LIMIT_MS = 3_600_000;

let world: StormWorld;
beforeAll(async () => { world = await StormWorld.start(WAY); }, LIMIT_MS);
afterAll(() => world.close());

const logs = async (): Promise<Record<Side, readonly LogEntry[]>> => ({ crm: await world.systems.log('crm'), support: await world.systems.log('support') });
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

describe(`a storm of edits on n8n in queue mode (${WAY}), workers killed in the middle`, () => {
  it.each(SEEDS)('ends with both sides in agreement or in question, and with every edit accounted for (seed %i)', async (seed) => {
    const records = await recordsFor(world, seed);
    expect(disagreements(records, []), 'before the storm').toEqual([]);
    const before = { logs: await logs(), runs: await runs(), dead: (await unfinished(world)).length };
    const started = Date.now();
    await storm(world, seed, records);
    const atRest = Date.now();
    await world.holdsOver();
    await world.sweep();

    const all = await logs();
    const since = { crm: all.crm.slice(before.logs.crm.length), support: all.support.slice(before.logs.support.length) };
    const pairs = await linkedPairs(world);
    const open = (await world.ledger.reviews(SCOPE, { limit: 10_000, offset: 0, id: null })).items.filter(({ status }) => status === 'open');
    const effort = effortOf(pairs, since);
    const { lost, overridden } = lostEdits(pairs, since, await overridesOf(world, pairs));
    const left = await leftovers(world);
    await world.sweep();
    const again = sum(effortOf(await linkedPairs(world), await logs()).map(({ writes }) => writes)) - sum(effortOf(pairs, all).map(({ writes }) => writes));

    const edits = sum(effort.map((one) => one.edits));
    const writes = sum(effort.map((one) => one.writes));
    const after = await runs();
    console.log(JSON.stringify({
      seed, edits, writes, overridden, questions: open.length, kills: KILL_AFTER.length, executions_lost: (await unfinished(world)).length - before.dead,
      hints: after.hints - before.runs.hints, runs: after.runs - before.runs.runs, rechecks: after.rechecks - before.runs.rechecks,
      storm_s: Math.round((atRest - started) / 1000), all_s: Math.round((Date.now() - started) / 1000),
    }));

    expect(disagreements(pairs, open)).toEqual([]);
    expect(lost).toEqual([]);
    expect(writes).toBeLessThanOrEqual(edits + EXTRA_WRITES);
    expect(blindWrites(all)).toEqual([]);
    for (const side of SIDES) {
      const present = await world.systems.living(side);
      expect(duplicates(present, side), `duplicates in ${side}`).toEqual([]);
      expect(present).toHaveLength(pairs.length);
    }
    expect(left).toEqual({ notes: 0, intents: 0, leases: 0, waiting: 0 });
    expect(again, 'writes of a second sweep').toBe(0);
  }, LIMIT_MS);
});

async function runs(): Promise<{ readonly runs: number; readonly hints: number; readonly rechecks: number }> {
  const all = await world.ledger.runs(SCOPE, 100_000);
  const count = (what: string): number => sum(all.map(({ counts }) => counts[what] ?? 0));
  // Every record that a run looks at is checked once: what Check said, over all runs, are the hints that were followed.
  return { runs: all.length, hints: count('changed') + count('unchanged') + count('busy'), rechecks: count('recheck') };
}
