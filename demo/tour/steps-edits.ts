import { pair, valueOf } from './pairs';
import { finding, writesFinding, type Step } from './step';
import { SCOPE } from './world';

const other = (value: unknown): string => (value === 'high' ? 'low' : 'high');

export const edits: readonly Step[] = [
  {
    title: 'Phone edited in the CRM: one PATCH of one field, the echo dropped',
    play: async (world) => {
      const { crm, support } = pair(world, 0);
      await world.systems.edit('crm', crm, { phone: '+493099988770' });
      const took = await world.until('the phone arrives', async () => (await valueOf(world, 'support', support, 'requester.phone')) === '+49 30 99988770');
      await world.settled();
      return [
        finding('within 5 s', true, took < 5000),
        await writesFinding(world, { crm: [], support: [`PATCH ${support} requester.phone`] }),
        finding('CRM keeps its form', '+493099988770', await valueOf(world, 'crm', crm, 'phone')),
      ];
    },
  },
  {
    title: 'Priority edited in the helpdesk: arrives in the CRM',
    play: async (world) => {
      const { crm, support } = pair(world, 1);
      const priority = other(await valueOf(world, 'support', support, 'priority'));
      await world.systems.edit('support', support, { priority });
      await world.settled();
      return [
        await writesFinding(world, { crm: [`PATCH ${crm} priority`], support: [] }),
        finding('CRM priority', priority === 'high' ? '2' : '4', await valueOf(world, 'crm', crm, 'priority')),
      ];
    },
  },
  {
    title: 'Different fields in both at once: merged, no conflict',
    play: async (world) => {
      const { crm, support, key } = pair(world, 2);
      const priority = other(await valueOf(world, 'support', support, 'priority'));
      await Promise.all([world.systems.edit('crm', crm, { job_title: 'Founder' }), world.systems.edit('support', support, { priority })]);
      await world.settled();
      return [
        await writesFinding(world, { crm: [`PATCH ${crm} priority`], support: [`PATCH ${support} title`] }),
        finding('questions', 0, (await world.openReviews()).filter(({ record_key: of }) => of === key).length),
      ];
    },
  },
  {
    title: 'The same owned field in both: the owner wins, both values in history',
    play: async (world) => {
      const { crm, support, key } = pair(world, 3);
      await Promise.all([world.systems.edit('support', support, { requester: { phone: '+49 30 22222222' } }), world.systems.edit('crm', crm, { phone: '+493011111111' })]);
      await world.settled();
      const { entries } = await world.ledger.history(SCOPE, key, 10);
      const lost = entries.flatMap(({ overrides }) => overrides).filter(({ field }) => field === 'phone').map(({ lost: from, won }) => ({ lost: from, won }));
      return [
        await writesFinding(world, { crm: [], support: [`PATCH ${support} requester.phone`] }),
        finding('both hold', ['+493011111111', '+49 30 11111111'], [await valueOf(world, 'crm', crm, 'phone'), await valueOf(world, 'support', support, 'requester.phone')]),
        finding('history', [{ lost: '+493022222222', won: '+493011111111' }], lost),
      ];
    },
  },
  {
    title: 'The same unowned field in both: a person decides, the rest goes on',
    play: async (world) => {
      const { crm, support, key } = pair(world, 4);
      await Promise.all([world.systems.edit('crm', crm, { job_title: 'Founder', phone: '+493033333333' }), world.systems.edit('support', support, { title: 'Owner' })]);
      await world.settled();
      const asked = (await world.openReviews()).filter(({ record_key: of }) => of === key).map(({ subject }) => subject);
      const phone = await valueOf(world, 'support', support, 'requester.phone');
      const titles = [await valueOf(world, 'crm', crm, 'job_title'), await valueOf(world, 'support', support, 'title')];
      await world.decide(key, { kind: 'value', value: { job_title: 'Partner' } });
      await world.settled();
      return [
        finding('questions', ['job_title'], asked),
        finding('phone went on', '+49 30 33333333', phone),
        finding('titles wait', ['Founder', 'Owner'], titles),
        await writesFinding(world, { crm: [`PATCH ${crm} job_title`], support: [`PATCH ${support} requester.phone`, `PATCH ${support} title`] }),
        finding('after the decision', ['Partner', 'Partner'], [await valueOf(world, 'crm', crm, 'job_title'), await valueOf(world, 'support', support, 'title')]),
        finding('still open', 0, (await world.openReviews()).filter(({ record_key: of }) => of === key).length),
      ];
    },
  },
  {
    title: 'A value set and set back: both edits travel',
    play: async (world) => {
      const { crm, support } = pair(world, 5);
      const before = [await valueOf(world, 'crm', crm, 'job_title'), await valueOf(world, 'support', support, 'title')];
      const [first] = before;
      if (typeof first !== 'string') throw new Error(`${crm} has no job title.`);
      await world.systems.edit('crm', crm, { job_title: 'Interim' });
      await world.until('the first edit arrives', async () => (await valueOf(world, 'support', support, 'title')) === 'Interim');
      await world.systems.edit('crm', crm, { job_title: first });
      await world.settled();
      return [
        await writesFinding(world, { crm: [], support: [`PATCH ${support} title`, `PATCH ${support} title`] }),
        finding('titles', before, [await valueOf(world, 'crm', crm, 'job_title'), await valueOf(world, 'support', support, 'title')]),
      ];
    },
  },
];
