/**
 * How long the ledger keeps what no law needs any more. What the laws need is kept for ever: the newest snapshots, open
 * intents, questions, links, unhandled notes, and the newest journal tuple of every record.
 */
import { SyncError } from '../core/sync-error';

/** Days. */
export interface Retention {
  /** Lines of the history that a person can read. */
  readonly history_days: number;
  /** Journal tuples that are not the newest of their record. */
  readonly journal_days: number;
  /** The log of runs, and handled notes that are as old. */
  readonly runs_days: number;
  /** Superseded intents, counted from the moment from which their write could no longer land. */
  readonly intents_days: number;
  /** A record that is gone on both sides, with its links: longer than the slowest webhook is retried. */
  readonly tombstones_days: number;
}

export const DEFAULT_RETENTION: Retention = { history_days: 180, journal_days: 90, runs_days: 30, intents_days: 30, tombstones_days: 90 };

/** Webhooks are retried for days, and an execution may be tried again from its failed node days later: nothing younger goes. */
export const RETENTION_FLOOR_DAYS = 7;

const MILLISECONDS_A_DAY = 86_400_000;

/** Refused below the floor, whoever asks: every store calls this before it deletes anything. */
export function checkRetention(retention: Retention): Retention {
  for (const [name, days] of Object.entries(retention)) {
    if (typeof days === 'number' && Number.isFinite(days) && days >= RETENTION_FLOOR_DAYS && days <= 36_500) continue;
    throw new SyncError('bad_setting', `The ledger cannot keep "${name}" for ${String(days)} days.`, `Keep it for ${RETENTION_FLOOR_DAYS} days or more: what is younger may still be needed by a webhook that is delivered late.`);
  }
  return retention;
}

/** ISO 8601: what is older goes. */
export function cutoff(now: string, days: number): string {
  return new Date(Date.parse(now) - days * MILLISECONDS_A_DAY).toISOString();
}
