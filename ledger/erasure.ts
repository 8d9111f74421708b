/**
 * A privacy erasure: the ledger forgets what a record held. Only of a record that is gone in both systems, since the next read of one
 * that lives would bring its values back; and only when nobody is writing it.
 *
 * What stays is what keeps the record from coming back, until retention takes it too: the record's key, its native ids, that it is
 * gone, version numbers, and of a create that may have made a record nobody linked its number and idempotency key. Everything else goes:
 * values of snapshots, journal, history with its overrides, intents with match keys, questions, issues.
 */
import type { Pair, Snapshot } from '../core/model';
import type { Lease } from '../core/stages/ledger-check';
import type { EraseVerdict } from './ledger-store';

interface ErasableRow {
  readonly lease: Lease | null;
  readonly tombstone_at: string | null;
  readonly snapshots: Pair<Snapshot | null>;
  readonly links: Pair<string | null>;
  readonly intents: readonly { readonly may_land_until: string }[];
}

/** Why the record cannot be erased now; null when it can. PostgreSQL says the same (`postgres/migrations`). */
export function decideErasure(row: ErasableRow | null, now: string): Exclude<EraseVerdict, { kind: 'Erased' }> | null {
  if (row === null) return { kind: 'Unknown' };
  const until = [...(row.lease === null ? [] : [row.lease.expires_at]), ...row.intents.map((intent) => intent.may_land_until)].filter((moment) => moment > now).sort().at(-1);
  if (until !== undefined) return { kind: 'Busy', until };
  if (row.tombstone_at !== null) return null;
  const present = Object.entries(row.snapshots).flatMap(([system, snapshot]) => (snapshot?.presence === 'present' ? [system] : []));
  return { kind: 'Alive', systems: (present.length > 0 ? present : Object.keys(row.links)).sort() };
}
