import type { IDataObject } from 'n8n-workflow';
import { fingerprint } from '../../core/json/fingerprint';
import type { CanonicalRecord, MappingSchema, Observation } from '../../core/model';

/** One sync as the forms of the nodes name it. */
export const SYNC = { syncName: 'contacts', sourceSystem: 'crm', targetSystem: 'support', recordType: 'contact' } as const;

const schema: MappingSchema = { mapping_fingerprint: 'v1:m', clearable: [], sets: ['tags'], creates_once: true, writable: ['email', 'phone', 'city', 'tags'] };

/** A record as Normalize would hand it on. */
export function contact(system: string, native_id: string, record: CanonicalRecord, more: Partial<Observation> = {}): Observation {
  return {
    system, native_id, schema, record, presence: 'present', record_key: `contact_${native_id}`, fingerprint: fingerprint(record), match_key: typeof record['email'] === 'string' ? record['email'] : null,
    etag: null, stamp: null, holds_stamps: false, updated_at: null, candidates: [], ...more,
  };
}

export const absent = (system: string, presence: Observation['presence'], native_id: string | null): Observation =>
  contact(system, '', {}, { native_id, presence, record_key: null, fingerprint: null, match_key: null });

/** As an item's json: plain data, as it comes out of a sub-workflow. */
export const asJson = (value: object): IDataObject => structuredClone({ ...value });

export const runContext = (more: object = {}): IDataObject =>
  ({ sync: 'contacts', record_type: 'contact', source: 'crm', target: 'support', run_id: 'r1', read_token: 5, dry_run: false, attempt: 0, ...more });
