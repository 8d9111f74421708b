import { CRM_LEAD_SOURCES, CRM_PRIORITIES, CRM_STAGES, CRM_STATUSES, type CrmContact } from './crm-contact';
import { SEED_COUNTRIES } from './seed-countries';
import { seedPhone, typedPhone } from './seed-phones';
import type { SeededRandom } from './seeded-random';

const COMPANIES = ['Nordlicht', 'Acme', 'Blue Harbor', 'Kestrel', 'Solvent', 'Papaya', 'Quince', 'Tern', 'Ostrich', 'Fjord & Sons', 'Marlow', 'Zenith'] as const;
const FORMS = ['Ltd', 'GmbH', 'Inc.', 'S.A.', 'AG', 'LLC'] as const;
const TITLES = ['Head of Operations', 'Buyer', 'CTO', 'Office Manager', 'Support Lead', 'Accountant', 'Founder', 'Warehouse Manager'] as const;
const DEPARTMENTS = ['Operations', 'Finance', 'IT', 'Purchasing'] as const;
const TAGS = ['vip', 'newsletter', 'beta', 'partner', 'renewal', 'trial', 'Überfällig', 'on-site'] as const;
const SEGMENTS = ['smb', 'mid-market', 'enterprise'] as const;
const NOTES = [
  'Prefers calls in the morning.',
  'Met at the trade fair.\r\nWants a quote for 40 seats.\r\n\r\nCall back in May.',
  'Contract signed.\nInvoice goes to accounting – not to the contact.',
  'Uses “smart quotes”, emoji 🙂 and a non-breaking space.',
] as const;

const DAY_MS = 86_400_000;
const FIRST_CREATED = Date.UTC(2024, 0, 8, 8);

/** One contact of the CRM. `serial` keeps e-mail addresses apart where names repeat. */
export function seedContact(id: string, serial: number, random: SeededRandom): CrmContact {
  const home = random.pick(SEED_COUNTRIES);
  const [firstName, firstAscii] = random.pick(home.first);
  const [lastName, lastAscii] = random.pick(home.last);
  const company = random.pick(COMPANIES);
  const domain = `${company.toLowerCase().replace(/[^a-z]+/gu, '-')}.example`;
  const [city, zip] = random.pick(home.places);
  const createdAt = FIRST_CREATED + random.below(300) * DAY_MS + random.below(DAY_MS);
  const maybe = <T>(probability: number, value: T): T | null => (random.chance(probability) ? value : null);
  const local = `${firstAscii}.${lastAscii}${serial}`;
  return {
    id,
    salutation: maybe(0.3, random.pick(['Dr.', 'Ms', 'Mr', 'Prof.'])),
    first_name: firstName,
    middle_name: maybe(0.1, 'M.'),
    last_name: lastName,
    name_suffix: maybe(0.04, 'Jr.'),
    // Some were typed with capitals; addresses still match whatever their case.
    email: random.chance(0.1) ? `${local[0]?.toUpperCase() ?? ''}${local.slice(1)}@${domain}` : `${local}@${domain}`,
    phone: maybe(0.93, typedPhone(seedPhone(home.code, random), random)),
    mobile: maybe(0.4, seedPhone(home.code, random)),
    company: maybe(0.95, `${company} ${random.pick(FORMS)}`),
    job_title: maybe(0.85, random.pick(TITLES)),
    department: maybe(0.5, random.pick(DEPARTMENTS)),
    street: maybe(0.8, `${random.pick(home.streets)} ${1 + random.below(140)}`),
    city,
    zip,
    country: home.code,
    language: home.language,
    timezone: home.timezone,
    birthday: maybe(0.3, birthday(random)),
    lifecycle_stage: random.pick(CRM_STAGES),
    lead_source: maybe(0.8, random.pick(CRM_LEAD_SOURCES)),
    owner_id: `u-${1 + random.below(6)}`,
    tags: random.shuffle(TAGS).slice(0, random.below(4)),
    newsletter: random.chance(0.5),
    annual_revenue: maybe(0.6, `${random.below(9_000_000)}.${random.pick(['00', '50', '99'])}`),
    currency: home.currency,
    employees: maybe(0.7, random.below(900)), // 0 is a value like any other
    priority: random.pick(CRM_PRIORITIES),
    status: random.pick(CRM_STATUSES),
    notes: maybe(0.4, random.pick(NOTES)),
    linkedin: maybe(0.3, `https://social.example/in/${local}`),
    website: maybe(0.6, `https://www.${domain}`),
    last_contacted_at: maybe(0.6, new Date(createdAt + 30 * DAY_MS).toISOString()),
    score: random.pick([0, 12.5, 40, 77.25, 100]),
    custom: { sync_origin: null, segment: maybe(0.7, random.pick(SEGMENTS)) },
    created_at: new Date(createdAt).toISOString(),
    updated_at: new Date(createdAt + random.below(60 * DAY_MS)).toISOString(),
  };
}

function birthday(random: SeededRandom): string {
  if (random.chance(0.1)) return '1984-02-29';
  return new Date(Date.UTC(1955, 0, 1) + random.below(45 * 365) * DAY_MS).toISOString().slice(0, 10);
}
