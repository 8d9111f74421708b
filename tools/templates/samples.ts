/** Sample items for the triggers, made by the stages themselves, so that they are what a real run would hand over. */
import { compileMapping, parseMapping, type CompiledMapping } from '../../core/mapping';
import { canonicalRecord, withFields } from '../../core/json/canonical-record';
import { fingerprint } from '../../core/json/fingerprint';
import type { Difference, LedgerRow, Observation, Plan, RunContext, Snapshot } from '../../core/model';
import { compileRules } from '../../core/policies/rule-set';
import { checkBatch, decideRoute } from '../../core/stages/conflict-router';
import { computeDifference } from '../../core/stages/diff-engine';
import { normalizeRecord } from '../../core/stages/normalize';
import { compileDiffSettings } from '../../core/stages/stage-settings';
import { mappingFromForm } from './form-mapping';
import type { Json, JsonObject } from './canvas';
import { CRM_MAPPING, SUPPORT_MAPPING } from './mappings';
import { SYNC } from './names';

/** A dry run: whoever executes a sample on a real ledger writes nothing. */
const RUN: RunContext = { sync: SYNC.name, record_type: SYNC.recordType, source: 'crm', target: 'support', run_id: 'sample', read_token: 1, dry_run: true, attempt: 0 };

const CONTACT = {
  id: '4829', etag: '"7"', first_name: 'Zoë', last_name: 'Okafor', email: 'zoe@example.org', phone: '+49 30 901820', company: 'Nordwind GmbH',
  job_title: 'Buyer', city: 'Berlin', zip: '10115', country: 'DE', language: 'de', priority: '2', status: 'active', tags: ['vip'], newsletter: true,
  custom: { sync_origin: null }, updated_at: '2026-03-01T09:00:00.000Z',
} as const;
const MALFORMED = { ...CONTACT, id: '4830', last_name: null, email: 'not-an-email' } as const;
const TICKET = {
  id: 'T-1001', etag: '"3"', requester: { first_name: 'Zoë', last_name: 'Okafor', email: 'zoe@example.org', phone: '+49 30 901820' }, organization: 'Nordwind GmbH',
  title: 'Buyer', address: { city: 'Potsdam', postal_code: '10115', country: 'DE' }, locale: 'de', priority: 'high', status: 'open', tags: ['vip'], subscribed: true,
  custom_fields: { sync_origin: null }, updated_at: '2026-03-01T08:00:00.000Z',
} as const;

const CRM = compileMapping(parseMapping(mappingFromForm(CRM_MAPPING)));
const SUPPORT = compileMapping(parseMapping(mappingFromForm(SUPPORT_MAPPING)));

function observe(mapping: CompiledMapping, raw: unknown): Observation {
  const normalized = normalizeRecord(mapping, raw, { etag: null });
  if (normalized.kind === 'Rejected') throw new Error(`A sample is not valid: ${normalized.reasons.join('; ')}`);
  return normalized.observation;
}

const snapshot = (observation: Observation, changes: Observation['record']): Snapshot => {
  const record = withFields(observation.record, changes);
  return { presence: 'present', record, fingerprint: fingerprint(record), mapping_fingerprint: observation.schema.mapping_fingerprint };
};

/** Since the last sync the CRM got a new phone number, and both sides another city: one field to write, one to review. */
function sampleRow(source: Observation, target: Observation): LedgerRow {
  const past = canonicalRecord([['city', 'Cottbus'], ['phone', '+4930111111']]);
  return {
    record_key: 'contact_4829', version: 4, committed_version: 4, links: { crm: '4829', support: 'T-1001' },
    snapshots: { crm: snapshot(source, past), support: snapshot(target, past) }, intents: [], reviews: [], latest: null, recent: [],
  };
}

const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;
const item = (value: { readonly [key: string]: unknown }): JsonObject => Object.fromEntries(Object.entries(value).map(([key, part]) => [key, asJson(part)]));
const answer = (body: unknown): JsonObject => item({ body, headers: { 'content-type': 'application/json' }, statusCode: 200, statusMessage: 'OK' });

const SOURCE = observe(CRM, CONTACT);
const TARGET = observe(SUPPORT, { ...TICKET, requester: { ...TICKET.requester, phone: '+49 30 111111' } });
const ROW = sampleRow(SOURCE, TARGET);

function sampleDifference(): Difference {
  const verdict = computeDifference(compileDiffSettings({ only_fields: null, ignore_fields: [], detect_deletes: true }), RUN, {
    record_key: ROW.record_key, source: SOURCE, target: TARGET, row: ROW, held_fields: [], sources: new Map(),
  });
  if (verdict.kind !== 'Changed') throw new Error('The sample record must have changed.');
  return verdict.difference;
}

function samplePlan(difference: Difference): Plan {
  const rules = compileRules({
    rules: [{ name: 'phone', fields: ['phone'], decide: { by: 'owner', owner: 'crm', lone_edit: 'accept' }, empties: 'mapping' }],
    otherwise: { by: 'review' }, deletes: { unchanged: 'review', edited: 'edit_wins' }, creates: { allowed_in: [] },
  }, ['crm', 'support']);
  return decideRoute(rules, RUN, difference, checkBatch(rules, [difference], new Date('2026-03-01T09:01:00Z'))).plan;
}

/** The same plan with the system names swapped would need another difference: the CRM's writer is shown a patch for itself. */
function planFor(system: 'crm' | 'support', plan: Plan): Plan {
  return { ...plan, patches: plan.patches.map((patch) => ({ ...patch, system, native_id: system === 'crm' ? CONTACT.id : TICKET.id })) };
}

const DIFFERENCE = sampleDifference();
const PLAN = samplePlan(DIFFERENCE);
const compared = { sync: RUN, record_key: ROW.record_key, source: SOURCE, row: ROW, held_fields: [] };

const asked = (native_id: string, system: string) => item({ sync: { ...RUN, source: system, target: system === 'crm' ? 'support' : 'crm' }, hint: { system, native_id }, full: false, read_request: { native_id, match_key: null } });

export const INGEST_SAMPLES = {
  crm: { asked: [asked('4829', 'crm'), asked('4830', 'crm')], answers: [answer(CONTACT), answer(MALFORMED)] },
  support: { asked: [asked('T-1001', 'support'), asked('T-1002', 'support')], answers: [answer(TICKET), answer({ ...TICKET, id: 'T-1002', requester: { ...TICKET.requester, email: 'nobody' } })] },
};

export const DIFF_SAMPLE = {
  sources: [item({ ...compared, reader: 'twsIngestSupport' })],
  targets: [item({ ...compared, observation: TARGET })],
};

export const ROUTER_SAMPLE = [item({ ...compared, target: TARGET, difference: DIFFERENCE })];

const planned = (system: 'crm' | 'support') => [
  item({ ...compared, target: TARGET, difference: DIFFERENCE, plan: planFor(system, PLAN), reservation: { fencing_token: 12, version: 5, lease_expires_at: '2026-03-01T09:02:00.000Z' } }),
  item({ ...compared, record_key: 'contact_4831', target: TARGET, difference: DIFFERENCE, plan: { ...PLAN, record_key: 'contact_4831', patches: [] } }),
];

export const WRITER_SAMPLES = {
  crm: { planned: planned('crm'), answers: [answer(CONTACT)] },
  support: { planned: planned('support'), answers: [answer({ ...TICKET, requester: { ...TICKET.requester, phone: '030 901820' } })] },
};

export const ERROR_SAMPLE = item({
  execution: { id: '231', url: '', error: { message: 'The service refused the connection.' }, lastNodeExecuted: 'Read CRM contact', mode: 'webhook' },
  workflow: { id: 'twsCrmToSupport', name: 'Sync - CRM to Support' },
});
