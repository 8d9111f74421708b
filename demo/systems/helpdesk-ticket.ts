import type { FieldSpec } from './field-spec';

/**
 * A customer's standing ticket as the Demo Helpdesk stores it. `null` is "unset"; the field is then left out of the answer,
 * unless the quirk `send_nulls` is switched on (off by default here). The nested objects themselves are always there.
 */
export type HelpdeskTicket = {
  readonly id: string; // "T-1001"
  readonly requester: {
    readonly first_name: string | null;
    readonly last_name: string; // required
    readonly email: string; // required
    readonly phone: string | null; // display form, see the quirk reformat_phones
  };
  readonly organization: string | null;
  readonly title: string | null; // the requester's job title
  readonly address: { readonly city: string | null; readonly postal_code: string | null; readonly country: string | null };
  readonly locale: string | null; // same values as the CRM's `language`
  readonly priority: string | null; // urgent | high | normal | low
  readonly status: string | null; // open | pending | solved
  readonly tags: readonly string[];
  readonly subscribed: boolean | null;
  // From here on the helpdesk's own business: never synced.
  readonly queue: string | null;
  readonly assignee: string | null;
  readonly csat_score: number | null; // 1.0 … 5.0
  readonly internal_notes: string | null;
  readonly first_reply_at: string | null; // instant
  readonly custom_fields: { readonly sync_origin: string | null; readonly sla_tier: string | null; readonly product_area: string | null };
  readonly created_at: string; // instant, read-only
  readonly updated_at: string; // instant, read-only
};

export const HELPDESK_STATUSES = ['open', 'pending', 'solved'] as const;
export const HELPDESK_PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const;
export const HELPDESK_SLA_TIERS = ['bronze', 'silver', 'gold'] as const;

export const HELPDESK_FIELDS = [
  { path: 'requester.first_name', label: 'First name', kind: 'text', section: 'Requester' },
  { path: 'requester.last_name', label: 'Last name', kind: 'text', section: 'Requester', required: true },
  { path: 'requester.email', label: 'E-mail', kind: 'email', section: 'Requester', required: true },
  { path: 'requester.phone', label: 'Phone', kind: 'phone', section: 'Requester' },
  { path: 'organization', label: 'Organization', kind: 'text', section: 'Requester' },
  { path: 'title', label: 'Job title', kind: 'text', section: 'Requester' },
  { path: 'locale', label: 'Locale', kind: 'text', section: 'Requester' },
  { path: 'subscribed', label: 'Subscribed', kind: 'boolean', section: 'Requester' },
  { path: 'address.city', label: 'City', kind: 'text', section: 'Address' },
  { path: 'address.postal_code', label: 'Postal code', kind: 'text', section: 'Address' },
  { path: 'address.country', label: 'Country', kind: 'country', section: 'Address' },
  { path: 'status', label: 'Status', kind: 'choice', choices: HELPDESK_STATUSES, section: 'Ticket' },
  { path: 'priority', label: 'Priority', kind: 'choice', choices: HELPDESK_PRIORITIES, section: 'Ticket' },
  { path: 'tags', label: 'Tags', kind: 'tags', section: 'Ticket' },
  { path: 'queue', label: 'Queue', kind: 'text', section: 'Ticket' },
  { path: 'assignee', label: 'Assignee', kind: 'text', section: 'Ticket' },
  { path: 'csat_score', label: 'CSAT score', kind: 'number', section: 'Ticket' },
  { path: 'first_reply_at', label: 'First reply', kind: 'instant', section: 'Ticket' },
  { path: 'internal_notes', label: 'Internal notes', kind: 'multiline', section: 'Ticket' },
  { path: 'custom_fields.sla_tier', label: 'SLA tier', kind: 'choice', choices: HELPDESK_SLA_TIERS, section: 'Custom' },
  { path: 'custom_fields.product_area', label: 'Product area', kind: 'text', section: 'Custom' },
  { path: 'custom_fields.sync_origin', label: 'Sync origin', kind: 'text', section: 'Custom' },
] as const satisfies readonly FieldSpec[];
