/** Guards in the shipped workflows: what is held, who is told, and how a person lets it go on. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ID } from '../../tools/templates/names';
import { CONTACTS, TICKETS } from './sample-records';
import { errorOf, itemsOf, World, writesOf, type LogEntry } from './world';

let world: World;

beforeEach(async () => {
  world = await World.start({ crm: CONTACTS, support: TICKETS });
  expect(errorOf(await world.reconcile('full'))).toBeUndefined();
  await writes();
});
afterEach(async () => world.close());

async function writes(): Promise<readonly LogEntry[]> {
  return writesOf([...(await world.requests('crm')), ...(await world.requests('support'))]);
}

const held = async (): Promise<readonly string[]> => (await world.reviewPage()).holds.map(({ guard }) => guard);

/** Presses the button of the page's first hold. */
async function release(): Promise<void> {
  const [hold] = (await world.reviewPage()).holds;
  const run = await world.run(ID.decide, 'Receive decisions', [{ body: { release: JSON.stringify({ hold_id: hold?.id, counted: hold?.counted }) }, headers: { accept: 'text/html' }, query: {}, user: 'ann@example.org' }]);
  expect(errorOf(run)).toBeUndefined();
  expect(JSON.stringify(itemsOf(run, 'Show what is still open'))).toContain('released; the next sweep goes on');
}

describe('a mass delete', () => {
  it('D5 deletes nothing, tells once, and goes through when a person releases it', async () => {
    world.changeWorkflow(ID.crmToSupport, (text) => text.replace('"deletes":100', '"deletes":1'));
    for (const id of ['4701', '4702']) await world.admin('crm', '/admin/users/delete', { id });
    const run = await world.deliver('crm', '4701', '4702');
    expect(errorOf(run)).toBeUndefined();
    expect(itemsOf(run, 'Is a hold new?')).toMatchObject([{ guard: 'mass_delete', counted: 2, allowed: 1 }]);
    expect(await writes()).toEqual([]);
    const { html } = await world.reviewPage();
    expect(html).toContain('2 records would be deleted');

    await world.edit('support', 'T-1003', { priority: 'low' });
    const other = await world.deliver('support', 'T-1003');
    expect(itemsOf(other, 'Is a hold new?')).toEqual([]);
    expect(await writes()).toEqual([]);

    await release();
    expect(await held()).toEqual([]);
    expect(errorOf(await world.reconcile('incremental'))).toBeUndefined();
    const done = await writes();
    expect(done.filter(({ method }) => method === 'DELETE').map(({ record_id }) => record_id).sort()).toEqual(['T-1001', 'T-1002']);
    expect(done.filter(({ method }) => method === 'PATCH').map(({ changed }) => changed['priority'])).toEqual([['3', '4']]);
    expect(await world.pendingNotes()).toBe(0);
  });
});

describe('a changed mapping', () => {
  it('G1 writes nothing, is re-baselined after a preview, and then differences are decided as at first contact', async () => {
    world.changeWorkflow(ID.ingestCrm, (text) => text.replaceAll(/("name":"city","path":"city","type":"text","options":\{"cleanUp":\["trim",)/gu, '$1"upper_case",'));
    expect(errorOf(await world.reconcile('full'))).toBeUndefined();
    expect(await held()).toEqual(['mapping_changed']);

    const [preview] = itemsOf(await world.reconcile('rebaseline', true), 'Preview');
    expect(preview).toMatchObject({ dry_run: true, would_write: { crm: 0, support: 0 }, would_hold: [] });
    expect(errorOf(await world.reconcile('rebaseline'))).toBeUndefined();
    await release();
    expect(errorOf(await world.reconcile('full'))).toBeUndefined();
    expect(await held()).toEqual([]);
    expect(await writes()).toEqual([]);
    expect((await world.reviewPage()).total).toBe(preview?.['would_differ']);
    expect(await world.pendingNotes()).toBe(0);
  });
});

describe('a ledger that was lost', () => {
  it('F9 is noticed by the stamps it left, and is made anew without a blind write', async () => {
    for (const phone of ['+49 30 999 0001', '+49 30 999 0002', '+49 30 999 0003']) {
      await world.edit('crm', '4701', { phone });
      await world.deliver('crm', '4701');
    }
    await world.edit('support', 'T-1001', { 'requester.phone': '+49 30 999 0004' });
    world.loseLedger();
    await writes();
    expect(errorOf(await world.reconcile('full'))).toBeUndefined();
    expect(await held()).toEqual(['ledger_behind']);
    expect(errorOf(await world.reconcile('rebaseline'))).toBeUndefined();
    expect(await writes()).toEqual([]);
    await release();
    expect(errorOf(await world.reconcile('full'))).toBeUndefined();
    // The rules say that the CRM owns the phone: known again, that is what happens, and nothing else.
    expect((await writes()).map(({ method, record_id, changed }) => [method, record_id, Object.keys(changed).filter((field) => field.includes('phone'))])).toEqual([['PATCH', 'T-1001', ['requester.phone']]]);
    expect(errorOf(await world.reconcile('full'))).toBeUndefined();
    expect(await writes()).toEqual([]);
  });
});
