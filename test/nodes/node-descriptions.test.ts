/** What a person sees of the seven nodes before anything runs. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { webhookDescriptionIsNativelyResolvable } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';
import { CHECKOUT } from '../../tools/checkout';
import { loadNodes } from '../support/node-types';
import { SYNC } from './contacts';
import { runNode } from './node-run';

const NODES = [['normalize', 'Normalize'], ['ledgerCheck', 'LedgerCheck'], ['echoGuard', 'EchoGuard'], ['diffEngine', 'DiffEngine'], ['conflictRouter', 'ConflictRouter'], ['ledgerCommit', 'LedgerCommit'], ['syncWebhookTrigger', 'SyncWebhookTrigger']] as const;

describe.each(NODES)('%s', (type, folder) => {
  it('has a light and a dark icon, a subtitle, a codex file with its own name', async () => {
    const { description } = (await loadNodes()).types.getByNameAndVersion(`n8n-nodes-two-way-sync.${type}`);
    const codex = readFileSync(join(CHECKOUT, 'nodes', folder, `${folder}.node.json`), 'utf8');
    expect(description.subtitle).toBeTruthy();
    expect(description.iconUrl).toMatchObject({ light: expect.stringMatching(/\.svg$/) as string, dark: expect.stringMatching(/\.dark\.svg$/) as string });
    expect(existsSync(join(CHECKOUT, 'dist', 'nodes', folder, `${folder}.node.json`))).toBe(true);
    expect(codex).toContain(`"n8n-nodes-two-way-sync.${type}"`);
  });
});

describe('a delivery to Sync Webhook Trigger', () => {
  it('is placed by n8n without an expression engine', async () => {
    const { description } = (await loadNodes()).types.getByNameAndVersion('n8n-nodes-two-way-sync.syncWebhookTrigger');
    expect(description.webhooks).toHaveLength(1);
    // Of version 1 n8n asks an expression about the body.
    expect(description.version).toBe(2);
    expect(description.webhooks?.every(webhookDescriptionIsNativelyResolvable)).toBe(true);
  });
});

describe('outputs follow the operation', () => {
  it.each([
    ['ledgerCheck', 'record', 'start', ['Started', 'Given Up', 'Other Direction']],
    ['ledgerCheck', 'record', 'check', ['Changed', 'Unchanged', 'Busy', 'Recheck', 'Failed']],
    ['ledgerCheck', 'sweep', 'listPending', ['Pending']],
    ['ledgerCommit', 'record', 'reserve', ['Reserved', 'Recheck', 'Failed', 'Dry Run', 'Held']],
    ['ledgerCommit', 'record', 'commit', ['Committed', 'Recheck', 'Failed', 'Dry Run']],
    ['ledgerCommit', 'review', 'queueReview', ['Queued', 'Recheck', 'Failed', 'Dry Run']],
    ['ledgerCommit', 'review', 'decideReview', ['Decided', 'Changed', 'Not Found', 'Failed']],
  ])('%s %s %s', async (type, resource, operation, names) => {
    const run = await runNode(type, { ...SYNC, winner: 'crm', decidedBy: 'ann', resource, operation }, [], { credentials: new Map([['ledger', { store: 'sqlite' }]]) });
    expect(Object.keys(run.on)).toEqual(names);
  });
});
