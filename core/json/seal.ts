/**
 * Sealed fields: everything the ledger keeps of them is a keyed hash. A record holds the seal in the place of the value from the
 * first step on, so comparing, deciding and storing need no case of their own; the value itself travels beside the record, in the
 * run's items only (`plain`), for the one step that writes it.
 */
import { createHmac } from 'node:crypto';
import type { CanonicalRecord, JsonValue } from '../model';
import { canonicalJson } from './canonical-json';

/** `sealed:v1:` and the HMAC-SHA-256 (hex) of field name and value: equal values of two fields do not look equal. */
export type Seal = (field: string, value: JsonValue) => string;

const SEALED = /^sealed:v1:[0-9a-f]{64}$/u;

export function sealWith(key: string): Seal {
  return (field, value) => `sealed:v1:${createHmac('sha256', key).update(canonicalJson([field, value])).digest('hex')}`;
}

export function isSealed(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && SEALED.test(value);
}

/** That a field is empty is no secret, and whether an empty value may erase another must be seen. */
export function needsSeal(value: JsonValue): boolean {
  return value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
}

/** A system that refuses a value likes to quote it. What is shorter than three characters is left: it would tear words apart. */
export function withoutPlain(text: string, plain: CanonicalRecord): string {
  const values = Object.values(plain).filter((value) => typeof value === 'string' || typeof value === 'number').map(String);
  return values.filter((value) => value.length > 2).reduce((struck, value) => struck.replaceAll(value, '***'), text);
}
