/** The storm itself: edits of both sides on few records, newcomers among them, and two workers killed in the middle. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../demo/systems/json';
import { stormEdits } from './storm-edits';
import { linkedPairs, type LinkedPair } from './storm-checks';
import type { StormWorld } from './storm-world';
import { changeOf, fieldNamed, type Side, SIDES } from './synced-fields';

const EDITS = Number(process.env['STORM_EDITS'] ?? 40);
const RECORDS = 6;
const NEWCOMERS: ReadonlyMap<number, Side> = new Map([[Math.floor(EDITS / 6), 'crm'], [Math.floor(EDITS / 2), 'support']]);
export const KILL_AFTER: readonly number[] = [Math.floor(EDITS / 3), Math.floor((2 * EDITS) / 3)];
/** Longer than it takes to see that a write hangs and to kill its worker. */
const HANG_MS = 10_000;
/** In both; the CRM delivers everything twice besides. */
const QUIRKS = { deliver_out_of_order: true, partial_payloads: true, group_events_ms: 1000 } as const;
const NO_QUIRKS = { deliver_twice: false, deliver_out_of_order: false, partial_payloads: false, group_events_ms: 0 } as const;

/** Records of this storm alone: what an earlier one left in question would be a calm place. */
export async function recordsFor(world: StormWorld, seed: number): Promise<readonly LinkedPair[]> {
  const contacts = new Set<string>();
  await everywhere(world, { webhooks_off: true });
  for (let serial = 1; serial <= RECORDS; serial += 1) contacts.add(await world.systems.create('crm', { ...person('crm', `${seed}.${serial}`), phone: '+49 30 1234567', priority: '3', city: 'Berlin', country: 'DE' }));
  await everywhere(world, { webhooks_off: false });
  await world.sweep();
  return (await linkedPairs(world)).filter(({ ids }) => contacts.has(ids.crm));
}

export async function storm(world: StormWorld, seed: number, pairs: readonly LinkedPair[]): Promise<void> {
  const restarts: Promise<void>[] = [];
  await everywhere(world, QUIRKS);
  await world.systems.quirks('crm', { deliver_twice: true });
  for (const [index, { pauseMs, side, record, field, value }] of stormEdits(seed, EDITS, pairs.length).entries()) {
    const pair = pairs[record]!;
    await sleep(pauseMs);
    await world.room();
    await world.systems.edit(side, pair.ids[side], changeOf(fieldNamed(field), side, value));
    const newcomer = NEWCOMERS.get(index);
    if (newcomer !== undefined) await world.systems.create(newcomer, person(newcomer, `${seed}.new.${index}`));
    if (KILL_AFTER.includes(index)) {
      await Promise.all(restarts);
      restarts.push(...(await killInTheMiddle(world, [pair, ...pairs.filter((one) => one !== pair)], index)).map((worker) => world.n8n.startWorker(worker)));
    }
  }
  await Promise.all(restarts);
  await world.settled();
  await everywhere(world, NO_QUIRKS);
}

/**
 * Kills a worker (or all, see `victims`) while a write hangs that is applied and not answered: that of the first of these records which is
 * written. What a worker killed before still holds, or a run has given up after many attempts, is for the sweep at the end.
 */
async function killInTheMiddle(world: StormWorld, pairs: readonly LinkedPair[], serial: number): Promise<readonly number[]> {
  await world.systems.quirks('support', { hang_next_write_ms: HANG_MS });
  for (const { ids } of pairs) {
    await world.systems.edit('crm', ids.crm, { phone: `+49 30 70${1000 + serial}` });
    if (!(await world.comesBeforeRest('a write hangs', () => world.systems.hasHung('support')))) continue;
    const workers = await world.victims();
    await Promise.all(workers.map((worker) => world.n8n.killWorker(worker)));
    return workers;
  }
  throw new Error('No edit of any record was written.');
}

async function everywhere(world: StormWorld, quirks: object): Promise<void> {
  for (const side of SIDES) await world.systems.quirks(side, quirks);
}

function person(side: Side, name: string): JsonObject {
  const words = { last_name: `Storm ${name}`, email: `storm.${name}@example.org` };
  return side === 'crm' ? words : { requester: words };
}
