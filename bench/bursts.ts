// `npm run bench:bursts`: webhooks for edited records, sent as fast as a real n8n takes them: the direct template against the drain.
import { Command } from 'commander';
import { startPostgres } from '../tools/postgres';
import { BurstWorld, ticketId, type Way } from './burst-world';
import { withoutLimits } from './without-limits';

interface Burst {
  readonly way: Way;
  readonly records: number;
  /** Webhooks for each record. */
  readonly times: number;
  /** Whether n8n is killed in the middle, as by a power cut: what it had accepted is not sent again. */
  readonly kill?: boolean;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const one = (value: number): string => value.toFixed(1);

/** @returns records per second, from the first webhook to the last write. */
async function measure(world: BurstWorld, { way, records, times, kill = false }: Burst): Promise<number> {
  const title = `Title ${way}`;
  const numbers = Array.from({ length: records }, (_, index) => index + 1);
  world.listen(null);
  await world.edit(numbers, title);
  // From here on the echoes of our own writes come back by the same way.
  world.listen(way);
  const before = await world.titleWrites();
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  // Record by record, so that the last ones are told of when the drain is at work.
  let waiting: readonly number[] = numbers.flatMap((number) => Array.from({ length: times }, () => number));
  const webhooks = waiting.length;
  while (waiting.length > 0) waiting = await world.tell(way, waiting);
  const told = seconds();
  if (kill) {
    await world.until('the first edit has arrived', async () => (await world.arrived(title)) > 0, 3600);
    await world.kill();
    say(`n8n was killed when ${await world.arrived(title)} of ${records} records were written.`);
    await world.restart();
  }
  await world.until('every edit has arrived', async () => (await world.arrived(title)) === records, 3600);
  const done = seconds();
  await world.until('every hint is handled', async () => (await world.waitingHints()) === 0, 3600);
  const after = await world.titleWrites();
  const extra = numbers.filter((number) => (after.get(ticketId(number)) ?? 0) - (before.get(ticketId(number)) ?? 0) !== 1).length;
  say(`| ${way} | ${webhooks} | ${records} | ${one(told)} | ${one(webhooks / told)} | ${one(done)} | ${one(records / done)} | ${one(seconds())} | ${extra} |`);
  return records / done;
}

async function main(): Promise<void> {
  const options = new Command().option('--records <n>', 'records in the burst', '500').option('--times <n>', 'webhooks for each of them', '4').option('--direct <n>', 'records in the burst for the direct template, whose speed does not depend on it', '40').option('--kill', 'kill n8n in the middle of the drain, then start it again', false).option('--store <name>', 'sqlite or postgres', 'sqlite').parse().opts<Record<'records' | 'times' | 'direct' | 'store', string> & { readonly kill: boolean }>();
  const [records, times, direct] = [Number(options.records), Number(options.times), Number(options.direct)];
  const postgres = options.store === 'postgres' ? await startPostgres() : null;
  const world = await BurstWorld.start({ people: Math.max(records, direct), ledger: postgres === null ? null : await postgres.createDatabase('bursts'), change: withoutLimits });
  try {
    say(`Ledger: ${options.store}. Seconds; "not once" counts records that were not written exactly once.\n\n| way | webhooks | records | accepted in | accepted/s | written in | records/s | at rest in | not once |\n|---|---|---|---|---|---|---|---|---|`);
    const slow = await measure(world, { way: 'direct', records: direct, times });
    const fast = await measure(world, { way: 'drain', records, times, kill: options.kill });
    say(`\nThe drain writes ${one(fast / slow)} times the records per second of the direct template.`);
  } finally {
    await world.close();
    await postgres?.stop();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
