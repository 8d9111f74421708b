/**
 * The tests of Reserve, which a Commit without a write goes through too: version, lease, younger hints, claims. The first
 * that fails names the Recheck. `ledger/postgres/migrations/0006-reserve.ts` says the same in PL/pgSQL.
 */
import type { RecordKey, ReviewItem, SystemName } from '../model';
import { leaseOfAnother, type HeldIntent, type HeldRow, type Reader } from './ledger-check';

/**
 * Whether a row gives way to a plan that pairs its record: it was never paired, nobody is at it or was asked about more than a refused
 * create of the other half (but for who has said that this very pair is meant), and all it knows is its own record and creates that can
 * land no more. Where searches lag or nothing shows whose a new record is, each half of a pair can have such a row, and each would be sent
 * to the other for ever. A row with a create gives way only to a row that has one too, or that is paired and would never give way to it.
 * Every other run is sent to it, since it knows what it may have created.
 */
export function givesWay(row: UnpairedRow, to: Pick<UnpairedRow, 'intents' | 'links'> | null, now: string): boolean {
  const isFree = row.lease === null || row.lease.expires_at <= now;
  const isUnpaired = Object.keys(row.links).length <= 1 && Object.keys(row.snapshots).every((system) => Object.hasOwn(row.links, system));
  const isMeant = (native_id: string): boolean => Object.entries(to?.links ?? {}).some(([system, id]) => id === native_id && !Object.hasOwn(row.links, system));
  const isAsked = row.reviews.some(({ kind, decision }) => kind !== 'rejected_write' && !(decision?.kind === 'link' && isMeant(decision.native_id)));
  const isDone = row.intents.every(({ op, may_land_until }) => op === 'create' && may_land_until <= now);
  const stays = to !== null && (to.intents.some(({ op }) => op === 'create') || Object.keys(to.links).length > 1);
  return isFree && isUnpaired && !isAsked && isDone && (row.intents.length === 0 || stays);
}

type UnpairedRow = Pick<HeldRow, 'lease' | 'links' | 'snapshots'> & { readonly reviews: readonly Pick<ReviewItem, 'kind' | 'decision'>[]; readonly intents: readonly (Pick<HeldIntent, 'op'> & { readonly may_land_until: string })[] };

export interface Reservation {
  /** As Check read it; 0 when there was no row. */
  readonly version: number;
  readonly intents: readonly { readonly system: SystemName; readonly idempotency_key: string }[];
}

/** What the ledger knows beside the row itself, looked up under the same locks. */
export interface ReserveFacts {
  /**
   * Largest `hint_seq` of all notes of either side, handled or not; 0 without notes. That a row gave a native id up for another one counts as
   * a handled note of it, and what pruning has forgotten as one of every record: a run that old cannot know what it missed.
   */
  readonly youngest_hint: number;
  /** Another row that one of the plan's native ids belongs to and that does not give way (`givesWay`). */
  readonly link_holder: RecordKey | null;
  /** Another row with an unsettled create for the same match key in the same system. */
  readonly match_key_holder: RecordKey | null;
  /** An earlier item of this batch was about this record. */
  readonly repeated_in_batch: boolean;
}

export type ReserveDecision =
  | { readonly kind: 'Proceed' }
  /** A node that is run again with its old items gets the reservation it has. */
  | { readonly kind: 'Repeated'; readonly fencing_token: number; readonly version: number; readonly lease_expires_at: string }
  | {
      readonly kind: 'Recheck';
      readonly reason: 'version' | 'lease' | 'hint' | 'link_claimed' | 'match_key_claimed';
      readonly claimed_by: RecordKey | null;
    };

export function decideReserve(row: HeldRow | null, item: Reservation, facts: ReserveFacts, run: Reader, now: string): ReserveDecision {
  const held = facts.repeated_in_batch ? null : reservationOf(row, item, run, now);
  if (held !== null) return held;
  if (facts.repeated_in_batch || (row?.version ?? 0) !== item.version || (row !== null && item.version === 0)) return recheck('version');
  if (row !== null && leaseOfAnother(row, run, now) !== null) return recheck('lease');
  // Handled or not: the run that handled it read something this run has not seen.
  if (facts.youngest_hint > run.read_token) return recheck('hint');
  if (facts.link_holder !== null) return recheck('link_claimed', facts.link_holder);
  if (facts.match_key_holder !== null) return recheck('match_key_claimed', facts.match_key_holder);
  return { kind: 'Proceed' };
}

function recheck(reason: Extract<ReserveDecision, { kind: 'Recheck' }>['reason'], claimed_by: RecordKey | null = null): ReserveDecision {
  return { kind: 'Recheck', reason, claimed_by };
}

function reservationOf(row: HeldRow | null, item: Reservation, run: Reader, now: string): ReserveDecision | null {
  if (row?.lease?.run_id !== run.run_id || row.lease.expires_at <= now || row.version !== item.version + 1) return null;
  const mine = row.intents.filter((intent) => !intent.superseded && intent.fencing_token === row.fencing_token);
  const same = mine.length > 0 && mine.length === item.intents.length
    && item.intents.every((wanted) => mine.some((intent) => intent.system === wanted.system && intent.idempotency_key === wanted.idempotency_key));
  return same ? { kind: 'Repeated', fencing_token: row.fencing_token, version: row.version, lease_expires_at: row.lease.expires_at } : null;
}

/**
 * Whether a Commit still has the hold that Reserve gave it. An expired lease that nobody took is good. `repeated`: this
 * very hold has been committed already (a node run again with old items): nothing is stored twice.
 */
export function decideHold(row: (Pick<HeldRow, 'fencing_token' | 'lease'> & { readonly committed_token: number }) | null, fencing_token: number): 'held' | 'repeated' | 'stale' {
  if (row === null) return 'stale';
  if (row.lease !== null && row.fencing_token === fencing_token) return 'held';
  return row.committed_token === fencing_token ? 'repeated' : 'stale';
}
