import type { JsonObject } from '../../demo/systems/json';

/** Three people that both systems know, with every shared field filled, so that a first sync has nothing to move. */
const PEOPLE = [
  { first: 'Zoë', last: 'Okafor', email: 'zoe@example.org', phone: '+493012345601', city: 'Berlin', zip: '10115', country: 'DE', language: 'de' },
  { first: 'Ana', last: 'Duarte', email: 'ana@example.org', phone: '+351210123402', city: 'Lisboa', zip: '1100-148', country: 'PT', language: 'pt' },
  { first: 'Liam', last: 'Byrne', email: 'liam@example.org', phone: '+35314123403', city: 'Dublin', zip: 'D02', country: 'IE', language: 'en' },
] as const;

export const CONTACTS: readonly JsonObject[] = PEOPLE.map((person, index) => ({
  id: String(4701 + index),
  first_name: person.first,
  last_name: person.last,
  email: person.email,
  phone: person.phone,
  company: 'Nordwind GmbH',
  job_title: 'Buyer',
  city: person.city,
  zip: person.zip,
  country: person.country,
  language: person.language,
  priority: '3',
  status: 'active',
  tags: ['vip'],
  newsletter: true,
  created_at: '2025-01-01T00:00:00.000Z',
  updated_at: '2025-01-01T00:00:00.000Z',
}));

export const TICKETS: readonly JsonObject[] = PEOPLE.map((person, index) => ({
  id: `T-${1001 + index}`,
  requester: { first_name: person.first, last_name: person.last, email: person.email, phone: person.phone },
  organization: 'Nordwind GmbH',
  title: 'Buyer',
  address: { city: person.city, postal_code: person.zip, country: person.country },
  locale: person.language,
  priority: 'normal',
  status: 'open',
  tags: ['vip'],
  subscribed: true,
  created_at: '2025-01-01T00:00:00.000Z',
  updated_at: '2025-01-01T00:00:00.000Z',
}));
