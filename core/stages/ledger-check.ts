/**
 * The tests of Check, in the order that PROTOCOL demands: token, lease, open work, snapshot. Asking "unchanged?" before
 * "who holds it?" loses edits. Pure, so that a store that thinks in TypeScript and one that thinks in SQL can be compared
 * (`ledger/postgres/migrations/0005-check.ts` says the same in PL/pgSQL; the ledger's contract suite runs both).
 */
import type { Fingerprint, Pair, RecordKey, RunContext, Snapshot, SystemName, WriteOperation } from '../model';

/** The hold of one run on one record. `expires_at`: ISO 8601 in UTC with milliseconds, so that text order is time order. */
export interface Lease {
  readonly run_id: string;
  readonly expires_at: string;
}

/** What the tests need to know of a row. */
export interface HeldRow {
  readonly record_key: RecordKey;
  readonly version: number;
  readonly changed_seq: number;
  readonly fencing_token: number;
  readonly lease: Lease | null;
  readonly links: Pair<string | null>;
  readonly snapshots: Pair<Pick<Snapshot, 'presence' | 'fingerprint' | 'mapping_fingerprint'> | null>;
  readonly intents: readonly HeldIntent[];
  readonly reviews: readonly { readonly status: 'open' | 'decided' }[];
}

export interface HeldIntent {
  readonly fencing_token: number;
  readonly system: SystemName;
  readonly op: WriteOperation;
  readonly native_id: string | null;
  readonly idempotency_key: string;
  readonly echo_fingerprint: Fingerprint | null;
  readonly superseded: boolean;
}

/** One record as it was just read. `fingerprint` null: it is gone. */
export interface CheckedRead {
  readonly system: SystemName;
  readonly native_id: string;
  readonly fingerprint: Fingerprint | null;
  readonly mapping_fingerprint: Fingerprint;
  readonly full: boolean;
}

/** Who is asking, and since when it has been reading. */
export type Reader = Pick<RunContext, 'run_id' | 'read_token'>;

export type CheckDecision =
  | { readonly kind: 'Changed' }
  | { readonly kind: 'Unchanged'; readonly reason: 'same' | 'echo_in_flight' | 'unknown_and_gone' }
  | { readonly kind: 'Busy'; readonly lease_expires_at: string }
  | { readonly kind: 'Recheck' };

export function decideCheck(row: HeldRow | null, read: CheckedRead, run: Reader, now: string): CheckDecision {
  if (row === null) return read.fingerprint === null ? { kind: 'Unchanged', reason: 'unknown_and_gone' } : { kind: 'Changed' };
  if (row.changed_seq > run.read_token) return { kind: 'Recheck' };
  const other = leaseOfAnother(row, run, now);
  if (other !== null) {
    return isEchoInFlight(row, read) ? { kind: 'Unchanged', reason: 'echo_in_flight' } : { kind: 'Busy', lease_expires_at: other.expires_at };
  }
  if (read.full || row.intents.length > 0 || row.reviews.some((review) => review.status === 'decided')) return { kind: 'Changed' };
  return isSame(row, read) ? { kind: 'Unchanged', reason: 'same' } : { kind: 'Changed' };
}

/** An expired lease holds nobody up: whoever comes next takes over. */
export function leaseOfAnother(row: Pick<HeldRow, 'lease'>, run: Reader, now: string): Lease | null {
  const { lease } = row;
  return lease !== null && lease.run_id !== run.run_id && lease.expires_at > now ? lease : null;
}

/**
 * The holder's own write, seen before its Commit. The whole record is compared: looking at the intended fields alone
 * would swallow what a user did to another field at the same time.
 */
function isEchoInFlight(row: HeldRow, read: CheckedRead): boolean {
  if (read.full) return false;
  return row.intents.some((intent) => {
    if (intent.superseded || intent.system !== read.system) return false;
    if (intent.native_id !== null && intent.native_id !== read.native_id) return false;
    return intent.op === 'delete' ? read.fingerprint === null : read.fingerprint !== null && intent.echo_fingerprint === read.fingerprint;
  });
}

function isSame(row: HeldRow, read: CheckedRead): boolean {
  const snapshot = row.snapshots[read.system] ?? null;
  if (snapshot === null || row.links[read.system] !== read.native_id) return false;
  if (read.fingerprint === null) return snapshot.presence === 'gone';
  // Of another mapping, equal values may be equal by chance, and the snapshot has to be taken anew.
  return snapshot.presence === 'present' && snapshot.fingerprint === read.fingerprint && snapshot.mapping_fingerprint === read.mapping_fingerprint;
}
