import { compileMapping, parseMapping, type CompiledMapping } from '../../core/mapping';

type Row = Readonly<Record<string, unknown>>;

/** The Demo CRM's contacts, as far as they are shared. */
export const CRM_MAPPING = {
  system: 'crm',
  record_type: 'contact',
  record_key: { path: 'id' },
  native_id_path: 'id',
  match_field: 'email',
  stamp_path: 'custom.sync_origin',
  updated_at_path: 'updated_at',
  etag: { from: 'header' },
  fields: [
    { name: 'first_name', path: 'first_name', type: 'text', clean_up: ['trim'] },
    { name: 'last_name', path: 'last_name', type: 'text', clean_up: ['trim'], required: true },
    { name: 'email', path: 'email', type: 'email', required: true },
    { name: 'phone', path: 'phone', type: 'phone', region: 'US', region_path: 'country', allow_clearing: true },
    { name: 'city', path: 'city', type: 'text' },
    { name: 'newsletter', path: 'newsletter', type: 'boolean' },
    { name: 'tags', path: 'tags', type: 'set' },
    {
      name: 'priority', path: 'priority', type: 'choice',
      values: [{ system_value: '1', canonical: 'urgent' }, { system_value: '2', canonical: 'high' }, { system_value: '3', canonical: 'normal' }, { system_value: '4', canonical: 'low' }],
    },
    { name: 'revenue', path: 'annual_revenue', type: 'decimal', precision: 2 },
    { name: 'score', path: 'score', type: 'number', direction: 'in' },
  ],
} as const;

export const compiledCrm = (): CompiledMapping => compileMapping(parseMapping(CRM_MAPPING));

/** A mapping of one system `crm` with the given rows. */
export function compiledFrom(fields: readonly Row[], settings: Row = {}): CompiledMapping {
  return compileMapping(parseMapping({ system: 'crm', record_type: 'contact', record_key: { path: 'id' }, native_id_path: 'id', fields, ...settings }));
}

export const rawContact = {
  id: '4829',
  first_name: ' Ann ',
  last_name: 'Lee',
  email: 'Ann.Lee@Example.org',
  phone: '(201) 555-0123',
  country: 'US',
  city: '',
  newsletter: false,
  tags: ['vip', 'beta', 'vip'],
  priority: '1',
  annual_revenue: '1250000.00',
  score: 0,
  ssn: 'never mapped',
  custom: { sync_origin: null },
  updated_at: '2026-03-10T12:00:00.000Z',
} as const;
