import type { Hint, SystemName } from '../../../core/model';
import type { PendingWork, SyncScope } from '../../../ledger/ledger-store';
import { claimantOf } from '../../../core/policies/review-decisions';
import { isUnhandled } from '../../../ledger/steps/step';
import { isTaken } from './drain';
import { linkHolder } from './records';
import { keyOf, type StoredRow } from './state';
import type { Tables } from './tables';

export function pendingWork(tables: Tables, { sync }: SyncScope, limit: number, now: string): PendingWork {
  const waiting = new Map<string, { readonly hint: Hint; readonly since: number }>();
  const add = (hint: Hint, since: number): void => {
    const key = keyOf(hint.system, hint.native_id);
    waiting.set(key, { hint, since: Math.min(since, waiting.get(key)?.since ?? since) });
  };
  for (const note of Object.values(tables.notes.rows)) {
    if (note.sync === sync && isUnhandled(note) && !isTaken(tables, note, now)) add({ system: note.system, native_id: note.native_id }, note.hint_seq);
  }
  for (const row of Object.values(tables.records.rows)) {
    if (row.sync === sync && isAbandoned(row, now)) for (const [system, native_id] of Object.entries(row.links)) add({ system, native_id }, row.changed_seq);
  }
  const oldestFirst = [...waiting.values()].sort((a, b) => a.since - b.since || (keyOf(a.hint.system, a.hint.native_id) < keyOf(b.hint.system, b.hint.native_id) ? -1 : 1));
  return { hints: oldestFirst.slice(0, limit).map(({ hint }) => hint) };
}

function isAbandoned(row: StoredRow, now: string): boolean {
  const held = row.lease !== null && row.lease.expires_at > now;
  return !held && (row.intents.some((intent) => !intent.superseded) || row.reviews.some((review) => review.status === 'decided'));
}

export function missingRecords(tables: Tables, { sync }: SyncScope, system: SystemName, seen: readonly string[]): readonly Hint[] {
  const known = new Set(seen);
  return Object.values(tables.records.rows)
    .flatMap((row) => {
      const native_id = row.links[system];
      if (row.sync !== sync || native_id === undefined) return [];
      const claimants = row.reviews.map((review) => claimantOf(review, system)).filter((claimant) => claimant !== null);
      const settled = claimants.some((claimant) => !known.has(claimant) || linkHolder(tables, sync, system, claimant) !== null);
      // A record that is known to be gone is no news.
      return settled || (!known.has(native_id) && row.snapshots[system]?.presence !== 'gone') ? [{ system, native_id }] : [];
    })
    .sort((a, b) => (a.native_id < b.native_id ? -1 : 1));
}

export function cursorOf(tables: Tables, scope: SyncScope, system: SystemName): string | null {
  return tables.cursors.get(keyOf(scope.sync, system)) ?? null;
}

export function saveCursor(tables: Tables, scope: SyncScope, system: SystemName, cursor: string): void {
  tables.cursors.put(keyOf(scope.sync, system), cursor);
}
