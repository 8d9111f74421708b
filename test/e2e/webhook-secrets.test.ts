/** Who may send proves it by a secret. Whatever was sent and however it ended, n8n keeps that secret nowhere: not in executions, not in its database's free pages, not in its log. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { demoCredentials, newSecrets } from '../../demo/credentials';
import { HEADER } from '../../demo/tour/both-systems';
import { deployWithCredentials } from '../../demo/tour/deploy';
import { shippedFor } from '../../demo/tour/world';
import { filesWith } from '../../tools/files-with';
import { freePort } from '../../tools/free-port';
import { type N8n, type N8nOptions, startN8n } from '../../tools/n8n-host';
import { N8nRest } from '../../tools/n8n-rest';
import { installPackage } from '../../tools/pack';
import { ID } from '../../tools/templates/names';
import { CONTACTS, TICKETS } from '../workflows/sample-records';
import { World } from '../workflows/world';

const ADDRESSES = ['crm', 'crm/hints', 'support', 'support/hints'] as const;
/** Sent with every delivery, so that a search which finds nothing is known to look in the right places. */
const MARKER = 'in-the-body-of-every-delivery';
const secrets = newSecrets();
const reviewer = btoa(`reviewer:${secrets.reviewPassword}`);

let world: World;
let options: N8nOptions;
let n8n: N8n;
let rest: N8nRest;

const secretOf = (path: string): string => (path.startsWith('crm') ? secrets.crmWebhook : secrets.supportWebhook);
const recordOf = (path: string): string => (path.startsWith('crm') ? '4701' : 'T-1001');
const delivery = (path: string): string => JSON.stringify({ events: [{ id: recordOf(path), note: MARKER }] });

async function send(path: string, body: string | null, headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' }, secret = secretOf(path)): Promise<number> {
  const answer = await fetch(`${n8n.url}/webhook/two-way-sync/${path}`, { method: 'POST', headers: { ...headers, [HEADER]: secret }, body });
  await answer.arrayBuffer();
  return answer.status;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Not within a minute: ${what}`);
    await sleep(100);
  }
}

const hangs = async (): Promise<boolean> => z.looseObject({ hang_next_write_ms: z.number() }).parse(await (await fetch(`${world.support.url}/admin/quirks`)).json()).hang_next_write_ms > 0;
const failed = async (workflowId: string): Promise<number> => (await rest.settled({ workflowId })).filter(({ status }) => status === 'error').length;

async function setLedgerFile(file: string): Promise<void> {
  const all = z.array(z.looseObject({ id: z.string(), type: z.string(), name: z.string() })).parse(await rest.call('GET', '/credentials'));
  const ledger = all.find(({ type }) => type === 'syncLedgerApi');
  if (ledger === undefined) throw new Error('n8n has no ledger credential.');
  await rest.call('PATCH', `/credentials/${ledger.id}`, { name: ledger.name, type: ledger.type, data: { store: 'sqlite', file } });
}

/** Everything that n8n shows of every execution that it kept. */
async function shownExecutions(): Promise<string> {
  const kept = await rest.executions({ limit: 100 });
  expect(kept.length, 'one page holds them all').toBeLessThan(100);
  const shown: string[] = [];
  for (const { id } of kept) shown.push(JSON.stringify(await rest.call('GET', `/executions/${id}`)));
  return shown.join('\n');
}

beforeAll(async () => {
  world = await World.start({ crm: CONTACTS, support: TICKETS });
  const userFolder = await mkdtemp(join(tmpdir(), 'two-way-sync-secrets-'));
  await installPackage(userFolder);
  // As talkative as it can be made.
  options = { userFolder, port: await freePort(), logFile: join(userFolder, 'n8n.log'), env: { N8N_LOG_LEVEL: 'debug' } };
  n8n = await startN8n(options);
  rest = await N8nRest.login(n8n.url);
  await deployWithCredentials(rest, await shippedFor({ crm: world.crm.url, support: world.support.url }), demoCredentials(secrets, null));
});
afterAll(async () => {
  await n8n.kill();
  await world.close();
  await rm(options.userFolder, { recursive: true, force: true, maxRetries: 3 });
});

describe('the secret of a webhook', () => {
  it('is asked for at each address, and lets a delivery in', async () => {
    for (const path of ADDRESSES) {
      expect(await send(path, delivery(path), undefined, 'wrong')).toBe(403);
      expect(await send(path, delivery(path), undefined, secretOf(path.startsWith('crm') ? 'support' : 'crm')), 'the other system\'s').toBe(403);
      expect(await send(path, delivery(path))).toBe(202);
    }
    await rest.settled();
  });

  it('comes with deliveries that say nothing', async () => {
    for (const path of ADDRESSES) {
      for (const [body, type] of [['{"events": [', 'application/json'], ['null', 'application/json'], ['[]', 'application/json'], [`{"events":[{"note":"${MARKER}"}]}`, 'application/json'], ['events=1', 'application/x-www-form-urlencoded'], ['<events/>', 'text/xml'], ['plain', 'text/plain']] as const) {
        expect(await send(path, body, { 'content-type': type }), `${path} ${type} ${body}`).toBeLessThan(500);
      }
      expect(await send(path, null, {})).toBe(400);
    }
    await rest.settled();
  });

  it('comes with deliveries that fail: the ledger is away, or the run breaks after it was acknowledged', async () => {
    await setLedgerFile('/proc/nowhere/ledger.sqlite');
    for (const path of ADDRESSES) expect(await send(path, delivery(path)), path).toBe(503);
    expect(await failed(ID.crmToSupport)).toBeGreaterThan(0);
    await setLedgerFile('');
    await rest.unpublish(ID.ingestCrm);
    const before = await failed(ID.crmToSupport);
    expect(await send('crm', delivery('crm'))).toBe(202);
    await until('the run has failed, and the error workflow has told', async () => (await failed(ID.crmToSupport)) > before && (await rest.executions({ workflowId: ID.errors, limit: 1 }))[0]?.status === 'success');
    await rest.publish([ID.ingestCrm]);
  });

  it('comes with one that is under way when n8n is killed', async () => {
    await world.quirks('support', { hang_next_write_ms: 60_000 });
    await world.edit('crm', '4701', { phone: '+49 30 999 8877' });
    expect(await send('crm', delivery('crm'))).toBe(202);
    await until('the write hangs', async () => !(await hangs()));
    await n8n.kill();
    n8n = await startN8n(options);
    rest = await N8nRest.login(n8n.url);
    await until('n8n knows what broke', async () => (await rest.executions({ limit: 100 })).some(({ status }) => status === 'crashed'));
  });

  it('is a person\'s password on the review page', async () => {
    const address = `${n8n.url}/webhook/two-way-sync/review`;
    expect((await fetch(address, { headers: { authorization: `Basic ${btoa(`somebody:${secrets.reviewPassword}`)}` } })).status).toBe(401);
    for (const init of [{}, { method: 'POST', body: new URLSearchParams([['decision', JSON.stringify({ note: MARKER })]]) }]) {
      expect((await fetch(address, { ...init, headers: { authorization: `Basic ${reviewer}`, accept: 'text/html' } })).status).toBe(200);
    }
    await rest.settled();
  });

  it('is in no execution that n8n kept, and nowhere in its folder', async () => {
    const shown = await shownExecutions();
    expect(shown).toContain(MARKER);
    // With its free pages and its journal.
    expect(await filesWith(options.userFolder, MARKER)).toContain('.n8n/database.sqlite');
    for (const [name, secret] of Object.entries({ ...secrets, reviewer })) {
      expect(shown.includes(secret), `${name} in an execution`).toBe(false);
      expect(await filesWith(options.userFolder, secret), name).toEqual([]);
    }
  });
});
