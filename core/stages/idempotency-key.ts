import type { CanonicalRecord, Direction, RecordKey } from '../model';
import { fingerprint } from '../json/fingerprint';

/**
 * Names one write: direction, record key, the *committed* version and what is written.
 * - Not the value alone: setting the same value again later is a new write, which a provider must not replay away.
 * - Not the place alone: a record that comes back after its delete is created with another key, or the provider answers what it answered then.
 * - Not the fencing token: a retry after a takeover would carry a new key and be applied twice.
 */
export function idempotencyKey(direction: Direction, recordKey: RecordKey, committedVersion: number, what: CanonicalRecord | 'create' | 'delete'): string {
  const name = `${direction}-${recordKey}-v${committedVersion}`;
  if (what === 'create') return name;
  return what === 'delete' ? `${name}-delete` : `${name}-${fingerprint(what).slice('v1:'.length, 'v1:'.length + 12)}`;
}
