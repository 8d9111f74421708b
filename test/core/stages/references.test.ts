import { describe, expect, it } from 'vitest';
import type { Patch } from '../../../core/model';
import { denormalizePatch } from '../../../core/stages/denormalize';
import { normalizeRecord } from '../../../core/stages/normalize';
import { compiledFrom } from '../../support/mappings';

/** A contact's company: each system has an id of its own for it, and the companies' own sync knows which belong together. */
const companies = (known: Readonly<Record<string, string>>) =>
  compiledFrom([{ name: 'company', path: 'company_id', type: 'choice', values: Object.entries(known).map(([system_value, canonical]) => ({ system_value, canonical })) }]);
const KNOWN = { '17': 'company_acme' };
const read = (company_id: unknown, known: Readonly<Record<string, string>>) => normalizeRecord(companies(known), { id: '1', company_id }, { etag: null });
const update = (company: string): Patch => ({ system: 'crm', op: 'update', native_id: '1', fields: { company }, from: {}, if_match: null, idempotency_key: 'k', match_key: null, echo_fingerprint: null });

describe('a reference to a record of another sync', () => {
  it('I7 whose parent is not synced yet is parked: the record is an issue with the reason, and nothing of it is null', () => {
    expect(read('18', KNOWN)).toMatchObject({ kind: 'Rejected', code: 'unmapped_value', native_id: '1', reasons: [expect.stringContaining('never turned into null')] });
    expect(denormalizePatch(companies(KNOWN), update('company_beta'), null)).toMatchObject({ kind: 'Rejected', reasons: [expect.stringContaining('company')] });
  });

  it('I7 goes through, in both ways, once its parent is known', () => {
    const known = { ...KNOWN, '18': 'company_beta' };
    expect(read('18', known)).toMatchObject({ kind: 'Valid', observation: { record: { company: 'company_beta' } } });
    expect(denormalizePatch(companies(known), update('company_beta'), null)).toMatchObject({ kind: 'Valid', request: { body: { company_id: '18' } } });
  });

  it('I7 that is empty in the system is null, and absent where it is not shown', () => {
    expect(read(null, KNOWN)).toMatchObject({ kind: 'Valid', observation: { record: { company: null } } });
    expect(normalizeRecord(companies(KNOWN), { id: '1' }, { etag: null })).toMatchObject({ kind: 'Valid', observation: { record: {} } });
  });
});
