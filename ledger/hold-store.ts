/** The part of the ledger's port that is about holds: what stops a sync until a person lets it go on. */
import type { GuardName, Hold } from '../core/policies/holds';
import type { SyncScope } from './ledger-store';

/** A hold that no guard of Reserve made. */
export interface HoldRequest {
  readonly guard: Extract<GuardName, 'paused' | 'credentials'>;
  /** For `credentials` the system that refuses. */
  readonly subject: string;
  readonly by: string | null;
  readonly said: string | null;
}

export interface ReleaseRequest {
  readonly id: string;
  readonly by: string;
  /** What the person was shown: a hold that has grown meanwhile is not released. */
  readonly counted: number;
}

export type ReleaseVerdict =
  | { readonly kind: 'Released'; readonly hold: Hold }
  | { readonly kind: 'Changed'; readonly hold: Hold }
  | { readonly kind: 'Gone' };

export interface HoldStore {
  /** Those that nobody has released, oldest first. */
  holds(scope: SyncScope): Promise<readonly Hold[]>;
  /** Opens a hold, unless the same one is open: then that one is the answer. */
  hold(scope: SyncScope, request: HoldRequest): Promise<Hold>;
  /**
   * A released guard lets as much pass as was counted, on top of its limit, for `RELEASE_SECONDS`. Releasing `ledger_behind` moves
   * the ledger's sequence past the stamp that gave it away, or its numbers would be given twice.
   */
  release(scope: SyncScope, request: ReleaseRequest): Promise<ReleaseVerdict>;
  /** Each hold once: whoever gets it tells a person. */
  tellHolds(scope: SyncScope): Promise<readonly Hold[]>;
}
