/**
 * The records of the bench: as many as wanted, each with 14 fields that both demo systems share. A record differs from the next
 * by its number, so that a database can make a million of them itself.
 */
import { canonicalJson } from '../core/json/canonical-json';
import { compileMapping, parseMapping, type CompiledMapping } from '../core/mapping';
import { denormalizePatch } from '../core/stages/denormalize';
import { normalizeRecord } from '../core/stages/normalize';
import { mappingFromForm } from '../tools/templates/form-mapping';
import { CRM_MAPPING, SUPPORT_MAPPING } from '../tools/templates/mappings';

export const MAPPINGS: Readonly<Record<'crm' | 'support', CompiledMapping>> = {
  crm: compileMapping(parseMapping(mappingFromForm(CRM_MAPPING))),
  support: compileMapping(parseMapping(mappingFromForm(SUPPORT_MAPPING))),
};

type Raw = Readonly<Record<string, unknown>>;

/** What the CRM answers for person `number`; `title` is what a user edits. */
export function crmContact(number: number | string, title = 'Engineer'): Raw {
  return {
    id: `c${number}`, etag: '"1"', updated_at: '2026-03-10T12:00:00.000Z', custom: { sync_origin: null },
    first_name: 'Ann', last_name: `Lee ${number}`, email: `person${number}@example.org`, phone: '+12015550123', company: `Company ${number}`, job_title: title,
    city: 'Oslo', zip: `Z-${number}`, country: 'US', language: 'en', priority: '3', status: 'active', tags: ['beta', 'vip'], newsletter: false,
  };
}

/** What the helpdesk answers for the same person. */
export function helpdeskTicket(number: number | string, title = 'Engineer'): Raw {
  const read = normalizeRecord(MAPPINGS.crm, crmContact(number, title), { etag: null });
  if (read.kind !== 'Valid') throw new Error(read.reasons.join('; '));
  const written = denormalizePatch(MAPPINGS.support, {
    system: 'support', op: 'create', native_id: null, fields: read.observation.record, from: {}, if_match: null, idempotency_key: '', match_key: null, echo_fingerprint: null,
  }, null);
  if (written.kind !== 'Valid') throw new Error(written.reasons.join('; '));
  return { ...written.request.body, id: `s${number}`, etag: '"1"', updated_at: '2026-03-10T12:00:00.000Z' };
}

/** Stands for the number in a text that a database fills in. */
export const PLACE = '\u00a7';
const MARK = 404404404;

/** The canonical record of any person as text with sorted keys, `PLACE` where its number belongs. Both systems share it. */
export function canonicalText(): string {
  const normalized = normalizeRecord(MAPPINGS.crm, crmContact(MARK), { etag: null });
  if (normalized.kind !== 'Valid') throw new Error(normalized.reasons.join('; '));
  return canonicalJson(normalized.observation.record).replaceAll(String(MARK), PLACE);
}
