import type { Hold, HoldFacts } from '../../../core/policies/holds';
import type { ReleaseRequest, ReleaseVerdict } from '../../../ledger/hold-store';
import type { StoredHold } from './state';
import type { Tables } from './tables';

const holdOf = ({ id, guard, subject, counted, allowed, known, by, said, opened_at }: StoredHold): Hold => ({ id, guard, subject, counted, allowed, known, by, said, opened_at });

const storedOf = (tables: Tables, sync: string): readonly StoredHold[] => Object.values(tables.holds.rows).filter((hold) => hold.sync === sync && hold.released === null).sort((a, b) => a.seq - b.seq);

export function openHolds(tables: Tables, sync: string): readonly Hold[] {
  return storedOf(tables, sync).map(holdOf);
}

export function releasedSince(tables: Tables, sync: string, guard: string, subject: string, since: string): number {
  const released = Object.values(tables.holds.rows).filter((hold) => hold.sync === sync && hold.guard === guard && hold.subject === subject && hold.released !== null && hold.released.at > since);
  return Math.max(0, ...released.map((hold) => hold.counted));
}

export function openHold(tables: Tables, sync: string, hold: HoldFacts & Pick<Hold, 'by' | 'said'>, now: string): Hold {
  const { guard, subject, counted, allowed, known } = hold;
  const present = storedOf(tables, sync).find((other) => other.guard === guard && other.subject === subject);
  if (present === undefined) {
    forgetOld(tables, sync, new Date(Date.parse(now) - 30 * 86_400_000).toISOString());
    const added = { ...hold, sync, id: tables.newId('hold'), seq: tables.nextNumber(), opened_at: now, told: false, released: null };
    tables.holds.put(added.id, added);
    return holdOf(added);
  }
  if (counted <= present.counted) return holdOf(present);
  const grown = { ...present, counted, allowed, known };
  tables.holds.put(present.id, grown);
  return holdOf(grown);
}

/** Of last month's holds nobody asks any more. */
function forgetOld(tables: Tables, sync: string, before: string): void {
  for (const [id, hold] of Object.entries(tables.holds.rows)) if (hold.sync === sync && hold.released !== null && hold.released.at < before) tables.holds.remove(id);
}

export function release(tables: Tables, sync: string, { id, by, counted }: ReleaseRequest, now: string): ReleaseVerdict {
  const found = storedOf(tables, sync).find((hold) => hold.id === id);
  if (found === undefined) return { kind: 'Gone' };
  if (found.counted !== counted) return { kind: 'Changed', hold: holdOf(found) };
  tables.holds.put(id, { ...found, released: { at: now, by } });
  if (found.guard === 'ledger_behind') tables.skipTo(found.counted);
  return { kind: 'Released', hold: holdOf(found) };
}

export function tellHolds(tables: Tables, sync: string): readonly Hold[] {
  const untold = storedOf(tables, sync).filter((hold) => !hold.told);
  for (const hold of untold) tables.holds.put(hold.id, { ...hold, told: true });
  return untold.map(holdOf);
}
