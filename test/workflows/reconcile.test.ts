import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seedPair } from '../../demo/systems/seed';
import { CONTACTS, TICKETS } from './sample-records';
import { errorOf, itemsOf, World, writesOf } from './world';

let world: World;
afterEach(async () => world.close());

const allWrites = async (): Promise<number> => writesOf([...(await world.requests('crm')), ...(await world.requests('support'))]).length;

describe('the first sync of two filled systems', () => {
  beforeEach(async () => {
    world = await World.start();
  });

  it('I1 is previewed: every record counted, nothing written', async () => {
    const run = await world.reconcile('full', true);
    expect(errorOf(run)).toBeUndefined();
    const { expected } = seedPair(1, 300);
    const [preview] = itemsOf(run, 'Preview');
    expect(preview).toMatchObject({
      dry_run: true,
      linked: 0,
      found: expected.found.length,
      absent: expected.absent_in_crm.length + expected.absent_in_helpdesk.length,
      ambiguous: expected.ambiguous.length,
      would_delete: 0,
    });
    expect(await allWrites()).toBe(0);
    expect(await world.pendingNotes()).toBe(0);
  });

  it('costs pages, not records, and creates what is missing once on each side', async () => {
    expect(errorOf(await world.reconcile('full'))).toBeUndefined();
    const { expected } = seedPair(1, 300);
    const [crm, support] = [await world.requests('crm'), await world.requests('support')];
    expect(crm.filter(({ method }) => method === 'POST')).toHaveLength(expected.absent_in_crm.length);
    expect(support.filter(({ method }) => method === 'POST')).toHaveLength(expected.absent_in_helpdesk.length);
    expect([...crm, ...support].filter(({ method, path }) => method === 'GET' && path.includes('limit=200')).length).toBeLessThanOrEqual(8);
    expect([...crm, ...support].filter(({ method }) => method === 'GET').length).toBeLessThan(100);
  });
});

describe('a later sweep', () => {
  beforeEach(async () => {
    world = await World.start({ crm: CONTACTS, support: TICKETS });
    expect(errorOf(await world.reconcile('full'))).toBeUndefined();
    await allWrites();
  });

  it('G8 without an edit writes nothing and lists each system once', async () => {
    expect(errorOf(await world.reconcile('full'))).toBeUndefined();
    const requests = [...(await world.requests('crm')), ...(await world.requests('support'))];
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /api/contacts?limit=200', 'GET /api/tickets?limit=200']);
  });

  it('F10 finds an edit that no webhook told, by what changed lately', async () => {
    await world.edit('support', 'T-1003', { priority: 'low' });
    const run = await world.reconcile('incremental');
    expect(errorOf(run)).toBeUndefined();
    const requests = await world.requests('crm');
    expect(writesOf(requests).map(({ changed }) => changed['priority'])).toEqual([['3', '4']]);
    expect((await world.requests('support'))[0]?.path).toContain('updated_since=');
  });

  it('prunes the ledger in a whole sweep, once, and in no other', async () => {
    const whole = await world.reconcile('full');
    expect(itemsOf(whole, 'Delete what is too old')).toMatchObject([{ pruned: { tombstones: 0, runs: 0 } }]);
    for (const other of [await world.reconcile('incremental'), await world.reconcile('full', true)]) {
      expect(errorOf(other)).toBeUndefined();
      expect(itemsOf(other, 'Delete what is too old')).toEqual([]);
    }
  });

  it('G3 takes a bulk touch of every record for what it is: no write', async () => {
    await world.admin('crm', '/admin/touch-all', {});
    await world.reconcile('incremental');
    await world.reconcile('full');
    expect(await allWrites()).toBe(0);
  });

  it('I6 D6 reads a record that is not listed any more before it calls it deleted', async () => {
    await world.quirks('crm', { forbidden_ids: ['4701'] });
    await world.admin('crm', '/admin/users/delete', { id: '4702' });
    expect(errorOf(await world.reconcile('full'))).toBeUndefined();
    const writes = writesOf(await world.requests('support'));
    expect(writes.map(({ method, record_id }) => [method, record_id])).toEqual([['DELETE', 'T-1002']]);
  });

  it('D6 reads every record of a system that lists none: what is gone there is deleted here, what is not stays', async () => {
    for (const { id } of CONTACTS) await world.admin('crm', '/admin/users/delete', { id });
    expect(errorOf(await world.reconcile('full'))).toBeUndefined();
    const deleted = writesOf(await world.requests('support')).filter(({ method }) => method === 'DELETE');
    expect(deleted.length).toBe(TICKETS.length);
    const read = (await world.requests('crm')).map(({ path }) => path).filter((path) => /^\/api\/contacts\/\d+$/u.test(path));
    expect(new Set(read).size).toBe(CONTACTS.length);
  });

  it('D6 concludes nothing from a listing that broke off', async () => {
    await world.quirks('crm', { fail_next: { count: 1, status: 503 } });
    const run = await world.reconcile('full');
    expect(errorOf(run)?.message).toContain('did not arrive');
    expect(await allWrites()).toBe(0);
  });
});
