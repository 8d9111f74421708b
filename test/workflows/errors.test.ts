import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ID } from '../../tools/templates/names';
import { CONTACTS, TICKETS } from './sample-records';
import { errorOf, itemsOf, World } from './world';

describe('Sync - Errors', () => {
  let world: World;
  beforeEach(async () => { world = await World.start({ crm: CONTACTS, support: TICKETS }); });
  afterEach(async () => world.close());

  // What n8n hands over: for a failed node, for a trigger that could not start, and for an execution that a power cut ended.
  it.each([
    ['a failed node', { execution: { id: '7', lastNodeExecuted: 'Read CRM contact', error: { message: 'no <!channel> answer' } }, workflow: { id: 'w', name: 'Sync - CRM to Support' } }, 'Sync - CRM to Support failed at Read CRM contact: no <!channel> answer'],
    ['a trigger', { trigger: { error: { message: 'port taken' }, mode: 'trigger' }, workflow: { id: 'w', name: 'Sync - Drain' } }, 'Sync - Drain failed at its trigger: port taken'],
    ['a crash', { execution: { id: '8', error: { message: 'Workflow did not finish, possible out-of-memory issue' }, mode: 'webhook' }, workflow: { id: 'w', name: 'Sync - Drain' } }, 'Sync - Drain failed at its trigger: Workflow did not finish, possible out-of-memory issue'],
  ])('reports %s as an issue, with what failed, where and why', async (_, item, reason) => {
    const run = await world.run(ID.errors, 'When a sync workflow fails', [item]);
    expect(errorOf(run)).toBeUndefined();
    expect(JSON.stringify(itemsOf(run, 'Report the failure as an issue'))).toContain(reason);
  });
});
