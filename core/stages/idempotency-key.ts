import type { CanonicalRecord, Direction, RecordKey } from '../model';
import { fingerprint } from '../json/fingerprint';

/**
 * Names one write: direction, record key, the *committed* version and, for an update, what is patched.
 * - Not the value alone: setting the same value again later is a new write, which a provider must not replay away.
 * - Not the fencing token: a retry after a takeover would carry a new key and be applied twice.
 */
export function idempotencyKey(direction: Direction, recordKey: RecordKey, committedVersion: number, patch: CanonicalRecord | null): string {
  const name = `${direction}-${recordKey}-v${committedVersion}`;
  return patch === null ? name : `${name}-${fingerprint(patch).slice('v1:'.length, 'v1:'.length + 12)}`;
}
