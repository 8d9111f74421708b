import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { describe, expect, it } from 'vitest';
import { seedPair } from '../../demo/systems/seed';

describe('seedPair', () => {
  const { crm, helpdesk, expected } = seedPair(1, 300);
  const contacts = new Map(crm.map((contact) => [contact.id, contact]));
  const tickets = new Map(helpdesk.map((ticket) => [ticket.id, ticket]));

  it('gives the same records for the same seed, and others for another', () => {
    expect(seedPair(1, 300)).toEqual({ crm, helpdesk, expected });
    expect(seedPair(2, 300).crm).not.toEqual(crm);
  });

  it('says what a first sync must find, and it is so', () => {
    expect([crm.length, helpdesk.length]).toEqual([300, 273]);
    expect([expected.found.length, expected.absent_in_helpdesk.length, expected.absent_in_crm.length, expected.ambiguous.length, expected.different.length]).toEqual([247, 50, 20, 3, 10]);
    const ticketsOf = (email: string) => helpdesk.filter((ticket) => ticket.requester.email === email.toLowerCase());
    for (const pair of expected.found) expect(ticketsOf(contacts.get(pair.crm)?.email ?? '').map((ticket) => ticket.id)).toEqual([pair.helpdesk]);
    for (const id of expected.absent_in_helpdesk) expect(ticketsOf(contacts.get(id)?.email ?? '')).toEqual([]);
    for (const email of expected.ambiguous) expect(ticketsOf(email)).toHaveLength(2);
    const emails = new Set(crm.map((contact) => contact.email.toLowerCase()));
    expect(emails.size).toBe(300);
    for (const id of expected.absent_in_crm) expect(emails.has(tickets.get(id)?.requester.email ?? '')).toBe(false);
  });

  it('only those named as different differ in more than their writing', () => {
    const words = new Map([['1', 'urgent'], ['2', 'high'], ['3', 'normal'], ['4', 'low']]);
    const e164 = (phone: string | null | undefined) => (phone === null || phone === undefined ? null : parsePhoneNumberFromString(phone, 'US')?.number);
    const differing = expected.found.filter((pair) => {
      const contact = contacts.get(pair.crm);
      const ticket = tickets.get(pair.helpdesk);
      expect(ticket?.requester.last_name.normalize()).toBe(contact?.last_name.normalize());
      expect(e164(ticket?.requester.phone)).toBe(e164(contact?.phone));
      return (
        ticket?.address.city !== contact?.city ||
        ticket?.priority !== words.get(contact?.priority ?? '') ||
        ticket?.title !== contact?.job_title ||
        JSON.stringify([...(ticket?.tags ?? [])].sort()) !== JSON.stringify([...(contact?.tags ?? [])].sort())
      );
    });
    expect(differing.map((pair) => pair.crm)).toEqual(expected.different);
  });

  it('has valid phones, plain e-mails, several scripts, both Unicode forms and unset fields', () => {
    for (const { phone, email } of crm) {
      expect(email).toMatch(/^[A-Za-z0-9.-]+@[a-z-]+\.example$/u);
      if (phone !== null) expect(parsePhoneNumberFromString(phone)?.isValid()).toBe(true);
    }
    const names = helpdesk.map((ticket) => ticket.requester.last_name).join(' ');
    for (const script of [/\p{Script=Han}/u, /\p{Script=Arabic}/u, /\p{Script=Cyrillic}/u, /'/u, /\u0308/u, /ü/u]) expect(names).toMatch(script);
    expect(crm.some((contact) => contact.notes?.includes('\r\n'))).toBe(true);
    expect(crm.some((contact) => contact.phone === null)).toBe(true);
  });
});
