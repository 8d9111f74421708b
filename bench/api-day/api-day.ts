/** The same working day through the shipped workflows and through what people build today: calls, fields sent, edits lost. */
import type { JsonObject } from '../../demo/systems/json';
import { errorOf, World, writesOf } from '../../test/workflows/world';
import type { WorkflowRun } from '../../test/support/engine';
import { atLeast, atMost, type Section } from '../section';
import { changesOf, editsOf, heldOf, idOn, morning, QUARTERS, type Edit, type Side } from './day';
import { compareDatasets, hashRecipe, mirror, type Peer } from './peers';

const SIDES = ['crm', 'support'] as const;
const NIGHTLY = QUARTERS - 1;

interface Day {
  readonly reads: number;
  readonly writes: number;
  readonly fields_sent: number;
  readonly edits_lost: number;
}

/** What moves records: told of each edit as it happens, and called once every quarter of an hour. Each returns the fields it sent. */
interface Mover {
  edited(world: World, edit: Edit): Promise<number>;
  swept(world: World, quarter: number): Promise<number>;
}

const polling = (peer: Peer, people: number): Mover => ({ edited: () => Promise.resolve(0), swept: (world) => peer(world, people) });

/** Webhooks for every change, those of its own writes too; an incremental sweep every quarter of an hour and a whole one at night. */
const shipped: Mover = {
  edited: async (world, { side, person }) => fieldsSent(await delivered(world, side, [idOn(side, person)])),
  swept: async (world, quarter) => fieldsSent(checked(await world.reconcile(quarter === NIGHTLY ? 'full' : 'incremental'))),
};

function checked(run: WorkflowRun): readonly WorkflowRun[] {
  const error = errorOf(run);
  if (error !== undefined) throw error;
  return [run];
}

/** A delivery, and the deliveries that its writes cause. */
async function delivered(world: World, side: Side, ids: readonly string[]): Promise<readonly WorkflowRun[]> {
  const runs = [...checked(await world.deliver(side, ...ids))];
  for (const [system, written] of runs.flatMap(writtenBy)) runs.push(...checked(await world.deliver(system, ...written)));
  return runs;
}

const WRITERS: Readonly<Record<Side, string>> = { crm: 'Translate patch for CRM', support: 'Translate patch for Support' };

function requestsBy(run: WorkflowRun, side: Side): readonly JsonObject[] {
  return run.subRuns.flatMap((sub) => sub.run.byNode.get(WRITERS[side])?.[0] ?? []).map(({ json }) => json['request'] as JsonObject);
}

const writtenBy = (run: WorkflowRun): readonly (readonly [Side, readonly string[]])[] =>
  SIDES.flatMap((side) => { const ids = requestsBy(run, side).flatMap(({ native_id }) => (typeof native_id === 'string' ? [native_id] : [])); return ids.length === 0 ? [] : [[side, ids] as const]; });

/** Leaves of the bodies, the origin stamp apart: it belongs to the sync. */
function fieldsSent(runs: readonly WorkflowRun[]): number {
  const leaves = (value: unknown): number => (typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value).reduce((sum, [name, member]) => sum + (name === 'sync_origin' ? 0 : leaves(member)), 0) : 1);
  return runs.flatMap((run) => SIDES.flatMap((side) => requestsBy(run, side))).reduce((sum, request) => sum + leaves(request['body']), 0);
}

async function play(people: number, mover: Mover, first: (world: World) => Promise<unknown>): Promise<Day> {
  const world = await World.start(morning(people));
  try {
    // Calls are counted here; that a mirror comes to the systems' limit on them is another matter.
    for (const side of SIDES) await world.quirks(side, { rate_limit: 1_000_000 });
    await first(world);
    for (const side of SIDES) await world.requests(side);
    let sent = 0;
    for (let quarter = 0; quarter < QUARTERS; quarter += 1) {
      for (const edit of editsOf(people).filter((one) => one.quarter === quarter)) {
        await world.edit(edit.side, idOn(edit.side, edit.person), changesOf(edit));
        sent += await mover.edited(world, edit);
      }
      sent += await mover.swept(world, quarter);
    }
    const requests = (await Promise.all(SIDES.map((side) => world.requests(side)))).flat();
    const writes = writesOf(requests).length;
    return { reads: requests.length - writes, writes, fields_sent: sent, edits_lost: await lostEdits(world, people) };
  } finally {
    await world.close();
  }
}

/** Of each edit, whether both systems hold it in the evening. */
async function lostEdits(world: World, people: number): Promise<number> {
  let lost = 0;
  for (const { person, field, value } of editsOf(people)) {
    const held = await Promise.all(SIDES.map(async (side) => heldOf(await world.record(side, idOn(side, person)), side, field)));
    if (held.some((one) => one !== value)) lost += 1;
  }
  return lost;
}

export async function benchApiDay(people: number): Promise<Section> {
  const edits = editsOf(people);
  const ours = await play(people, shipped, (world) => world.reconcile('full'));
  const nothing = (): Promise<void> => Promise.resolve();
  const recipe = hashRecipe();
  const peers: readonly (readonly [string, Day])[] = [
    ['a hash per row (Code node)', await play(people, polling(recipe, people), (world) => recipe(world, people))],
    ['Compare Datasets, later row wins', await play(people, polling(compareDatasets, people), nothing)],
    ['full-row mirror, later row wins', await play(people, polling(mirror, people), nothing)],
  ];
  const calls = ({ reads, writes }: Day): number => reads + writes;
  const mirrored = peers.at(-1)?.[1] ?? ours;
  const changedRecords = new Set(edits.map(({ person }) => person)).size;
  return {
    id: 'api-day', title: 'API calls of one working day',
    about: `${String(people)} people in both systems, ${String(edits.length)} edits of ${String(changedRecords)} of them, every fourth person edited on both sides in one quarter of an hour. All but the shipped workflows list both systems every quarter of an hour; those are told by webhooks, of their own writes too, and sweep as often: what changed lately, and everything once at night.`,
    columns: ['what', 'reads', 'writes', 'fields sent', 'fields sent that nobody had changed', 'edits lost'],
    rows: ([['shipped workflows', ours], ...peers] as const).map(([name, day]) => [name, String(day.reads), String(day.writes), String(day.fields_sent), String(day.fields_sent - edits.length + day.edits_lost), String(day.edits_lost)]),
    targets: [
      atLeast('API calls fewer than the mirror, per cent', 95, 100 * (1 - calls(ours) / calls(mirrored))),
      atMost('writes per edit', 1, ours.writes / edits.length),
      atMost('edits lost', 0, ours.edits_lost),
    ],
  };
}
