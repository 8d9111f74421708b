/** The field tables of the two systems: the same canonical names, each in its system's own places and words. */
import type { JsonObject } from './canvas';
import { SYNC } from './names';

type Words = readonly (readonly [systemValue: string, canonical: string])[];
interface Row {
  readonly name: string;
  readonly path: string;
  readonly type?: string;
  readonly options?: JsonObject;
}

const TIDY = { cleanUp: ['trim', 'collapse_spaces', 'unicode_nfc'] };
const REQUIRED = { ...TIDY, required: true };

const words = (pairs: Words): JsonObject => ({ values: { pair: pairs.map(([systemValue, canonical]) => ({ systemValue, canonical })) } });
const same = (...values: readonly string[]): Words => values.map((value) => [value, value]);

function fields(rows: readonly Row[]): JsonObject {
  return { field: rows.map(({ name, path, type = 'text', options = TIDY }) => ({ name, path, type, options })) };
}

export type MappingForm = JsonObject & { readonly system: string };

const shared = {
  defineBy: 'form',
  recordType: SYNC.recordType,
  nativeIdPath: 'id',
  recordKeyPath: 'id',
  matchField: 'email',
  versionFrom: 'path',
  versionPath: 'etag',
  repeatedCreate: 'idempotency_key',
  updatedAtPath: 'updated_at',
} as const;

export const CRM_MAPPING: MappingForm = {
  ...shared,
  system: 'crm',
  recordKeyPrefix: '',
  stampPath: 'custom.sync_origin',
  fields: fields([
    { name: 'first_name', path: 'first_name' },
    { name: 'last_name', path: 'last_name', options: REQUIRED },
    { name: 'email', path: 'email', type: 'email', options: { required: true } },
    { name: 'phone', path: 'phone', type: 'phone', options: { regionPath: 'country' } },
    { name: 'company', path: 'company' },
    { name: 'job_title', path: 'job_title' },
    { name: 'city', path: 'city' },
    { name: 'zip', path: 'zip' },
    { name: 'country', path: 'country', options: { cleanUp: ['trim', 'upper_case'] } },
    { name: 'language', path: 'language' },
    { name: 'priority', path: 'priority', type: 'choice', options: words([['1', 'urgent'], ['2', 'high'], ['3', 'normal'], ['4', 'low']]) },
    { name: 'status', path: 'status', type: 'choice', options: words([['active', 'open'], ['waiting', 'pending'], ['closed', 'solved']]) },
    { name: 'tags', path: 'tags', type: 'set', options: { cleanUp: ['trim'] } },
    { name: 'newsletter', path: 'newsletter', type: 'boolean', options: {} },
  ]),
};

export const SUPPORT_MAPPING: MappingForm = {
  ...shared,
  system: 'support',
  recordKeyPrefix: 'support-',
  stampPath: 'custom_fields.sync_origin',
  fields: fields([
    { name: 'first_name', path: 'requester.first_name' },
    { name: 'last_name', path: 'requester.last_name', options: REQUIRED },
    { name: 'email', path: 'requester.email', type: 'email', options: { required: true } },
    { name: 'phone', path: 'requester.phone', type: 'phone', options: { regionPath: 'address.country' } },
    { name: 'company', path: 'organization' },
    { name: 'job_title', path: 'title' },
    { name: 'city', path: 'address.city' },
    { name: 'zip', path: 'address.postal_code' },
    { name: 'country', path: 'address.country', options: { cleanUp: ['trim', 'upper_case'] } },
    { name: 'language', path: 'locale' },
    { name: 'priority', path: 'priority', type: 'choice', options: words(same('low', 'normal', 'high', 'urgent')) },
    { name: 'status', path: 'status', type: 'choice', options: words(same('open', 'pending', 'solved')) },
    { name: 'tags', path: 'tags', type: 'set', options: { cleanUp: ['trim'] } },
    { name: 'newsletter', path: 'subscribed', type: 'boolean', options: {} },
  ]),
};

export const mappingOf = (system: 'crm' | 'support'): MappingForm => (system === 'crm' ? CRM_MAPPING : SUPPORT_MAPPING);

/** Who wins, in one place for both directions. */
export const RULES: JsonObject = {
  defineBy: 'form',
  rules: {
    rule: [
      { fields: 'phone', name: 'phone', decideBy: 'owner', owner: 'crm', loneEdit: 'accept', empties: 'mapping' },
      { fields: 'email', name: 'email', decideBy: 'owner', owner: 'crm', loneEdit: 'accept', empties: 'mapping' },
      { fields: 'priority', name: 'priority', decideBy: 'owner', owner: 'support', loneEdit: 'accept', empties: 'mapping' },
      { fields: 'tags', name: 'tags', decideBy: 'owner', owner: 'support', loneEdit: 'accept', empties: 'mapping' },
      { fields: 'city, zip, country', name: 'address', decideBy: 'review', empties: 'mapping' },
    ],
  },
  otherwise: 'review',
  deleteUnchanged: 'propagate',
  deleteEdited: 'edit_wins',
  createIn: 'both',
};
