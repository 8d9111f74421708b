import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NoteResult, SyncScope } from '../../ledger/ledger-store';
import { ID } from '../../tools/templates/names';
import type { WorkflowRun } from '../support/engine';
import { CONTACTS, TICKETS } from './sample-records';
import { errorOf, World, writesOf } from './world';

const SCOPE: SyncScope = { sync: 'contacts', record_type: 'contact', source: 'crm', target: 'support' };
let world: World;

beforeEach(async () => {
  world = await World.start({ crm: CONTACTS, support: TICKETS });
  expect(errorOf(await world.reconcile('full'))).toBeUndefined();
  await world.requests('crm');
  await world.requests('support');
});
afterEach(async () => world.close());

/** A hint that a webhook noted while a drain was ordered already. */
const note = (system: 'crm' | 'support', ...ids: readonly string[]): Promise<NoteResult> =>
  world.onLedger((store) => store.note({ ...SCOPE, hints: ids.map((native_id) => ({ system, native_id })), order_seconds: 30 }));
const drain = (): Promise<WorkflowRun> => world.run(ID.drain, 'When hints were noted', [{ wait_seconds: 0, drain: '' }]);
const heard = (item: Readonly<Record<string, unknown>>): Promise<WorkflowRun> => world.run(ID.noteHints, 'Receive CRM hints', [item as never]);
const parents = (run: WorkflowRun): readonly string[] => run.subRuns.map(({ workflowId }) => workflowId).filter((id) => id === ID.crmToSupport || id === ID.supportToCrm);

describe('the webhook of bursts', () => {
  it('starts the drain when its trigger says that one is due, and the drain writes', async () => {
    await world.edit('crm', '4701', { phone: '+49 30 999 8877' });
    expect((await note('crm', '4701')).order).toBe(true);
    const run = await heard({ wait_seconds: 0, noted: 1 });
    expect(errorOf(run)).toBeUndefined();
    expect(parents(run)).toEqual([ID.crmToSupport]);
    expect(writesOf(await world.requests('support'))).toHaveLength(1);
  });

  it('fails with the reason when nothing could be noted, so that the error workflow tells', async () => {
    const run = await heard({ verdict: { kind: 'Failed', reason: 'The ledger cannot be used.', hint: 'Check the disk.' } });
    expect(run.error?.message).toBe('The ledger cannot be used. Check the disk.');
    expect(run.subRuns).toEqual([]);
  });
});

describe('a drain', () => {
  it('writes each changed record once, whatever the number of hints, in one batch a direction', async () => {
    await world.edit('crm', '4701', { phone: '+49 30 999 8877' });
    await world.edit('support', 'T-1002', { priority: 'urgent' });
    await world.edit('crm', '4703', { job_title: 'Founder' });
    for (let count = 0; count < 4; count += 1) {
      await note('crm', '4701', '4703');
      await note('support', 'T-1002');
    }
    const run = await drain();
    expect(errorOf(run)).toBeUndefined();
    expect(parents(run)).toEqual([ID.crmToSupport, ID.supportToCrm]);
    expect(writesOf(await world.requests('support')).map(({ record_id }) => record_id).sort()).toEqual(['T-1001', 'T-1003']);
    expect(writesOf(await world.requests('crm')).map(({ record_id }) => record_id)).toEqual(['4702']);
    expect(run.timesRun.get('Nothing left')).toBe(1);
    expect(await world.pendingNotes()).toBe(0);
  });

  it('goes to the reader with the token of its Take: nothing is noted a second time', async () => {
    await world.edit('crm', '4701', { phone: '+49 30 999 8877' });
    await note('crm', '4701');
    const run = await drain();
    const synced = run.subRuns.find(({ workflowId }) => workflowId === ID.crmToSupport)!.run;
    expect(synced.timesRun.has('Note and read again')).toBe(false);
    expect(synced.timesRun.get('Synced')).toBe(1);
  });

  it('both sides of one record in one burst: merged, one write each', async () => {
    await world.edit('crm', '4703', { job_title: 'Founder' });
    await world.edit('support', 'T-1003', { priority: 'high' });
    await note('crm', '4703');
    await note('support', 'T-1003');
    expect(errorOf(await drain())).toBeUndefined();
    expect(writesOf(await world.requests('crm'))).toHaveLength(1);
    expect(writesOf(await world.requests('support'))).toHaveLength(1);
    expect(await world.pendingNotes()).toBe(0);
  });

  it('a bad record in the middle is reported and blocks nobody', async () => {
    await world.edit('crm', '4701', { job_title: 'First' });
    await world.admin('crm', '/admin/malform', { id: '4702' });
    await world.edit('crm', '4703', { job_title: 'Third' });
    await note('crm', '4701', '4702', '4703');
    expect(errorOf(await drain())).toBeUndefined();
    expect(await world.record('support', 'T-1001')).toMatchObject({ title: 'First' });
    expect(await world.record('support', 'T-1003')).toMatchObject({ title: 'Third' });
    expect(await world.pendingNotes()).toBe(0);
  });

  it('a second drain writes nothing, reads nothing and ends', async () => {
    await world.edit('crm', '4701', { phone: '+49 30 999 8877' });
    await note('crm', '4701');
    await drain();
    await world.requests('crm');
    await world.requests('support');
    const run = await drain();
    expect(run.timesRun.get('Nothing left')).toBe(1);
    expect([...(await world.requests('crm')), ...(await world.requests('support'))]).toEqual([]);
  });

  it('leaves to another drain what that is at', async () => {
    await note('crm', '4701');
    await world.onLedger((store) => store.take({ ...SCOPE, drain: 'elsewhere', limit: 1, hold_seconds: 120, drains_at_once: 1, execution_id: null }));
    await note('crm', '4702');
    const run = await drain();
    expect(run.timesRun.get('Another drain is at work')).toBe(1);
    expect(run.subRuns).toEqual([]);
  });

  it('goes on in a new execution, under the name it has, when it had its share of batches', async () => {
    await note('crm', '4701');
    await note('support', 'T-1002');
    const run = await world.run(ID.drain, 'When hints were noted', [{ wait_seconds: 0, drain: '' }], (text) => text.replace('$runIndex < 19', '$runIndex < 0'));
    expect(errorOf(run)).toBeUndefined();
    expect(run.timesRun.get('Take a batch')).toBe(1);
    const onward = run.subRuns.find(({ workflowId }) => workflowId === ID.drain)!.run;
    expect(onward.timesRun.has('Another drain is at work')).toBe(false);
    expect(onward.timesRun.get('Nothing left')).toBe(1);
    expect(parents(run)).toEqual([ID.crmToSupport, ID.supportToCrm]);
    expect(await world.pendingNotes()).toBe(0);
  });
});
