import type { CrmContact } from './crm-contact';
import type { HelpdeskTicket } from './helpdesk-ticket';
import { seedContact } from './seed-contact';
import { disagree, seedTicket } from './seed-ticket';
import { SeededRandom } from './seeded-random';

/** What a first sync of the two must find. All lists are ordered by CRM id (by ticket id where there is no contact). */
export type SeedExpectation = {
  /** One contact, one ticket, one e-mail. */
  readonly found: readonly { readonly crm: string; readonly helpdesk: string }[];
  /** CRM ids of those found whose values differ in more than their writing: city, priority, tags or job title. */
  readonly different: readonly string[];
  readonly absent_in_helpdesk: readonly string[]; // CRM ids
  readonly absent_in_crm: readonly string[]; // ticket ids
  readonly ambiguous: readonly string[]; // e-mails, lower case, that two tickets have
};

export type SeedPair = { readonly crm: readonly CrmContact[]; readonly helpdesk: readonly HelpdeskTicket[]; readonly expected: SeedExpectation };

const FIRST_CONTACT = 4701;
const FIRST_TICKET = 1001;

/**
 * Two systems that have known each other's customers for years. Of `count` contacts one in six has no ticket, and one ticket in
 * about thirteen no contact; three e-mails are ambiguous (from 30 contacts on). The same seed and count give the same records.
 */
export function seedPair(seed: number, count: number): SeedPair {
  const random = new SeededRandom(seed);
  const crm = Array.from({ length: count }, (_, i) => seedContact(String(FIRST_CONTACT + i), i + 1, random));
  const strangers = Array.from({ length: Math.round(count / 15) }, (_, i) => seedContact('', count + i + 1, random));
  const ambiguousCount = count >= 30 ? 3 : 0;
  const mixed = random.shuffle(crm);
  const alone = new Set(mixed.slice(0, Math.round(count / 6)).map((contact) => contact.id));
  const known = mixed.slice(alone.size);
  const twice = known.slice(0, ambiguousCount);
  const different = new Set(known.slice(ambiguousCount, ambiguousCount + Math.round(count / 30)).map((contact) => contact.id));

  const origins = random.shuffle([...known, ...twice, ...strangers]);
  const tickets = origins.map((contact, i) => {
    const ticket = seedTicket(`T-${FIRST_TICKET + i}`, contact, random);
    return { contact, ticket: different.has(contact.id) ? disagree(ticket, i, random) : ticket };
  });
  const twiceIds = new Set(twice.map((contact) => contact.id));
  const byCrmId = (a: { readonly contact: CrmContact }, b: { readonly contact: CrmContact }): number => Number(a.contact.id) - Number(b.contact.id);
  return {
    crm,
    helpdesk: tickets.map(({ ticket }) => ticket),
    expected: {
      found: tickets
        .filter(({ contact }) => contact.id !== '' && !twiceIds.has(contact.id))
        .sort(byCrmId)
        .map(({ contact, ticket }) => ({ crm: contact.id, helpdesk: ticket.id })),
      different: crm.filter((contact) => different.has(contact.id)).map((contact) => contact.id),
      absent_in_helpdesk: crm.filter((contact) => alone.has(contact.id)).map((contact) => contact.id),
      absent_in_crm: tickets.filter(({ contact }) => contact.id === '').map(({ ticket }) => ticket.id),
      ambiguous: crm.filter((contact) => twiceIds.has(contact.id)).map((contact) => contact.email.toLowerCase()),
    },
  };
}
