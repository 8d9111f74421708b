import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INode } from 'n8n-workflow';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLedger } from '../../ledger/open-ledger';
import type { LedgerStore } from '../../ledger/ledger-store';
import { hostWebhook, type WebhookHost } from '../support/webhook-host';

const SCOPE = { sync: 'contacts', record_type: 'contact', source: 'crm', target: 'support' } as const;
const SECRET = 'not-a-real-secret';
const hook = (more: INode['parameters'] = {}): INode => ({
  id: 'hook', name: 'Receive', type: 'n8n-nodes-two-way-sync.syncWebhookTrigger', typeVersion: 2, position: [0, 0],
  parameters: {
    whenDelivered: 'noteHints', httpMethod: 'POST', path: 'hints', authentication: 'headerAuth', syncName: 'contacts', recordType: 'contact', sourceSystem: 'crm', targetSystem: 'support',
    recordSystem: 'crm', eventsPath: 'events', idPath: 'id', waitSeconds: 7, ...more,
  },
  credentials: { httpHeaderAuth: { id: 'sender', name: 'sender' }, syncLedgerApi: { id: 'ledger', name: 'ledger' } },
});

let folder: string;
let ledger: LedgerStore;
let host: WebhookHost;

async function hosting(node: INode, file = join(folder, 'ledger.sqlite')): Promise<void> {
  await host.close();
  host = await hostWebhook(node, new Map([['sender', { name: 'x-secret', value: SECRET }], ['ledger', { store: 'sqlite', file }]]));
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'two-way-sync-hints-'));
  ledger = openLedger({ kind: 'sqlite', file: join(folder, 'ledger.sqlite') });
  host = { url: '', answers: [], close: () => Promise.resolve() };
  await hosting(hook());
});
afterEach(async () => {
  await host.close();
  await ledger.close();
  await rm(folder, { recursive: true, force: true });
});

async function deliver(body: unknown, secret = SECRET): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(host.url, { method: 'POST', headers: { 'x-secret': secret }, body: JSON.stringify(body) });
  return { status: answer.status, text: await answer.text() };
}
const waiting = async (): Promise<readonly string[]> => (await ledger.pending(SCOPE, 100)).hints.map(({ system, native_id }) => `${system} ${native_id}`).sort();

describe('a delivery whose hints are noted by the trigger itself', () => {
  it('is noted and answered; the first one starts the workflow, to start the drain, and the others start nothing', async () => {
    expect(await deliver({ events: [{ id: 'c1', phone: 'private' }, { id: 2 }] })).toEqual({ status: 202, text: 'Noted.' });
    expect(await deliver({ events: [{ id: 'c3' }] })).toEqual({ status: 202, text: 'Noted.' });
    expect(await waiting()).toEqual(['crm 2', 'crm c1', 'crm c3']);
    expect(host.answers).toEqual([{ noWebhookResponse: true, workflowData: [[{ json: { wait_seconds: 7, noted: 2 } }]] }, { noWebhookResponse: true }]);
  });

  it('is of the system that sends', async () => {
    await hosting(hook({ recordSystem: 'support' }));
    await deliver({ events: [{ id: 't1' }] });
    expect(await waiting()).toEqual(['support t1']);
  });

  it('names its records where the paths say', async () => {
    await hosting(hook({ eventsPath: '', idPath: 'object.key' }));
    await deliver([{ object: { key: 'c1' } }]);
    expect(await waiting()).toEqual(['crm c1']);
  });

  it.each([[{ events: [] }], [{}], [{ events: 'all' }], [{ events: [{ name: 'no id' }, null] }]])('is refused when it names no record, and starts nothing: %j', async (body) => {
    expect((await deliver(body)).status).toBe(400);
    expect(host.answers).toEqual([{ noWebhookResponse: true }]);
    expect(await waiting()).toEqual([]);
  });

  it('is refused without the secret, before anything is noted', async () => {
    expect((await deliver({ events: [{ id: 'c1' }] }, 'wrong')).status).toBe(403);
    expect(await waiting()).toEqual([]);
  });

  it('is asked for again when the ledger is away, and the workflow starts to say so', async () => {
    await hosting(hook(), join(folder, 'ledger.sqlite', 'no-folder', 'ledger.sqlite'));
    expect(await deliver({ events: [{ id: 'c1' }] })).toEqual({ status: 503, text: 'Not noted. Deliver it again.' });
    expect(host.answers).toMatchObject([{ noWebhookResponse: true, workflowData: [[{ json: { verdict: { kind: 'Failed', reason: expect.stringContaining('ledger') as unknown } } }]] }]);
  });

  it.each([
    ['recordSystem', 'billing', 'Record System'], ['syncName', '', 'Sync Name'], ['idPath', 'a..b', 'ID Path'], ['waitSeconds', 301, 'Wait for More'],
  ])('a setting that cannot be used is named: %s', async (name, value, label) => {
    await hosting(hook({ [name]: value }));
    expect((await deliver({ events: [{ id: 'c1' }] })).status).toBe(503);
    expect(host.answers[0]?.workflowData?.[0]?.[0]?.json).toMatchObject({ verdict: { reason: expect.stringContaining(label) as unknown } });
  });
});
