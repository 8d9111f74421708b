import { pair, valueOf } from './pairs';
import { finding, writesFinding, type Step } from './step';
import { SCOPE } from './world';

export const faults: readonly Step[] = [
  {
    title: 'Bulk touch of updated_at on every record: zero writes',
    play: async (world) => {
      await world.systems.touchAll('crm');
      await world.systems.touchAll('support');
      await world.settled(300_000);
      return [await writesFinding(world, { crm: [], support: [] })];
    },
  },
  {
    title: 'Duplicate, late and reordered webhooks: right in the end, one write per edit',
    play: async (world) => {
      const people = [12, 13, 14].map((index) => pair(world, index));
      await world.systems.quirks('crm', { deliver_twice: true, deliver_out_of_order: true, deliver_late_ms: 200 });
      for (const [turn, { crm }] of people.entries()) await world.systems.edit('crm', crm, { job_title: `Title ${turn}` });
      await world.settled();
      await world.systems.quirks('crm', { deliver_twice: false, deliver_out_of_order: false, deliver_late_ms: 0 });
      return [
        await writesFinding(world, { crm: [], support: people.map(({ support }) => `PATCH ${support} title`) }),
        finding('titles', ['Title 0', 'Title 1', 'Title 2'], await Promise.all(people.map(({ support }) => valueOf(world, 'support', support, 'title')))),
      ];
    },
  },
  {
    title: 'n8n killed in the middle of a write and restarted: nothing lost, nothing twice',
    play: async (world) => {
      const [caught, meanwhile] = [pair(world, 15), pair(world, 16)];
      await world.systems.quirks('support', { hang_next_write_ms: 60_000 });
      await world.systems.edit('crm', caught.crm, { job_title: 'Caught' });
      await world.until('the write is in the log', async () => (await world.writes('support')).length > 0);
      await world.killN8n();
      await world.systems.edit('crm', meanwhile.crm, { job_title: 'Meanwhile' });
      await world.restartN8n();
      // What the webhooks do not bring back, the sweep does, once the lease of the killed run is over.
      await world.until('nothing is left to do', async () => {
        await world.reconcile(false);
        return (await world.ledger.pending(SCOPE, 100)).hints.length === 0 && (await valueOf(world, 'support', meanwhile.support, 'title')) === 'Meanwhile';
      }, 120_000);
      return [
        await writesFinding(world, { crm: [], support: [`PATCH ${caught.support} title`, `PATCH ${meanwhile.support} title`] }),
        finding('titles', ['Caught', 'Meanwhile'], [await valueOf(world, 'support', caught.support, 'title'), await valueOf(world, 'support', meanwhile.support, 'title')]),
      ];
    },
  },
  {
    title: 'A second full reconcile: zero writes',
    play: async (world) => {
      await world.reconcile(false);
      return [await writesFinding(world, { crm: [], support: [] }), finding('failed executions', [], await world.failedExecutions())];
    },
  },
];
