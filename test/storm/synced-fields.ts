/** What the two systems share, read without the package's own mapping: the storm's checks must not trust what they check. */
import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js';
import type { Json } from '../../demo/systems/json';

export type Side = 'crm' | 'support';
export const SIDES = ['crm', 'support'] as const;
export const otherSide = (side: Side): Side => (side === 'crm' ? 'support' : 'crm');

export interface SyncedField {
  readonly name: string;
  readonly path: Readonly<Record<Side, string>>;
  /** One value for what means the same in both systems; null for "unset". */
  meaning(value: unknown, side: Side, country: string): string | null;
}

const text = (value: unknown): string | null => {
  const tidy = typeof value === 'string' ? value.normalize('NFC').replace(/\s+/gu, ' ').trim() : '';
  return tidy === '' ? null : tidy;
};

const region = (country: string): CountryCode | undefined => (isSupportedCountry(country) ? country : undefined);
const phone = (value: unknown, _: Side, country: string): string | null => (typeof value === 'string' ? (parsePhoneNumberFromString(value, region(country))?.number ?? value) : null);
const words = (crm: Readonly<Record<string, string>>) => (value: unknown, side: Side): string | null => (typeof value === 'string' ? (side === 'crm' ? (crm[value] ?? value) : value) : null);
const tags = (value: unknown): string => JSON.stringify(Array.isArray(value) ? value.map(String).sort() : []);

const field = (name: string, crm: string, support: string, meaning: SyncedField['meaning'] = text): SyncedField => ({ name, path: { crm, support }, meaning });

export const PRIORITIES = { '1': 'urgent', '2': 'high', '3': 'normal', '4': 'low' } as const;

export const FIELDS: readonly SyncedField[] = [
  field('first_name', 'first_name', 'requester.first_name'),
  field('last_name', 'last_name', 'requester.last_name'),
  field('email', 'email', 'requester.email', (value) => text(value)?.toLowerCase() ?? null),
  field('phone', 'phone', 'requester.phone', phone),
  field('company', 'company', 'organization'),
  field('job_title', 'job_title', 'title'),
  field('city', 'city', 'address.city'),
  field('zip', 'zip', 'address.postal_code'),
  field('country', 'country', 'address.country'),
  field('language', 'language', 'locale'),
  field('priority', 'priority', 'priority', words(PRIORITIES)),
  field('status', 'status', 'status', words({ active: 'open', waiting: 'pending', closed: 'solved' })),
  field('tags', 'tags', 'tags', tags),
  field('newsletter', 'newsletter', 'subscribed', (value) => (typeof value === 'boolean' ? String(value) : null)),
];

export const fieldNamed = (name: string): SyncedField => {
  const found = FIELDS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`No field ${name} is synced.`);
  return found;
};

/** `requester.phone` of a record. */
export const at = (record: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((inner, name) => (typeof inner === 'object' && inner !== null ? Object.getOwnPropertyDescriptor(inner, name)?.value : undefined), record);

/** The changes of a user's edit, as the system's page would send them. */
export function changeOf({ path }: SyncedField, side: Side, value: Json): { readonly [name: string]: Json } {
  const [first = '', second] = path[side].split('.');
  return second === undefined ? { [first]: value } : { [first]: { [second]: value } };
}
