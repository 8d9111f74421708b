import { hash } from 'node:crypto';
import type { CanonicalRecord, Fingerprint } from '../model';
import { canonicalJson } from './canonical-json';

/** `v1:` and the SHA-256 (hex) of the record's canonical JSON. The prefix lets a later version change the recipe without "everything changed". */
export function fingerprint(record: CanonicalRecord): Fingerprint {
  return `v1:${hash('sha256', canonicalJson(record), 'hex')}`;
}
