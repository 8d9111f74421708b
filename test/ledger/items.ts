/** Requests and items with nothing special about them; a test says only what it is about. Free of the test runner, since workers use them too. */
import { canonicalRecord } from '../../core/json/canonical-record';
import { fingerprint } from '../../core/json/fingerprint';
import type { CanonicalRecord, Snapshot } from '../../core/model';
import type { CheckItem, CommitItem, IntentDraft, ReserveItem, StartRequest, SyncScope } from '../../ledger/ledger-store';

export const scope: SyncScope = { sync: 'contacts', record_type: 'contact', source: 'crm', target: 'support' };
export const record = (fields: { readonly [field: string]: string }): CanonicalRecord => canonicalRecord(Object.entries(fields));
export const snapshot = (fields: CanonicalRecord | null): Snapshot => ({
  presence: fields === null ? 'gone' : 'present', record: fields ?? canonicalRecord([]), fingerprint: fields === null ? null : fingerprint(fields), mapping_fingerprint: 'm1',
});
export const startRequest = (...ids: string[]): StartRequest => ({
  ...scope, hints: ids.map((native_id) => ({ system: 'crm', native_id })), dry_run: false, attempt: 0, execution_id: 'execution-1', cause: 'webhook',
});
export const checkItem = (over: Partial<CheckItem> = {}): CheckItem => ({
  system: 'crm', native_id: 'c1', proposed_key: 'contact_1', fingerprint: fingerprint(record({ name: 'new' })), mapping_fingerprint: 'm1', stamp: null, full: false, as_record_key: null, recent_seconds: 60, ...over,
});
export const intent = (over: Partial<IntentDraft> = {}): IntentDraft => ({
  system: 'support', op: 'update', to: record({ name: 'new' }), from: record({ name: 'new' }), echo_fingerprint: fingerprint(record({ name: 'new' })),
  idempotency_key: 'key-1', native_id: 's1', match_key: null, used: [], overrides: [], ...over,
});
export const reserveItem = (over: Partial<ReserveItem> = {}): ReserveItem => ({
  record_key: 'contact_1', version: 0, links: { crm: 'c1', support: 's1' }, intents: [intent()], lease_seconds: 60, findings: { gone_in: [], remapped_in: [], stamp: 0 }, ...over,
});
export const commitItem = (over: Partial<CommitItem> = {}): CommitItem => ({
  record_key: 'contact_1', fencing_token: null, version: 0, links: { crm: 'c1', support: 's1' },
  snapshots: { crm: snapshot(record({ name: 'new' })), support: snapshot(record({ name: 'new' })) },
  journal: [{ direction: 'crm-to-support', source_system: 'crm', target_system: 'support', field_hash: fingerprint(record({ name: 'new' })), change_set: { name: { from: 'old', to: 'new' } }, idempotency_key: 'key-1', cause: 'crm wins' }],
  used_intents: [], keep_intents: [], open_reviews: [], close_reviews: [], overrides: [], effect: null, reason: 'review', written: [], note_hints: [], issues: [], recheck: null, ...over,
});
