import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { undoDrafts } from '../../core/policies/undo';
import { CONTACTS, TICKETS } from './sample-records';
import { errorOf, World } from './world';

const SCOPE = { sync: 'contacts', record_type: 'contact', source: 'crm', target: 'support' } as const;
let world: World;

beforeEach(async () => {
  world = await World.start({ crm: CONTACTS, support: TICKETS });
  await world.reconcile('full');
});
afterEach(async () => world.close());

describe('a run that is undone', () => {
  it('G9 is put back in both systems by the next sweep, but for the field that was edited since', async () => {
    const crm = await world.record('crm', '4703');
    await world.edit('crm', '4703', { job_title: 'Founder', phone: '+14155550199' });
    expect(errorOf(await world.deliver('crm', '4703'))).toBeUndefined();
    expect(await world.record('support', 'T-1003')).toMatchObject({ title: 'Founder' });
    await world.edit('support', 'T-1003', { title: 'Owner' });
    await world.onLedger(async (store) => {
      const [newest] = (await store.history(SCOPE, 'contact_4703', 1)).entries;
      const { records } = await store.writesOf(SCOPE, newest?.run_id ?? '');
      expect(await store.undo(SCOPE, undoDrafts(records, newest?.run_id ?? '', 'ann'))).toMatchObject([{ record_key: 'contact_4703', asked: true }]);
    });
    expect(errorOf(await world.reconcile('incremental'))).toBeUndefined();
    expect(await world.record('crm', '4703')).toMatchObject({ job_title: 'Owner', phone: crm['phone'] });
    expect(await world.record('support', 'T-1003')).toMatchObject({ title: 'Owner', requester: { phone: '+353 1 412 3403' } });
    expect((await world.reviewPage()).total).toBe(0);
  });
});
