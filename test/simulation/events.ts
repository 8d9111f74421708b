/** What can happen in a world, and how often: one table. A new kind of event is one more row. */
import { RETENTION_FLOOR_DAYS } from '../../ledger/retention';
import { decideReview } from './decide-review';
import { liveRecords, type FakeFields } from './fake-system';
import { SYSTEMS, type FakeName } from './machine-settings';
import { otherName, scopeOf } from './sweep';
import type { World } from './world';
import { land } from './world/apis';
import { personCreates, personDeletes, personEdits, personUndeletes } from './world/users';
import { advance, begin } from './world/workers';

interface EventKind {
  readonly name: string;
  readonly weight: number;
  happen(world: World): Promise<void> | void;
}

const EMAILS = ['r1@x.org', 'r2@x.org', 'r3@x.org'] as const;

export const EVENTS: readonly EventKind[] = [
  { name: 'a worker goes on', weight: 40, happen: goOn },
  { name: 'a webhook arrives', weight: 14, happen: deliver },
  { name: 'a user edits', weight: 9, happen: edit },
  { name: 'a user creates', weight: 3, happen: create },
  { name: 'time passes', weight: 3, happen: (world) => { world.now += 1000 * (1 + world.choices.below(70)); } },
  { name: 'a user sets a value back', weight: 4, happen: setBack },
  { name: 'a user deletes', weight: 1, happen: remove },
  { name: 'a user undeletes', weight: 1, happen: undelete },
  { name: 'a person decides', weight: 2, happen: decide },
  { name: 'a late write lands', weight: 2, happen: landLate },
  { name: 'a webhook is lost', weight: 1, happen: lose },
  { name: 'a webhook is doubled', weight: 1, happen: double },
  { name: 'a worker crashes', weight: 2, happen: crash },
  { name: 'a lease expires', weight: 1, happen: expire },
  { name: 'the ledger goes away', weight: 1, happen: ledgerAway },
  { name: 'redis goes away', weight: 1, happen: redisAway },
  { name: 'the ledger is pruned', weight: 1, happen: pruneLedger },
];

/** @param events those that may happen */
export async function nextEvent(world: World, events: readonly EventKind[] = EVENTS): Promise<void> {
  world.step += 1;
  world.now += 100;
  let at = world.choices.below(events.reduce((sum, { weight }) => sum + weight, 0));
  for (const event of events) {
    at -= event.weight;
    if (at >= 0) continue;
    await event.happen(world);
    return;
  }
}

/** One that has something to do; without any, a webhook arrives. */
async function goOn(world: World): Promise<void> {
  const busy = [...world.workers.keys()].filter((index) => world.workers[index] !== null);
  const index = busy[world.choices.below(Math.max(1, busy.length))];
  if (index === undefined) deliver(world);
  else await advance(world, index);
}

const freeWorker = (world: World): number => world.workers.indexOf(null);

function deliver(world: World): void {
  const free = freeWorker(world);
  if (free === -1 || world.webhooks.length === 0) return;
  const at = world.choices.below(world.webhooks.length);
  const [hint] = world.webhooks.splice(at, 1);
  if (hint === undefined) return;
  if (at > 0) world.fault('webhooks reordered');
  if (at < world.webhooks.length && world.webhooks.length > 2 && at > 0) world.fault('webhook late');
  const hints = [hint];
  if (world.choices.rarely(4)) {
    const next = world.webhooks.findIndex(({ system }) => system === hint.system);
    if (next !== -1) {
      hints.push(...world.webhooks.splice(next, 1));
      world.fault('webhooks batched');
    }
  }
  const source = hint.system === 'a' ? 'a' : 'b';
  begin(world, free, { source, target: otherName(source), hints, cause: 'webhook' });
}

const someSystem = (world: World): FakeName => SYSTEMS[world.choices.below(2)] ?? 'a';

function someRecord(world: World, deleted: boolean) {
  const system = someSystem(world);
  const records = Object.values(world.systems[system].records).filter((record) => record.deleted === deleted);
  const record = records.length === 0 ? undefined : records[world.choices.below(records.length)];
  return record === undefined ? null : { system, record };
}

function newValue(world: World, system: FakeName): Partial<FakeFields> {
  const mark = `${system}${world.step}`;
  switch (world.choices.below(system === 'a' ? 7 : 6)) {
    case 0: return { name: `n-${mark}` };
    case 1: return { city: `c-${mark}` };
    case 2: return { phone: world.choices.rarely(6) ? null : `+1415555${String(1000 + (world.step * 2 + (system === 'a' ? 0 : 1)) % 9000)}` };
    case 3: return { zip: `z-${mark}` };
    case 4: return { tags: [['t1'], ['t1', 't2'], ['t2', 't3'], []][world.choices.below(4)] ?? [] };
    case 5: return world.choices.rarely(3) ? { city: `refused-${mark}` } : { city: `c-${mark}`, name: `n-${mark}` };
    default: return { score: `s-${mark}` };
  }
}

function edit(world: World): void {
  const found = someRecord(world, false);
  if (found !== null) personEdits(world, found.system, found.record.id, newValue(world, found.system));
}

function create(world: World): void {
  const system = someSystem(world);
  const email = EMAILS[world.choices.below(EMAILS.length)] ?? EMAILS[0];
  if (liveRecords(world.systems[system]).some((record) => record.fields.email === email)) return;
  personCreates(world, system, { email, name: `n-${system}${world.step}`, city: `c-${system}${world.step}` });
}

/** To what the record held before, as somebody does who was wrong. */
function setBack(world: World): void {
  const found = someRecord(world, false);
  if (found === null) return;
  const { system, record } = found;
  const edits = world.deeds.edits.filter((candidate) => candidate.system === system && candidate.id === record.id && candidate.replaced !== null);
  const last = edits.at(-1);
  if (last !== undefined) personEdits(world, system, record.id, { [last.field]: last.replaced });
}

function remove(world: World): void {
  const found = someRecord(world, false);
  if (found !== null) personDeletes(world, found.system, found.record.id);
}

function undelete(world: World): void {
  const found = someRecord(world, true);
  if (found === null) return;
  if (liveRecords(world.systems[found.system]).some((record) => record.fields.email === found.record.fields.email)) return;
  personUndeletes(world, found.system, found.record.id);
}

async function decide(world: World): Promise<void> {
  const scope = scopeOf(world, 'a');
  const { items } = await world.ledger.store.reviews(scope, { limit: 10, offset: 0, id: null });
  const review = items[world.choices.below(Math.max(1, items.length))];
  if (review === undefined) return;
  const by = 'person';
  const [field] = review.fields;
  const kind = world.choices.below(4);
  const decision = kind === 0 ? { kind: 'winner', system: 'a', by } as const
    : kind === 1 ? { kind: 'winner', system: 'b', by } as const
      : kind === 2 && field !== undefined && review.kind === 'conflict' ? { kind: 'value', value: { [field]: `d-${world.step}` }, by } as const : { kind: 'keep_apart', by } as const;
  await decideReview(world, review, decision);
}

function landLate(world: World): void {
  const late = world.late.shift();
  if (late === undefined) return;
  const { effect: { request, system } } = late;
  // A create that lands after its lease, in a system that neither honours keys nor refuses a second record, cannot be met.
  if (request.op === 'create' && world.now >= late.until && world.settings.mappings[system]?.schema.creates_once === false) return;
  world.tell('a late write lands');
  land(world, late.effect, late.read_at);
}

function lose(world: World): void {
  if (world.webhooks.length === 0) return;
  world.webhooks.splice(world.choices.below(world.webhooks.length), 1);
  world.fault('webhook lost');
}

function double(world: World): void {
  const hint = world.webhooks[0];
  if (hint === undefined) return;
  world.webhooks.push(hint);
  world.fault('webhook doubled');
}

function crash(world: World): void {
  const index = world.workers.findIndex((worker) => worker !== null && worker.state.pass !== null);
  if (index === -1) return;
  world.workers[index] = null;
  world.deeds.allowance += 1;
  world.fault('crash');
}

function expire(world: World): void {
  world.now += 121_000;
  world.deeds.allowance += 2;
  world.fault('clock moved past a lease');
}

function ledgerAway(world: World): void {
  world.ledger_away = 1 + world.choices.below(3);
  world.deeds.allowance += 1;
  world.fault('ledger away');
}

function redisAway(world: World): void {
  const { redis } = world.ledger;
  if (redis === null) return;
  redis.away = !redis.away;
  if (redis.away) world.fault('redis away');
}

/** More than a week passes, which no run and no request outlives, and retention takes all it may. What was on record by then was there for a person to read. */
async function pruneLedger(world: World): Promise<void> {
  const { ledger: { store, record_type }, deeds } = world;
  world.workers.fill(null);
  world.late.length = 0;
  const scope = scopeOf(world, 'a');
  for (const id of SYSTEMS.flatMap((system) => Object.keys(world.systems[system].records))) {
    const record_key = `${record_type}_${id}`;
    const { entries } = await store.history(scope, record_key, 500);
    for (const override of entries.flatMap((entry) => entry.overrides)) deeds.pruned_overrides.push({ record_key, override });
  }
  world.now += (RETENTION_FLOOR_DAYS + 1) * 86_400_000;
  deeds.allowance += 2;
  const days = RETENTION_FLOOR_DAYS;
  await store.prune(scope, { history_days: days, journal_days: days, runs_days: days, intents_days: days, tombstones_days: days });
  world.fault('ledger pruned');
}
