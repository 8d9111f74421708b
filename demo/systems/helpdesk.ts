import { startSystem, type BusinessSystem, type SystemOptions } from './business-system';
import { HELPDESK_FIELDS } from './helpdesk-ticket';
import { isStringList, type Json } from './json';
import { QUIET } from './quirks';
import { seedPair } from './seed';
import type { Automation, SystemDefinition } from './system-definition';

export type { HelpdeskTicket } from './helpdesk-ticket';

/** Urgent tickets go to the escalation queue by themselves; with `automation_tags` they get a tag too, which a sync would carry over. */
const escalate: Automation = (before, after, quirks) => {
  const automated = new Map<string, Json>();
  if (after.get('priority') !== 'urgent' || before.get('priority') === 'urgent') return automated;
  if (quirks.automation) automated.set('queue', 'escalation');
  const tags = after.get('tags');
  if (quirks.automation_tags && isStringList(tags) && !tags.includes('escalated')) automated.set('tags', [...tags, 'escalated']);
  return automated;
};

const HELPDESK: SystemDefinition = {
  name: 'support',
  title: 'Demo Helpdesk',
  color: '#1d7a4f',
  recordType: 'ticket',
  collection: 'tickets',
  fields: HELPDESK_FIELDS,
  emailPath: 'requester.email',
  columns: ['requester.first_name', 'requester.last_name', 'requester.email', 'requester.phone', 'address.city', 'priority', 'status', 'tags'],
  firstOrdinal: 1001,
  idOf: (ordinal) => `T-${ordinal}`,
  ordinalOf: (id) => (/^T-\d{1,12}$/u.test(id) ? Number(id.slice(2)) : null),
  quirks: { ...QUIET, reformat_phones: true, reformat_emails: true, automation: true },
  automate: escalate,
  seed: (seed, count) => seedPair(seed, count).helpdesk,
};

/** Without `seedRecords` it holds the tickets of seed 1. */
export function startHelpdesk(options: SystemOptions = {}): Promise<BusinessSystem> {
  return startSystem(HELPDESK, { seedRecords: HELPDESK.seed(1, 300), ...options });
}
