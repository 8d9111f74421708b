/** Webhooks for edited records, sent as fast as a real n8n takes them: the direct template against the drain, and a drain in which n8n is killed. */
import { atLeast, atMost, type Row, type Section } from './section';
import type { Way } from '../demo/tour/both-systems';
import { BurstWorld, ticketId } from './burst-world';
import { withoutLimits } from './without-limits';

export interface BurstSizes {
  readonly records: number;
  /** Webhooks for each record. */
  readonly times: number;
  /** Records for the direct template, whose speed does not depend on it. */
  readonly direct: number;
}

interface Burst {
  readonly what: string;
  readonly way: Way;
  readonly records: number;
  readonly times: number;
  /** Whether n8n is killed in the middle, as by a power cut: what it had accepted is not sent again. */
  readonly kill: boolean;
}

interface Measured {
  readonly burst: Burst;
  readonly webhooks: number;
  /** Seconds from the first webhook: until n8n had accepted all, until all was written, until no hint was left. */
  readonly accepted: number;
  readonly written: number;
  readonly rest: number;
  /** Records whose edit had not arrived in the end. */
  readonly lost: number;
  /** Of the records, when n8n was killed. */
  readonly before_kill: number | null;
  /** Records that were not written exactly once. */
  readonly not_once: number;
}

const LIMIT_SECONDS = 480;

async function measure(world: BurstWorld, burst: Burst): Promise<Measured> {
  const { what, way, records, times, kill } = burst;
  const numbers = Array.from({ length: records }, (_, index) => index + 1);
  world.listen(null);
  await world.edit(numbers, what);
  // From here on the echoes of our own writes come back by the same way.
  world.listen(way);
  const before = await world.titleWrites();
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  // Record by record, so that the last ones are told of when the drain is at work.
  let waiting: readonly number[] = numbers.flatMap((number) => Array.from({ length: times }, () => number));
  const webhooks = waiting.length;
  while (waiting.length > 0) waiting = await world.tell(way, waiting);
  const accepted = seconds();
  const before_kill = kill ? await killInTheMiddle(world, what) : null;
  const written = await world.until(`every edit has arrived (${what})`, async () => (await world.arrived(what)) === records, LIMIT_SECONDS).then(seconds, () => Number.NaN);
  const lost = records - (await world.arrived(what));
  if (lost === 0) await world.until(`every hint is handled (${what})`, async () => (await world.waitingHints()) === 0, LIMIT_SECONDS);
  const after = await world.titleWrites();
  const not_once = numbers.filter((number) => (after.get(ticketId(number)) ?? 0) - (before.get(ticketId(number)) ?? 0) !== 1).length;
  return { burst, webhooks, accepted, written, rest: seconds(), lost, before_kill, not_once };
}

async function killInTheMiddle(world: BurstWorld, title: string): Promise<number> {
  await world.until('the first edit has arrived', async () => (await world.arrived(title)) > 0, LIMIT_SECONDS);
  await world.kill();
  const arrived = await world.arrived(title);
  await world.restart();
  return arrived;
}

export async function benchBursts({ records, times, direct }: BurstSizes): Promise<Section> {
  const world = await BurstWorld.start({ people: Math.max(records, direct), ledger: null, change: withoutLimits });
  try {
    const slow = await measure(world, { what: 'Direct', way: 'direct', records: direct, times, kill: false });
    const fast = await measure(world, { what: 'Drain', way: 'drain', records, times, kill: false });
    const killed = await measure(world, { what: 'Drain, killed', way: 'drain', records: Math.ceil(records / 4), times, kill: true });
    return section([slow, fast, killed]);
  } finally {
    await world.close();
  }
}

const perSecond = ({ burst, written }: Measured): number => burst.records / written;

function section(all: readonly [Measured, Measured, Measured]): Section {
  const [slow, fast, killed] = all;
  const cells = (one: Measured): Row => [one.burst.what, String(one.webhooks), String(one.burst.records), one.accepted, one.webhooks / one.accepted, one.written, perSecond(one), one.rest, String(one.not_once)];
  return {
    id: 'bursts', title: 'Bursts of webhooks',
    about: `A real n8n with SQLite for itself and for the ledger, ${String(slow.burst.times)} webhooks for each edited record, sent over 20 connections as fast as n8n accepts them; the echoes of the sync's own writes come back beside them. Seconds from the first webhook. In the last row n8n was killed when ${String(killed.before_kill ?? 0)} records were written, and started again; nothing was sent again.`,
    columns: ['way', 'webhooks', 'records', 'accepted in', 'accepted per second', 'written in', 'records per second', 'at rest in', 'records not written exactly once'],
    rows: all.map(cells),
    targets: [
      atLeast('records per second of the drain, times those of the direct template', 20, perSecond(fast) / perSecond(slow)),
      atMost('records of a drained burst not written exactly once', 0, fast.not_once),
      atMost('edits of a drained burst that never arrived', 0, fast.lost),
      // A write that was under way when n8n died may be made once more, with the same idempotency key.
      atMost('records of a burst that never arrived, when n8n is killed in the middle', 0, killed.lost),
    ],
  };
}
