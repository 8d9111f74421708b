/** A reconcile run as `tools/templates/reconcile.ts` draws it: unfinished work, then both listings against the ledger. */
import type { Hint, Observation } from '../../core/model';
import { normalizeRecord } from '../../core/stages/normalize';
import { computeDifference } from '../../core/stages/diff-engine';
import { indexTargets, pairTarget } from '../../core/stages/pair-targets';
import { checkRequest } from '../../core/stages/check-request';
import type { SyncScope } from '../../ledger/ledger-store';
import { liveRecords, type FakeRecord } from './fake-system';
import { rawRecord } from './fake-system/raw-record';
import { SYSTEMS, type FakeName } from './machine-settings';
import type { World } from './world';
import { begin, finish } from './world/workers';

export const otherName = (name: FakeName): FakeName => (name === 'a' ? 'b' : 'a');
export const scopeOf = (world: World, source: FakeName): SyncScope => ({ sync: world.ledger.sync, record_type: world.ledger.record_type, source, target: otherName(source) });

/** @returns whether anything was handed over to a run */
export async function sweep(world: World): Promise<boolean> {
  const pending = await world.ledger.store.pending(scopeOf(world, 'a'), 500);
  await handOver(world, 'a', pending.hints, false);
  let handed = pending.hints.length > 0;
  for (const source of SYSTEMS) handed = (await sweepOne(world, source)) || handed;
  return handed;
}

async function sweepOne(world: World, source: FakeName): Promise<boolean> {
  const { store } = world.ledger;
  const scope = scopeOf(world, source);
  const { run } = await store.start({ ...scope, hints: [], dry_run: false, attempt: 0, execution_id: null, cause: 'reconcile' });
  const records = listing(world, source);
  const items = records.map((observation) => checkRequest({ recent_seconds: 60, sentinel: 'n8n-sync' }, run, observation, observation.native_id ?? '', { full: false, as_record_key: null })).filter((item) => item !== null);
  const verdicts = await store.check(run, items);
  const targets = indexTargets(listing(world, otherName(source)).map((observation) => ({ observation, answers: null })));
  const sources = new Map(records.map((observation) => [observation.native_id, observation]));
  const unread: Hint[] = [];
  const changed = records.flatMap((observation, index): Hint[] => {
    const verdict = verdicts[index];
    const hint = { system: source, native_id: observation.native_id ?? '' };
    if (verdict?.kind === 'Recheck') return [hint];
    if (verdict?.kind !== 'Changed') return [];
    const item = { run, source: observation, row: verdict.row, record_key: verdict.row?.record_key ?? observation.record_key ?? '' };
    const paired = pairTarget(targets, item, true);
    if (paired.kind === 'Unread') {
      unread.push(hint);
      return [];
    }
    const found = computeDifference(world.settings.diff, run, { ...item, target: paired.target, held_fields: [], sources });
    return found.kind === 'Unchanged' ? [] : [hint];
  });
  await handOver(world, source, changed, false);
  // A linked record that the other listing does not show: both sides are compared, whatever this one looks like.
  await handOver(world, source, unread, true);
  // Not shown is not deleted: read one by one.
  const missing = await store.missing(scope, source, items.map(({ native_id }) => native_id));
  await handOver(world, source, missing, true);
  return changed.length + unread.length + missing.length > 0;
}

/** A record of a fake system never changes (an edit makes another one), so each is read once: sweeps list the same ones again and again. */
const listed = new WeakMap<FakeRecord, readonly Observation[]>();

function listing(world: World, system: FakeName): readonly Observation[] {
  const mapping = world.settings.mappings[system];
  if (mapping === undefined) throw new Error(`No mapping of ${system}`);
  const state = world.systems[system];
  return liveRecords(state).flatMap((record) => {
    const known = listed.get(record);
    if (known !== undefined) return known;
    const read = normalizeRecord(mapping, rawRecord(state, record), { etag: null });
    const observations = read.kind === 'Valid' ? [read.observation] : [];
    listed.set(record, observations);
    return observations;
  });
}

async function handOver(world: World, source: FakeName, hints: readonly Hint[], full: boolean): Promise<void> {
  if (hints.length === 0) return;
  begin(world, 0, { source, target: otherName(source), hints, cause: 'reconcile', full });
  await finish(world, 0);
}
