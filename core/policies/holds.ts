/** A hold stops all writes of a sync (or of one record) until a person releases it. Reading, comparing and asking go on. */
import { assertNever } from '../sync-error';

export const GUARDS = [
  'mass_delete', 'everything_changed', 'side_emptied', 'writes_per_record', 'writes_per_sync',
  // Always on: what would be written cannot be trusted.
  'mapping_changed', 'ledger_behind',
  // A person paused the sync, or a system refused the credential.
  'paused', 'credentials',
] as const;
export type GuardName = (typeof GUARDS)[number];

/** What was counted when a guard tripped. */
export interface HoldFacts {
  readonly guard: GuardName;
  /** The record for `writes_per_record`, the system for `side_emptied`, `mapping_changed` and `credentials`; else empty: the whole sync. */
  readonly subject: string;
  /** How many there would have been. For `ledger_behind` the number on a record's stamp. 0 where nothing is counted. */
  readonly counted: number;
  /** How many would have passed. */
  readonly allowed: number;
  /** Records that the ledger knows; null where that did not matter. */
  readonly known: number | null;
}

export interface Hold extends HoldFacts {
  /** Empty in a dry run, which stores nothing. */
  readonly id: string;
  /** Who paused the sync, and why. */
  readonly by: string | null;
  readonly said: string | null;
  /** ISO 8601. */
  readonly opened_at: string;
}

/** Whether it stops one record only: one record that runs in circles blocks no other. */
export const holdsOneRecord = ({ guard }: Pick<Hold, 'guard'>): boolean => guard === 'writes_per_record';

/** The reason that a person reads. */
export function reasonOf(hold: Omit<Hold, 'id' | 'opened_at'>): string {
  const { guard, subject, counted, allowed } = hold;
  const of = hold.known === null ? '' : ` of the ${hold.known} that this sync knows`;
  switch (guard) {
    case 'mass_delete':
      return `${records(counted)}${of} would be deleted within an hour; up to ${allowed} pass without a person.`;
    case 'everything_changed':
      return `${records(counted)}${of} would be written in one go; up to ${allowed} pass without a person. A bulk job or a changed mapping does that, people hardly ever.`;
    case 'side_emptied':
      return `${records(counted)}${of} are missing in ${subject} all at once; up to ${allowed} pass without a person. Was it emptied, or does the connection lead somewhere else?`;
    case 'writes_per_record':
      return `${subject} would be written ${counted} times within ten minutes; up to ${allowed} pass without a person. Something writes it back each time.`;
    case 'writes_per_sync':
      return `${counted} writes would be made within an hour; up to ${allowed} pass without a person.`;
    case 'mapping_changed':
      return `The mapping of ${subject} has changed since ${records(counted)} ${counted === 1 ? 'was' : 'were'} synced last, so what looks like an edit may be none.`;
    case 'ledger_behind':
      return `A record carries a stamp of this sync (${counted}) that this ledger never gave: it was lost, or restored from an old backup.`;
    case 'paused':
      return `Paused by ${hold.by ?? 'somebody'}${hold.said === null || hold.said === '' ? '.' : `: ${hold.said}`}`;
    case 'credentials':
      return `${subject} refuses the credential${hold.said === null ? '' : ` (${hold.said})`}.`;
    default:
      return assertNever(guard);
  }
}

/** What to do about it. */
export function remedyOf({ guard, subject }: Pick<Hold, 'guard' | 'subject'>): string {
  switch (guard) {
    case 'mass_delete':
    case 'everything_changed':
    case 'writes_per_sync':
      return 'If that is meant, release it: as many pass within the next hour. If not, put it right at its source first.';
    case 'side_emptied':
      return `Look at ${subject} and at the address and credential of its reader before you release this.`;
    case 'writes_per_record':
      return 'Look at its history: find what changes the value back, in a system or in a mapping, and then release it. All other records go on.';
    case 'mapping_changed':
      return 'Preview Sync - Reconcile with mode "rebaseline", run it, then release this.';
    case 'ledger_behind':
      return 'Run Sync - Reconcile with mode "rebaseline": it takes the present values as agreed and asks about differences. Then release this.';
    case 'paused':
      return 'Release it to go on: changes made meanwhile on both sides are merged.';
    case 'credentials':
      return `Renew the credential of ${subject} in n8n, then release this.`;
    default:
      return assertNever(guard);
  }
}

const records = (count: number): string => (count === 1 ? '1 record' : `${count} records`);
