import { startSystem, type BusinessSystem, type SystemOptions } from './business-system';
import { CRM_FIELDS } from './crm-contact';
import { QUIET } from './quirks';
import { seedPair } from './seed';
import type { SystemDefinition } from './system-definition';

export type { CrmContact } from './crm-contact';

const CRM: SystemDefinition = {
  name: 'crm',
  title: 'Demo CRM',
  color: '#1f5fbf',
  recordType: 'contact',
  collection: 'contacts',
  fields: CRM_FIELDS,
  emailPath: 'email',
  columns: ['first_name', 'last_name', 'email', 'phone', 'city', 'priority', 'status', 'tags'],
  firstOrdinal: 4701,
  idOf: (ordinal) => String(ordinal),
  ordinalOf: (id) => (/^\d{1,12}$/u.test(id) ? Number(id) : null),
  quirks: { ...QUIET, send_nulls: true },
  automate: () => new Map(),
  seed: (seed, count) => seedPair(seed, count).crm,
};

/** Without `seedRecords` it holds the 300 contacts of seed 1. */
export function startCrm(options: SystemOptions = {}): Promise<BusinessSystem> {
  return startSystem(CRM, { seedRecords: CRM.seed(1, 300), ...options });
}
