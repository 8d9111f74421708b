import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { BusinessSystem } from '../../demo/systems/business-system';
import { HEADER } from '../../demo/tour/both-systems';
import { program } from '../../importer/program';
import { freePort } from '../../tools/free-port';
import { type N8n, startN8n } from '../../tools/n8n-host';
import { N8nRest } from '../../tools/n8n-rest';
import { installPackage } from '../../tools/pack';
import { CONTACTS, TICKETS } from '../workflows/sample-records';
import { World, writesOf } from '../workflows/world';

const SECRET = { crm: 'crm-hook-secret', support: 'support-hook-secret' } as const;
const REVIEWER = { user: 'ann@example.org', password: 'review-password' } as const;

let world: World;
let userFolder: string;
let n8n: N8n;
let rest: N8nRest;
let apiKey: string;
const said: string[] = [];

const importAll = async (...more: readonly string[]): Promise<void> => {
  await program({ env: { N8N_API_KEY: apiKey }, say: (line) => said.push(line) })
    .parseAsync(['node', 'cli', 'import', '--url', n8n.url, '--crm-url', world.crm.url, '--support-url', world.support.url, '--ledger', 'sqlite', ...more]);
};

/** All that the public API offers, as an owner's key may have. */
async function makeApiKey(): Promise<string> {
  const scopes = z.array(z.string()).parse(await rest.call('GET', '/api-keys/scopes'));
  const made = await rest.call('POST', '/api-keys', { label: 'import', expiresAt: null, scopes });
  return z.looseObject({ rawApiKey: z.string() }).parse(made).rawApiKey;
}

async function until(what: string, holds: () => Promise<boolean>, limit = 15_000): Promise<void> {
  const end = Date.now() + limit;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Not within ${limit} ms: ${what}`);
    await sleep(100);
  }
}

const failures = async (): Promise<readonly string[]> => (await rest.settled()).filter(({ status }) => status !== 'success').map(({ workflowName, status }) => `${workflowName ?? ''}: ${status}`);

beforeAll(async () => {
  world = await World.start({ crm: CONTACTS, support: TICKETS });
  userFolder = await mkdtemp(join(tmpdir(), 'two-way-sync-shipped-'));
  await installPackage(userFolder);
  n8n = await startN8n({ userFolder, port: await freePort(), logFile: join(userFolder, 'n8n.log') });
  rest = await N8nRest.login(n8n.url);
  apiKey = await makeApiKey();
});
afterAll(async () => {
  await n8n.stop();
  await world.close();
  await rm(userFolder, { recursive: true, force: true });
});

describe('the importer and a real n8n', () => {
  it('names the credentials that are missing, then publishes everything once they are there', async () => {
    await importAll();
    expect(said.join('\n')).toContain('CRM webhook (httpHeaderAuth)');
    for (const [name, token] of [['CRM API', world.crm.apiToken], ['Support API', world.support.apiToken]]) await rest.createCredential({ name: name!, type: 'httpBearerAuth', data: { token } });
    for (const system of ['crm', 'support'] as const) await rest.createCredential({ name: system === 'crm' ? 'CRM webhook' : 'Support webhook', type: 'httpHeaderAuth', data: { name: HEADER, value: SECRET[system] } });
    await rest.createCredential({ name: 'Review page', type: 'httpBasicAuth', data: { ...REVIEWER } });
    said.length = 0;
    await importAll('--activate', 'all');
    expect(said.join('\n')).toContain('0 created, 13 updated, 13 published');
    for (const system of ['crm', 'support'] as const) world[system].setWebhook({ url: `${n8n.url}/webhook/two-way-sync/${system}`, header: HEADER, secret: SECRET[system] });
  });

  it('answers a delivery without events with 400, and one with events once it is noted', async () => {
    const deliver = async (body: object) => fetch(`${n8n.url}/webhook/two-way-sync/crm`, { method: 'POST', headers: { 'content-type': 'application/json', [HEADER]: SECRET.crm }, body: JSON.stringify(body) });
    expect((await deliver({ events: [] })).status).toBe(400);
    for (const { id } of CONTACTS) expect((await deliver({ events: [{ id }] })).status).toBe(202);
    expect(await failures()).toEqual([]);
    expect(writesOf([...(await world.requests('crm')), ...(await world.requests('support'))])).toEqual([]);
  });

  it('carries an edit there, as one write, and lets the echo stop', async () => {
    await world.edit('crm', '4701', { phone: '+49 30 999 8877' });
    await until('the phone number arrives', async () => JSON.stringify(await world.record('support', 'T-1001')).includes('8877'));
    expect(await failures()).toEqual([]);
    expect(writesOf(await world.requests('support'))).toHaveLength(1);
    expect(writesOf(await world.requests('crm'))).toEqual([]);
  });

  it('and back', async () => {
    await world.edit('support', 'T-1002', { priority: 'urgent' });
    await until('the priority arrives', async () => (await world.record('crm', '4702'))['priority'] === '1');
    expect(await failures()).toEqual([]);
    expect(writesOf(await world.requests('crm'))).toHaveLength(1);
  });

  it('lets a person decide on the review page', async () => {
    world.crm.setWebhook(null);
    await world.edit('crm', '4703', { job_title: 'Founder' });
    await world.edit('support', 'T-1003', { title: 'Owner' });
    const address = `${n8n.url}/webhook/two-way-sync/review`;
    const authorization = `Basic ${btoa(`${REVIEWER.user}:${REVIEWER.password}`)}`;
    expect((await fetch(address)).status).toBe(401);
    const open = async () => z.looseObject({ total: z.number(), reviews: z.array(z.looseObject({ id: z.string(), values: z.unknown() })) }).parse(await (await fetch(address, { headers: { authorization, accept: 'application/json' } })).json());
    await until('the question is stored', async () => (await open()).total === 1);
    const html = await fetch(address, { headers: { authorization, accept: 'text/html' } });
    expect(html.headers.get('content-type')).toContain('text/html');
    expect(await html.text()).toContain('Founder');
    const [review] = (await open()).reviews;
    const decision = JSON.stringify({ review_id: review!.id, shown: review!.values, decision: { kind: 'winner', system: 'crm' } });
    const answer = await fetch(address, { method: 'POST', headers: { authorization, accept: 'text/html' }, body: new URLSearchParams([['decision', ''], ['decision', decision]]) });
    expect(await answer.text()).toContain('job_title: decided');
    expect(await world.record('support', 'T-1003')).toMatchObject({ title: 'Founder' });
  });
});

describe('a delivery that is not what it seems', () => {
  const asked = async () => [...(await world.requests('crm')), ...(await world.requests('support'))];
  const send = async (path: string, headers: Readonly<Record<string, string>>, body: string): Promise<number> => {
    const answer = await fetch(`${n8n.url}/webhook/two-way-sync/${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
    await answer.arrayBuffer();
    return answer.status;
  };
  const newestDelivery = async () => (await rest.settled()).find(({ mode }) => mode === 'webhook')?.id;
  const pending = async (system: 'crm' | 'support') => z.object({ pending: z.number() }).parse(await (await fetch(`${world[system].url}/admin/deliveries`)).json()).pending;
  const EVENT = JSON.stringify({ events: [{ id: '4701' }] });

  beforeAll(async () => {
    await until('what was said before is delivered', async () => (await pending('crm')) + (await pending('support')) === 0, 60_000);
    for (const system of ['crm', 'support'] as const) world[system].setWebhook(null);
  });

  it.each(['crm', 'crm/hints', 'support', 'support/hints'])('is refused at %s without its system\'s secret: no execution begins, no system is asked', async (path) => {
    const foreign = SECRET[path.startsWith('crm') ? 'support' : 'crm'];
    const before = await newestDelivery();
    await asked();
    for (const headers of [{}, { [HEADER]: '' }, { [HEADER]: 'wrong' }, { [HEADER]: foreign }, { authorization: `Bearer ${SECRET.crm}` }]) expect(await send(path, headers, EVENT)).toBe(403);
    expect(await newestDelivery()).toBe(before);
    expect(await asked()).toEqual([]);
  });

  it('is looked up and not believed when it is an old one sent again: nothing is written, the old value does not come back', async () => {
    const old = await recordedDelivery(world.crm, () => world.edit('crm', '4701', { phone: '+49 30 111 1111' }));
    expect(old).toContain('111 1111');
    world.crm.setWebhook({ url: `${n8n.url}/webhook/two-way-sync/crm`, header: HEADER, secret: SECRET.crm });
    await world.edit('crm', '4701', { phone: '+49 30 222 2222' });
    await until('the newer number arrives', async () => JSON.stringify(await world.record('support', 'T-1001')).includes('222'), 60_000);
    await rest.settled();
    await asked();
    for (const path of ['crm', 'crm', 'crm/hints']) expect(await send(path, { [HEADER]: SECRET.crm }, old)).toBe(202);
    const begun = await rest.settled();
    expect(begun.filter(({ status }) => status !== 'success')).toEqual([]);
    expect(writesOf(await asked())).toEqual([]);
    expect(await world.record('crm', '4701')).toMatchObject({ phone: '+49 30 222 2222' });
  });
});

/** What the system sends about the change that `act` makes; n8n is not told. */
async function recordedDelivery(system: BusinessSystem, act: () => Promise<unknown>): Promise<string> {
  const deliveries: string[] = [];
  const recorder = createServer((request, response) => void text(request).then((body) => {
    deliveries.push(body);
    response.end();
  }));
  await once(recorder.listen(0, '127.0.0.1'), 'listening');
  const address = recorder.address();
  if (address === null || typeof address === 'string') throw new Error('The recorder has no port.');
  system.setWebhook({ url: `http://127.0.0.1:${address.port}/`, header: null, secret: null });
  await act();
  await until('the delivery is recorded', async () => Promise.resolve(deliveries.length > 0));
  await new Promise((closed) => recorder.close(closed));
  return deliveries[0]!;
}
