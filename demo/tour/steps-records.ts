import type { SystemRecord } from './both-systems';
import { pair, valueOf } from './pairs';
import { finding, writesFinding, type Step } from './step';
import { SCOPE } from './world';

/** What belongs to the helpdesk alone. The stamp is the sync's own and moves with each write. */
function helpdeskOnly(ticket: SystemRecord): object {
  const { queue, assignee, csat_score, internal_notes, first_reply_at } = ticket;
  return { queue, assignee, csat_score, internal_notes, first_reply_at };
}

export const records: readonly Step[] = [
  {
    title: 'Nulls and missing fields from the CRM erase nothing',
    play: async (world) => {
      const { crm, support } = pair(world, 6);
      const before = await world.systems.record('support', support);
      await world.systems.edit('crm', crm, { job_title: null, middle_name: null });
      await world.settled();
      await world.systems.quirks('crm', { send_nulls: false, partial_payloads: true });
      await world.systems.edit('crm', crm, { first_name: 'Renamed' });
      await world.settled();
      await world.systems.quirks('crm', { send_nulls: true, partial_payloads: false });
      const after = await world.systems.record('support', support);
      return [
        await writesFinding(world, { crm: [], support: [`PATCH ${support} requester.first_name`] }),
        finding('title', before['title'], after['title']),
        finding("helpdesk's own fields", helpdeskOnly(before), helpdeskOnly(after)),
      ];
    },
  },
  {
    title: 'A malformed record is rejected with reasons and blocks nobody',
    play: async (world) => {
      const [first, bad, last] = [pair(world, 7), pair(world, 8), pair(world, 9)];
      const before = await valueOf(world, 'support', bad.support, 'requester');
      // One delivery with all three, the bad one in the middle.
      await world.systems.quirks('crm', { group_events_ms: 400 });
      await world.systems.edit('crm', first.crm, { job_title: 'First' });
      await world.systems.malform('crm', bad.crm);
      await world.systems.edit('crm', last.crm, { job_title: 'Last' });
      await world.settled();
      await world.systems.quirks('crm', { group_events_ms: 0 });
      const issue = (await world.ledger.issues(SCOPE, 1000)).find(({ native_id: id }) => id === bad.crm);
      return [
        await writesFinding(world, { crm: [], support: [`PATCH ${first.support} title`, `PATCH ${last.support} title`] }),
        finding('the bad one over there', before, await valueOf(world, 'support', bad.support, 'requester')),
        finding('reasons reported', 2, issue?.reasons.length ?? 0),
      ];
    },
  },
  {
    title: 'Created once and linked, even when the webhook is first; deleted by rule, edit beats delete',
    play: async (world) => {
      const contact = await world.systems.create('crm', { first_name: 'Jana', last_name: 'Novák', email: 'jana.novak@tour.example', tags: [] });
      await world.settled();
      // The CRM answers the create late, so that its webhook about it comes first.
      await world.systems.quirks('crm', { hang_next_write_ms: 1500 });
      const ticket = await world.systems.create('support', { requester: { first_name: 'Ola', last_name: 'Berg', email: 'ola.berg@tour.example' }, tags: [] });
      await world.settled();
      const created = { crm: (await world.writes('crm')).map(({ method }) => method), support: (await world.writes('support')).map(({ method }) => method) };
      const [newTicket, newContact] = [(await world.writes('support'))[0]?.record_id ?? '', (await world.writes('crm'))[0]?.record_id ?? ''];
      await world.systems.edit('crm', contact, { job_title: 'Linked' });
      await world.systems.edit('support', ticket, { title: 'Linked too' });
      await world.settled();

      const [gone, kept] = [pair(world, 10), pair(world, 11)];
      await world.systems.remove('crm', gone.crm);
      await world.settled();
      await Promise.all([world.systems.edit('support', kept.support, { title: 'Director' }), world.systems.remove('crm', kept.crm)]);
      await world.settled();
      const deletes = async (system: 'crm' | 'support'): Promise<readonly (string | null)[]> => (await world.writes(system)).filter(({ method }) => method === 'DELETE').map(({ record_id: id }) => id);
      return [
        finding('created', { crm: ['POST'], support: ['POST'] }, created),
        finding('linked', ['Linked', 'Linked too'], [await valueOf(world, 'support', newTicket, 'title'), await valueOf(world, 'crm', newContact, 'job_title')]),
        finding('deletes', { crm: [], support: [gone.support] }, { crm: await deletes('crm'), support: await deletes('support') }),
        finding('the edited one survives', [false, 'Director'], [await valueOf(world, 'support', kept.support, 'deleted'), await valueOf(world, 'support', kept.support, 'title')]),
      ];
    },
  },
];
