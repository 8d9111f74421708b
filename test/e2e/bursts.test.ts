import { afterAll, beforeAll, expect, it } from 'vitest';
import { BurstWorld, ticketId } from '../../bench/burst-world';

const PEOPLE = 60;
const TIMES = 4;
const EVERYBODY = Array.from({ length: PEOPLE }, (_, index) => index + 1);

/** What a crash holds is free again after seconds, not minutes; small batches, so that n8n can be killed between two of them. */
const impatient = (text: string): string => text
  .replaceAll('"holdSeconds":120', '"holdSeconds":15').replaceAll('"leaseSeconds":120', '"leaseSeconds":15').replaceAll('"batchSize":500', '"batchSize":15')
  .replaceAll('{"field":"minutes","minutesInterval":1}', '{"field":"seconds","secondsInterval":5}');

let world: BurstWorld;
beforeAll(async () => { world = await BurstWorld.start({ people: PEOPLE, ledger: null, change: impatient }); }, 600_000);
afterAll(async () => { await world.close(); });

it('a burst is written record by record once, and n8n that is killed in the middle loses no hint: after the restart the schedule finishes it', async () => {
  world.listen(null);
  await world.edit(EVERYBODY, 'Director');
  world.listen('drain');
  // Accepted means noted: after the kill nobody sends these again. The last people are told about last, when the drain is at work.
  let waiting: readonly number[] = EVERYBODY.flatMap((number) => Array.from({ length: TIMES }, () => number));
  while (waiting.length > 0) waiting = await world.tell('drain', waiting);
  await world.until('the first batch is being written', async () => (await world.arrived('Director')) > 0);
  await world.kill();
  expect(await world.arrived('Director')).toBeLessThan(PEOPLE);
  await world.restart();
  await world.until('every edit has arrived', async () => (await world.arrived('Director')) === PEOPLE);
  await world.until('every hint is handled', async () => (await world.waitingHints()) === 0);
  expect(Object.fromEntries(await world.titleWrites())).toEqual(Object.fromEntries(EVERYBODY.map((number) => [ticketId(number), 1])));
}, 900_000);
