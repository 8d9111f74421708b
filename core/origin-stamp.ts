import type { Fingerprint, RecordKey } from './model';

/** Says on the record itself which write of ours put its values there: the surest sign that an intent landed. */
export interface OriginStamp {
  readonly sync: string;
  readonly record_key: RecordKey;
  /** Of the Reserve that made the intent. */
  readonly fencing_token: number;
  /** First 16 hex digits of the written fields' fingerprint: short enough for a one-line text field. */
  readonly value_hash: string;
}

export interface StampToWrite extends Omit<OriginStamp, 'value_hash'> {
  readonly sentinel?: string;
  readonly value_hash: Fingerprint;
}

export const DEFAULT_SENTINEL = 'n8n-sync';

const HASH_DIGITS = 16;
const HASH = /^[0-9a-f]{16}$/u;
const TOKEN = /^(?:0|[1-9]\d{0,15})$/u;

/** `n8n-sync|<sync>|<record key>|<fencing token>|<16 hex digits>`, free text in it percent-encoded, so that `|` stays a border. */
export function formatStamp(stamp: StampToWrite): string {
  const { sentinel = DEFAULT_SENTINEL, sync, record_key, fencing_token, value_hash } = stamp;
  const digits = value_hash.replace(/^v\d+:/u, '').slice(0, HASH_DIGITS);
  return [sentinel, encode(sync), encode(record_key), String(fencing_token), digits].join('|');
}

/** What one of our stamps says (`sentinel` null: whatever its first word is), or null: a person's note, another tool's stamp or a damaged one is not ours and proves nothing. */
export function parseStamp(text: string | null, sentinel: string | null = DEFAULT_SENTINEL): OriginStamp | null {
  const [head, sync, recordKey, token, hash, ...rest] = (text ?? '').trim().split('|');
  if ((sentinel !== null && head !== sentinel) || sync === undefined || recordKey === undefined || token === undefined || hash === undefined || rest.length > 0) return null;
  if (!TOKEN.test(token) || !HASH.test(hash)) return null;
  const [decodedSync, decodedKey] = [decode(sync), decode(recordKey)];
  if (decodedSync === null || decodedKey === null) return null;
  return { sync: decodedSync, record_key: decodedKey, fencing_token: Number(token), value_hash: hash };
}

// encodeURIComponent throws on a lone surrogate, which a record key taken from a payload may hold.
const encode = (part: string): string => encodeURIComponent(part.replace(/\p{Surrogate}/gu, '\uFFFD'));

function decode(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    // Malformed percent-encoding: not written by us.
    return null;
  }
}
