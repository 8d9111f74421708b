import { describe, expect, it } from 'vitest';
import { ID } from '../../tools/templates/names';
import type { WorkflowRun } from '../support/engine';
import { itemsOf, World } from './world';

/** As a person does who presses Execute: pinned nodes do not run, so nothing is asked of any system. */
async function execute(id: string): Promise<WorkflowRun> {
  const world = await World.start({ crm: [], support: [] });
  try {
    const run = await world.executeSample(id);
    expect(await world.requests('crm')).toEqual([]);
    expect(await world.requests('support')).toEqual([]);
    return run;
  } finally {
    await world.close();
  }
}

describe('the pinned samples', () => {
  it.each([[ID.ingestCrm, 'Report rejected record'], [ID.ingestSupport, 'Report rejected record']])('%s: one record is read, the bad one beside it is reported', async (id, report) => {
    const run = await execute(id);
    expect(run.error).toBeUndefined();
    expect(itemsOf(run, 'Give back what was read')).toHaveLength(1);
    expect(itemsOf(run, report)).toHaveLength(1);
  });

  it('the diff engine finds the changed fields', async () => {
    const run = await execute(ID.diff);
    expect(run.error).toBeUndefined();
    expect(itemsOf(run, 'Give back every finding')).toMatchObject([{ verdict: { kind: 'Changed' } }]);
  });

  it('the router decides', async () => {
    const run = await execute(ID.router);
    expect(run.error).toBeUndefined();
    expect(itemsOf(run, 'Give back every decision')).toMatchObject([{ verdict: { kind: 'Write' }, plan: { patches: [{ system: 'support', fields: { phone: '+4930901820' } }] } }]);
  });

  it.each([ID.writeCrm, ID.writeSupport])('%s: the patch is written, and the item without one passes', async (id) => {
    const run = await execute(id);
    expect(run.error).toBeUndefined();
    const items = itemsOf(run, 'Give back every item');
    expect(items).toHaveLength(2);
    expect(items).toContainEqual(expect.objectContaining({ writes: [expect.objectContaining({ outcome: expect.objectContaining({ kind: 'written' }) as unknown })] }));
  });

  it('a failure becomes an issue', async () => {
    const run = await execute(ID.errors);
    expect(run.error).toBeUndefined();
    expect(JSON.stringify(itemsOf(run, 'Report the failure as an issue'))).toContain('Read CRM contact');
  });
});
