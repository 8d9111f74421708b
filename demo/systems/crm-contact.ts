import type { FieldSpec } from './field-spec';

/**
 * A contact as the Demo CRM stores it. `null` is "unset"; with the quirk `send_nulls` (on by default here) it is sent as
 * null, else the field is left out of the answer.
 */
export type CrmContact = {
  readonly id: string; // "4829": a number, but always sent as a string
  readonly salutation: string | null;
  readonly first_name: string | null;
  readonly middle_name: string | null;
  readonly last_name: string; // required
  readonly name_suffix: string | null;
  readonly email: string; // required
  readonly phone: string | null;
  readonly mobile: string | null;
  readonly company: string | null;
  readonly job_title: string | null;
  readonly department: string | null;
  readonly street: string | null;
  readonly city: string | null;
  readonly zip: string | null;
  readonly country: string | null; // ISO 3166-1 alpha-2
  readonly language: string | null; // "de", "pt-BR"
  readonly timezone: string | null; // IANA name
  readonly birthday: string | null; // YYYY-MM-DD
  readonly lifecycle_stage: string | null;
  readonly lead_source: string | null;
  readonly owner_id: string | null; // "u-3"
  readonly tags: readonly string[];
  readonly newsletter: boolean | null;
  readonly annual_revenue: string | null; // decimal string: "1250000.00"
  readonly currency: string | null; // ISO 4217
  readonly employees: number | null; // integer
  readonly priority: string | null; // "1" (highest) … "4" (lowest)
  readonly status: string | null; // active | waiting | closed
  readonly notes: string | null; // several lines, sometimes CRLF
  readonly linkedin: string | null;
  readonly website: string | null;
  readonly last_contacted_at: string | null; // instant
  readonly score: number | null;
  readonly custom: { readonly sync_origin: string | null; readonly segment: string | null };
  readonly created_at: string; // instant, read-only
  readonly updated_at: string; // instant, read-only
};

export const CRM_STATUSES = ['active', 'waiting', 'closed'] as const;
/** "1" is the most pressing. The helpdesk uses words for the same scale, so a sync needs a value map. */
export const CRM_PRIORITIES = ['1', '2', '3', '4'] as const;
export const CRM_STAGES = ['subscriber', 'lead', 'opportunity', 'customer', 'evangelist'] as const;
export const CRM_LEAD_SOURCES = ['web', 'referral', 'event', 'partner', 'cold_call'] as const;

export const CRM_FIELDS = [
  { path: 'salutation', label: 'Salutation', kind: 'text', section: 'Person' },
  { path: 'first_name', label: 'First name', kind: 'text', section: 'Person' },
  { path: 'middle_name', label: 'Middle name', kind: 'text', section: 'Person' },
  { path: 'last_name', label: 'Last name', kind: 'text', section: 'Person', required: true },
  { path: 'name_suffix', label: 'Suffix', kind: 'text', section: 'Person' },
  { path: 'birthday', label: 'Birthday', kind: 'date', section: 'Person' },
  { path: 'language', label: 'Language', kind: 'text', section: 'Person' },
  { path: 'timezone', label: 'Time zone', kind: 'text', section: 'Person' },
  { path: 'email', label: 'E-mail', kind: 'email', section: 'Contact', required: true },
  { path: 'phone', label: 'Phone', kind: 'phone', section: 'Contact' },
  { path: 'mobile', label: 'Mobile', kind: 'phone', section: 'Contact' },
  { path: 'linkedin', label: 'LinkedIn', kind: 'url', section: 'Contact' },
  { path: 'newsletter', label: 'Newsletter', kind: 'boolean', section: 'Contact' },
  { path: 'last_contacted_at', label: 'Last contacted', kind: 'instant', section: 'Contact' },
  { path: 'company', label: 'Company', kind: 'text', section: 'Company' },
  { path: 'job_title', label: 'Job title', kind: 'text', section: 'Company' },
  { path: 'department', label: 'Department', kind: 'text', section: 'Company' },
  { path: 'website', label: 'Website', kind: 'url', section: 'Company' },
  { path: 'annual_revenue', label: 'Annual revenue', kind: 'decimal', section: 'Company' },
  { path: 'currency', label: 'Currency', kind: 'text', section: 'Company' },
  { path: 'employees', label: 'Employees', kind: 'integer', section: 'Company' },
  { path: 'street', label: 'Street', kind: 'text', section: 'Address' },
  { path: 'zip', label: 'ZIP', kind: 'text', section: 'Address' },
  { path: 'city', label: 'City', kind: 'text', section: 'Address' },
  { path: 'country', label: 'Country', kind: 'country', section: 'Address' },
  { path: 'status', label: 'Status', kind: 'choice', choices: CRM_STATUSES, section: 'Sales' },
  { path: 'priority', label: 'Priority', kind: 'choice', choices: CRM_PRIORITIES, section: 'Sales' },
  { path: 'lifecycle_stage', label: 'Lifecycle stage', kind: 'choice', choices: CRM_STAGES, section: 'Sales' },
  { path: 'lead_source', label: 'Lead source', kind: 'choice', choices: CRM_LEAD_SOURCES, section: 'Sales' },
  { path: 'owner_id', label: 'Owner', kind: 'text', section: 'Sales' },
  { path: 'score', label: 'Score', kind: 'number', section: 'Sales' },
  { path: 'tags', label: 'Tags', kind: 'tags', section: 'Sales' },
  { path: 'notes', label: 'Notes', kind: 'multiline', section: 'Sales' },
  { path: 'custom.segment', label: 'Segment', kind: 'text', section: 'Custom' },
  { path: 'custom.sync_origin', label: 'Sync origin', kind: 'text', section: 'Custom' },
] as const satisfies readonly FieldSpec[];
