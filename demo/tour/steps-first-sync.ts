import { finding, type Finding, type Step } from './step';
import { writesOf } from './both-systems';
import type { TourWorld } from './world';

const PRIORITY_OF = new Map([['urgent', '1'], ['high', '2'], ['normal', '3'], ['low', '4']]);

/** By rule, Support's priority and tags go to the CRM; city and job title have no owner and wait for a person. */
function differences({ seeds }: TourWorld): { readonly corrected: number; readonly asked: number } {
  const kinds = seeds.expected.different.map((id) => {
    const contact = seeds.crm.find((one) => one.id === id);
    const ticket = seeds.helpdesk.find((one) => one.id === seeds.expected.found.find(({ crm }) => crm === id)?.helpdesk);
    if (contact === undefined || ticket === undefined) throw new Error(`The seed has no pair for ${id}.`);
    const isOwned = PRIORITY_OF.get(ticket.priority ?? '') !== contact.priority || ticket.tags.includes('only-in-helpdesk');
    return isOwned ? 'corrected' : 'asked';
  });
  return { corrected: kinds.filter((kind) => kind === 'corrected').length, asked: kinds.filter((kind) => kind === 'asked').length };
}

async function play(world: TourWorld): Promise<readonly Finding[]> {
  const { expected } = world.seeds;
  const preview = await world.reconcile(true);
  const counts = { linked: preview?.['linked'], found: preview?.['found'], absent: preview?.['absent'], ambiguous: preview?.['ambiguous'] };
  const absent = expected.absent_in_crm.length + expected.absent_in_helpdesk.length;
  const previewFindings = [
    finding('preview', { linked: 0, found: expected.found.length, absent, ambiguous: expected.ambiguous.length }, counts),
    finding('written by the preview', 0, [...(await world.writes('crm')), ...(await world.writes('support'))].length),
  ];

  await world.reconcile(false);
  const byMethod = async (system: 'crm' | 'support'): Promise<object> => {
    const writes = writesOf(await world.writes(system));
    return { creates: writes.filter(({ method }) => method === 'POST').length, updates: writes.filter(({ method }) => method === 'PATCH').length, deletes: writes.filter(({ method }) => method === 'DELETE').length };
  };
  const { corrected, asked } = differences(world);
  const reviews = await world.openReviews();
  return [
    ...previewFindings,
    finding('CRM', { creates: expected.absent_in_crm.length, updates: corrected, deletes: 0 }, await byMethod('crm')),
    finding('Helpdesk', { creates: expected.absent_in_helpdesk.length, updates: 0, deletes: 0 }, await byMethod('support')),
    finding('questions about values', asked, reviews.filter(({ kind }) => kind === 'conflict').length),
    finding('ambiguous, reported', expected.ambiguous.length, reviews.filter(({ kind, record_key: key }) => kind === 'ambiguous' && !key.startsWith('contact_support-')).length),
  ];
}

export const firstSync: readonly Step[] = [{ title: 'First sync of two filled systems: preview, then links', play }];
