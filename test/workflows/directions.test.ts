import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ID } from '../../tools/templates/names';
import { CONTACTS, TICKETS } from './sample-records';
import { errorOf, itemsOf, World, writesOf } from './world';

let world: World;

beforeEach(async () => {
  world = await World.start({ crm: CONTACTS, support: TICKETS });
  expect(errorOf(await world.reconcile('full'))).toBeUndefined();
  await world.requests('crm');
  await world.requests('support');
});
afterEach(async () => world.close());

describe('an edit in the CRM', () => {
  it('travels as one conditional PATCH of one field', async () => {
    await world.edit('crm', '4701', { phone: '+49 30 999 8877' });
    const run = await world.deliver('crm', '4701');
    expect(errorOf(run)).toBeUndefined();
    const writes = writesOf(await world.requests('support'));
    expect(writes).toHaveLength(1);
    expect(writes[0]).toMatchObject({ method: 'PATCH', status: 200, record_id: 'T-1001', if_match: '"1"' });
    expect(Object.keys(writes[0]!.changed).sort()).toEqual(['custom_fields.sync_origin', 'requester.phone']);
    expect(writes[0]!.idempotency_key).toMatch(/^crm-to-support-contact_4701-v/u);
    expect(writesOf(await world.requests('crm'))).toEqual([]);
  });

  it('costs four sub-workflow calls beside the reader: read, compare, decide, write', async () => {
    await world.edit('crm', '4701', { phone: '+49 30 999 8877' });
    const run = await world.deliver('crm', '4701');
    expect(run.subRuns.map(({ workflowId }) => workflowId)).toEqual([ID.ingestCrm, ID.ingestSupport, ID.diff, ID.router, ID.writeSupport]);
  });

  it('comes back as an echo that writes nothing and reads only its own system', async () => {
    await world.edit('crm', '4701', { phone: '+49 30 999 8877' });
    await world.deliver('crm', '4701');
    await world.requests('crm');
    await world.requests('support');
    expect(errorOf(await world.deliver('support', 'T-1001'))).toBeUndefined();
    expect(await world.requests('crm')).toEqual([]);
    expect(writesOf(await world.requests('support'))).toEqual([]);
  });

  it('travels again when it is set back (v0, v1, v0)', async () => {
    for (const phone of ['+49 30 999 8877', '+49 30 12345601']) {
      await world.edit('crm', '4701', { phone });
      await world.deliver('crm', '4701');
      await world.deliver('support', 'T-1001');
    }
    expect(writesOf(await world.requests('support'))).toHaveLength(2);
    expect(await world.record('support', 'T-1001')).toMatchObject({ requester: { phone: expect.stringMatching(/123\s?456/u) as unknown } });
  });

  it('is written once, however often it is announced', async () => {
    await world.edit('crm', '4701', { phone: '+49 30 999 8877' });
    await world.deliver('crm', '4701', '4701', '4701');
    await world.deliver('crm', '4701');
    expect(writesOf(await world.requests('support'))).toHaveLength(1);
  });
});

describe('an edit in the helpdesk', () => {
  it('arrives in the CRM in its own words', async () => {
    await world.edit('support', 'T-1002', { priority: 'urgent' });
    expect(errorOf(await world.deliver('support', 'T-1002'))).toBeUndefined();
    const writes = writesOf(await world.requests('crm'));
    expect(writes).toHaveLength(1);
    expect(writes[0]!.changed).toMatchObject({ priority: ['3', '1'] });
  });
});

describe('edits on both sides', () => {
  it('of different fields are merged: two writes, no question', async () => {
    await world.edit('crm', '4703', { job_title: 'Founder' });
    await world.edit('support', 'T-1003', { priority: 'high' });
    await world.deliver('crm', '4703');
    expect(writesOf(await world.requests('crm')).map(({ changed }) => changed['priority'])).toEqual([['3', '2']]);
    expect(writesOf(await world.requests('support')).map(({ changed }) => changed['title'])).toEqual([['Buyer', 'Founder']]);
  });

  it('of the same owned field: the owner wins and the loser is corrected', async () => {
    await world.edit('crm', '4703', { priority: '4' });
    await world.edit('support', 'T-1003', { priority: 'urgent' });
    await world.deliver('crm', '4703');
    expect(await world.record('crm', '4703')).toMatchObject({ priority: '1' });
    expect(await world.record('support', 'T-1003')).toMatchObject({ priority: 'urgent' });
  });

  it('of the same unowned field wait for a person, and the other fields go on', async () => {
    await world.edit('crm', '4703', { job_title: 'Founder', phone: '+353 1 412 9999' });
    await world.edit('support', 'T-1003', { title: 'Owner' });
    expect(errorOf(await world.deliver('crm', '4703'))).toBeUndefined();
    expect(await world.record('support', 'T-1003')).toMatchObject({ title: 'Owner', requester: { phone: expect.stringContaining('9999') as unknown } });
    const page = await world.reviewPage();
    expect(page.total).toBe(1);
    expect(page.html).toContain('Founder');
    expect(page.html).toContain('Owner');
  });
});

describe('a record that cannot be read', () => {
  it('is reported with its reasons and blocks nobody', async () => {
    await world.edit('crm', '4701', { job_title: 'First' });
    await world.admin('crm', '/admin/malform', { id: '4702' });
    await world.edit('crm', '4703', { job_title: 'Third' });
    const run = await world.deliver('crm', '4701', '4702', '4703');
    expect(errorOf(run)).toBeUndefined();
    expect(await world.record('support', 'T-1001')).toMatchObject({ title: 'First' });
    expect(await world.record('support', 'T-1002')).toMatchObject({ title: 'Buyer' });
    expect(await world.record('support', 'T-1003')).toMatchObject({ title: 'Third' });
    const reported = run.subRuns.flatMap((sub) => itemsOf(sub.run, 'Report rejected record'));
    expect(reported).toHaveLength(1);
    expect(JSON.stringify(reported[0])).toContain('not-an-email');
  });
});

describe('a new record', () => {
  it('is created once in the other system and linked', async () => {
    const { id } = await world.create('crm', { last_name: 'Novák', email: 'novak@example.org', tags: [] });
    expect(errorOf(await world.deliver('crm', id))).toBeUndefined();
    const [created, ...more] = writesOf(await world.requests('support'));
    expect(more).toEqual([]);
    expect(created).toMatchObject({ method: 'POST', status: 201 });
    await world.deliver('crm', id);
    await world.deliver('support', created!.record_id!);
    expect(writesOf([...(await world.requests('support')), ...(await world.requests('crm'))])).toEqual([]);
  });
});

describe('a deleted record', () => {
  it('is deleted in the other system when nobody changed it there', async () => {
    await world.admin('crm', '/admin/users/delete', { id: '4702' });
    expect(errorOf(await world.deliver('crm', '4702'))).toBeUndefined();
    expect(writesOf(await world.requests('support')).map(({ method, status }) => [method, status])).toEqual([['DELETE', 204]]);
  });

  it('survives where it was edited', async () => {
    await world.edit('support', 'T-1002', { title: 'Director' });
    await world.admin('crm', '/admin/users/delete', { id: '4702' });
    expect(errorOf(await world.deliver('crm', '4702'))).toBeUndefined();
    expect(writesOf(await world.requests('support')).filter(({ method }) => method === 'DELETE')).toEqual([]);
    expect(await world.record('support', 'T-1002')).toMatchObject({ title: 'Director' });
  });
});

describe('a delivery', () => {
  it.each([[{ events: [] }], [{}], [null], [{ events: 'all' }], [{ events: [{ name: 'no id' }, { id: '' }, { id: {} }, null] }]])('without an event that names a record is refused: %j', async (body) => {
    const run = await world.run(ID.crmToSupport, 'Receive CRM change', [{ body, headers: {}, query: {}, user: null }]);
    expect(run.timesRun.get('Refuse a delivery without events')).toBe(1);
    expect(await world.requests('crm')).toEqual([]);
  });

  it('that cannot be noted is asked for again, and nothing is read', async () => {
    world.breakLedger();
    const run = await world.deliver('crm', '4701');
    expect(run.timesRun.get('Ask for another delivery')).toBe(1);
    expect(run.timesRun.get('Acknowledge: it is noted')).toBeUndefined();
    expect(run.error).toBeDefined();
    expect(await world.requests('crm')).toEqual([]);
  });
});

describe('a system that is busy', () => {
  it('is written to once it answers again, and once only', async () => {
    await world.edit('crm', '4701', { job_title: 'Founder' });
    await world.quirks('support', { fail_next: { count: 2, status: 429 } });
    const run = await world.deliver('crm', '4701', '4702');
    expect(errorOf(run)).toBeUndefined();
    expect(await world.record('support', 'T-1001')).toMatchObject({ title: 'Founder' });
    expect(writesOf(await world.requests('support')).filter(({ status }) => status < 300)).toHaveLength(1);
  });
});
