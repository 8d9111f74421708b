import type { CrmContact } from './crm-contact';
import { HELPDESK_PRIORITIES, HELPDESK_SLA_TIERS, type HelpdeskTicket } from './helpdesk-ticket';
import type { SeededRandom } from './seeded-random';
import { displayPhone } from './value-quirks';

const PRIORITY_WORDS = new Map([['1', 'urgent'], ['2', 'high'], ['3', 'normal'], ['4', 'low']]);
const STATUS_WORDS = new Map([['active', 'open'], ['waiting', 'pending'], ['closed', 'solved']]);
const QUEUES = ['first-line', 'billing', 'technical'] as const;
const ASSIGNEES = ['Maja', 'Tomás', 'Priya', 'Kofi'] as const;
const AREAS = ['api', 'checkout', 'mobile', 'reports'] as const;

/** The ticket that says of the same person what the contact says, in the helpdesk's own shapes. */
export function seedTicket(id: string, contact: CrmContact, random: SeededRandom): HelpdeskTicket {
  // Where the name came in by another way, it looks the same and is other code points.
  const written = (text: string): string => (random.chance(0.25) ? text.normalize('NFD') : text);
  return {
    id,
    requester: {
      first_name: contact.first_name === null ? null : written(contact.first_name),
      last_name: written(contact.last_name),
      email: contact.email.toLowerCase(),
      phone: contact.phone === null ? null : displayPhone(contact.phone),
    },
    organization: contact.company,
    title: contact.job_title,
    address: { city: contact.city, postal_code: contact.zip, country: contact.country },
    locale: contact.language,
    priority: contact.priority === null ? null : (PRIORITY_WORDS.get(contact.priority) ?? null),
    status: contact.status === null ? null : (STATUS_WORDS.get(contact.status) ?? null),
    tags: random.shuffle(contact.tags),
    subscribed: contact.newsletter,
    queue: random.pick(QUEUES),
    assignee: random.chance(0.8) ? random.pick(ASSIGNEES) : null,
    csat_score: random.chance(0.5) ? random.pick([1, 3.5, 4.2, 5]) : null,
    internal_notes: random.chance(0.3) ? 'Escalated once.\nCustomer was patient.' : null,
    first_reply_at: random.chance(0.7) ? contact.updated_at : null,
    custom_fields: {
      sync_origin: null,
      sla_tier: random.chance(0.8) ? random.pick(HELPDESK_SLA_TIERS) : null,
      product_area: random.chance(0.6) ? random.pick(AREAS) : null,
    },
    created_at: contact.created_at,
    updated_at: contact.updated_at,
  };
}

/** Makes one synced field of the ticket truly different: something a first sync must decide about. */
export function disagree(ticket: HelpdeskTicket, turn: number, random: SeededRandom): HelpdeskTicket {
  switch (turn % 4) {
    case 0:
      return { ...ticket, address: { ...ticket.address, city: `${ticket.address.city ?? 'Springfield'} Nord` } };
    case 1:
      return { ...ticket, priority: random.shuffle(HELPDESK_PRIORITIES).find((word) => word !== ticket.priority) ?? 'low' };
    case 2:
      return { ...ticket, tags: [...ticket.tags, 'only-in-helpdesk'] };
    default:
      return { ...ticket, title: `Deputy ${ticket.title ?? 'Manager'}` };
  }
}
