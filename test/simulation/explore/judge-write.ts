/** The laws that a write can break in the moment it lands. */
import type { FakeState } from '../fake-system';
import { bit, isFaulty, isOnTopOf, type Past } from './past';
import { recordName, valuesOf } from './run-step';
import { otherSide, type Side } from './scope';
import type { Running, World } from './world';

export interface Judged {
  readonly past: Past;
  readonly broken: string | null;
}

export function judgeWrite(world: World, running: Running, side: Side, after: FakeState): Judged {
  const before = world.systems[side];
  let judged: Judged = { past: world.past, broken: null };
  for (const record of Object.values(after.records)) {
    const former = before.records[record.id];
    if (former === record || judged.broken !== null) continue;
    if (former === undefined) judged = judgeCreate(world, side, judged);
    else if (record.deleted) judged = judgeDelete(world, running, side, record.id, judged);
    else judged = judgeUpdate(world, running, side, record.id, valuesOf(record) ?? {}, judged);
  }
  return judged;
}

/** Law 6: no second create while the first one exists. One that a user made meanwhile nobody could know of. */
function judgeCreate(world: World, side: Side, { past }: Judged): Judged {
  const living = Object.values(world.systems[side].records).filter((record) => !record.deleted);
  if (living.some((record) => record.stamp !== null)) return { past, broken: `law 6, no duplicate create: ${side} holds a record that we created already` };
  return { past: living.length > 0 ? { ...past, inWindow: true } : past, broken: null };
}

/** Edit beats delete: nothing is deleted over a value that the deleting run had not read. */
function judgeDelete(world: World, running: Running, side: Side, id: string, { past }: Judged): Judged {
  const present = valuesOf(world.systems[side].records[id]) ?? {};
  const seen = running.seen[recordName(side, id)] ?? {};
  const unread = Object.entries(present).find(([field, edit]) => seen[field] !== edit && (past.deleted & bit(edit)) === 0);
  if (unread === undefined) return { past, broken: null };
  if (!world.systems[side].quirks.conditional) return { past: { ...past, inWindow: true }, broken: null };
  return { past, broken: `edit beats delete: ${side} ${id} was deleted while ${unread[0]} held v${unread[1]}, which the run had not read` };
}

function judgeUpdate(world: World, running: Running, side: Side, id: string, after: { readonly [field: string]: number }, judged: Judged): Judged {
  const present = valuesOf(world.systems[side].records[id]) ?? {};
  const seen = running.seen[recordName(side, id)] ?? {};
  let { past } = judged;
  for (const [field, written] of Object.entries(after)) {
    const covered = present[field];
    if (covered === undefined || covered === written || covered === 0 && !past.setBack) continue;
    const wasSeen = seen[field] === covered;
    const onlyHere = past.edits[covered - 1]?.side === side && !holds(world, otherSide(side), field, covered) && !isRemembered(world, side, field, covered);
    const excused = excuse(world, running, side, wasSeen);
    if (!past.setBack && isOnTopOf(past, covered, written)) {
      if (!excused) return { past, broken: `law 15, never an older value over a newer one: ${side} ${id} ${field}: v${covered} was made on top of v${written}, which was written over it${wasSeen ? '' : ' (not read)'}` };
      if (onlyHere) past = { ...past, inWindow: true };
    }
    if (isOnTopOf(past, written, covered)) continue;
    if (wasSeen) past = { ...past, judged: past.judged | bit(covered) };
    // A field that a system does not show can't be read before it is written.
    else if (past.partials > 0) past = { ...past, inWindow: true };
    else if (world.systems[side].quirks.conditional) return { past, broken: `law 8, nothing is covered unread: ${side} ${id} ${field}: v${written} was written over v${covered}, which the run had not read` };
    else if (onlyHere || past.setBack) past = { ...past, inWindow: true };
  }
  return { past, broken: null };
}

/** A write that cannot be fenced may land late; it is judged by how it heals. Without a stamp an interrupted write may be judged by the rule. */
function excuse(world: World, running: Running, side: Side, wasSeen: boolean): boolean {
  const { past, ledger, systems } = world;
  const { conditional } = systems[side].quirks;
  const late = !Object.values(ledger.records).some((row) => row.lease?.run_id === running.run_id);
  const stampless = !systems.a.quirks.stamps || !systems.b.quirks.stamps;
  return (!conditional && (late || (!wasSeen && isFaulty(past)))) || (stampless && isFaulty(past)) || (!wasSeen && past.partials > 0);
}

function holds(world: World, side: Side, field: string, edit: number): boolean {
  return Object.values(world.systems[side].records).some((record) => valuesOf(record)?.[field] === edit);
}

function isRemembered({ ledger }: World, side: Side, field: string, edit: number): boolean {
  return Object.values(ledger.records).some((row) => {
    const value = row.snapshots[side]?.record[field];
    return typeof value === 'string' && value.toLowerCase().trim() === `v${edit}`;
  });
}
