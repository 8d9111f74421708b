import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { type BusinessSystem } from '../../demo/systems/business-system';
import { startCrm } from '../../demo/systems/crm';
import { startHelpdesk } from '../../demo/systems/helpdesk';
import { CHECKOUT } from '../../tools/checkout';
import { chromiumLaunchOptions } from '../../tools/chromium';
import { freePort } from '../../tools/free-port';
import { importCredentials } from '../../tools/n8n-cli';
import { type N8n, startN8n } from '../../tools/n8n-host';
import { N8nRest, OWNER, readWorkflows } from '../../tools/n8n-rest';
import { installPackage } from '../../tools/pack';

/** Only on request, so that a test run leaves the checkout as it was: UPDATE_IMAGES=1 npm run test:e2e -- canvas */
const UPDATES_IMAGES = process.env['UPDATE_IMAGES'] === '1';
const IMAGES = UPDATES_IMAGES ? join(CHECKOUT, 'docs', 'images') : join(CHECKOUT, 'test-results', 'images');
const WORKFLOWS = join(CHECKOUT, 'workflows');
const SIZE = { width: 1600, height: 1000 } as const;
const NODES = {
  Normalize: 'normalize',
  'Sync Ledger Check': 'ledgerCheck',
  'Sync Ledger Commit': 'ledgerCommit',
  'Echo Guard': 'echoGuard',
  'Diff Engine': 'diffEngine',
  'Conflict Router': 'conflictRouter',
  'Sync Webhook Trigger': 'syncWebhookTrigger',
} as const;
const PACKAGE = 'n8n-nodes-two-way-sync';
/** The ids that the workflows name; the values only have to be there, for nothing runs here. */
const CREDENTIALS = [
  { id: 'twsLedger', name: 'Sync ledger', type: 'syncLedgerApi', data: { store: 'sqlite', file: '' } },
  { id: 'twsCrmApi', name: 'CRM API', type: 'httpBearerAuth', data: { token: 'demo-token' } },
  { id: 'twsSupportApi', name: 'Support API', type: 'httpBearerAuth', data: { token: 'demo-token' } },
  { id: 'twsCrmWebhook', name: 'CRM webhook', type: 'httpHeaderAuth', data: { name: 'X-Sync-Secret', value: 'crm-hook-secret' } },
  { id: 'twsSupportWebhook', name: 'Support webhook', type: 'httpHeaderAuth', data: { name: 'X-Sync-Secret', value: 'support-hook-secret' } },
  { id: 'twsReviewPage', name: 'Review page', type: 'httpBasicAuth', data: { user: 'ann@example.org', password: 'review-password' } },
] as const;
const workflowSchema = z.object({
  id: z.string(),
  name: z.string(),
  nodes: z.array(z.object({ name: z.string(), type: z.string(), disabled: z.boolean().default(false) })),
});
const PICTURES: Readonly<Record<string, string>> = {
  twsCrmToSupport: 'canvas-crm-to-support',
  twsDiffEngine: 'canvas-diff-engine',
  twsReconcile: 'canvas-reconcile',
};

const byTestId = (scope: Page | Locator, ...ids: readonly string[]): Locator => scope.locator(ids.map((id) => `[data-test-id="${id}"]`).join(', '));

/** What n8n's canvas shows on a node that it doesn't know, that isn't installed, or that can't run as it is set up. */
const issueMarkers = (scope: Page | Locator): Locator => byTestId(scope, 'node-issues', 'node-not-installed', 'canvas-node-status-warning', 'install-community-node-button');

async function markedNodes(page: Page): Promise<string[]> {
  const marked = byTestId(page, 'canvas-node').filter({ has: issueMarkers(page) });
  const names: string[] = [];
  for (const node of await marked.all()) names.push((await node.getAttribute('data-node-name')) ?? '');
  return names;
}

async function picture(page: Page, name: string, scale: 'css' | 'device' = 'css'): Promise<void> {
  await mkdir(IMAGES, { recursive: true });
  await page.screenshot({ path: join(IMAGES, `${name}.png`), scale, animations: 'disabled' });
}

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch(chromiumLaunchOptions());
});
afterAll(async () => {
  await browser.close();
});

describe('the editor of a real n8n', () => {
  let userFolder: string;
  let n8n: N8n;
  let rest: N8nRest;
  let context: BrowserContext;
  let page: Page;

  const openWorkflow = async (id: string): Promise<void> => {
    await page.goto(`${n8n.url}/workflow/${id}`);
    await byTestId(page, 'canvas-node').first().waitFor();
    // Issues are computed after the nodes are drawn, and the toolbar waits for the workflow to be loaded.
    await byTestId(page, 'zoom-to-fit').click();
    await page.waitForTimeout(1000);
  };

  const addFromPanel = async (name: string): Promise<void> => {
    await byTestId(page, 'node-creator-plus-button').click();
    await byTestId(page, 'node-creator-search-bar').fill(name);
    const panel = byTestId(page, 'node-creator');
    await byTestId(panel, 'node-creator-item-name').getByText(name, { exact: true }).click();
    // n8n shows what a community node can do before it is added: its actions, or one button for a node with one use.
    await panel.getByText('Installed', { exact: true }).waitFor();
    await panel.getByText('Add to workflow').or(panel.locator('[draggable][class*="_action_"]')).first().click();
  };

  beforeAll(async () => {
    userFolder = await mkdtemp(join(tmpdir(), 'two-way-sync-canvas-'));
    await installPackage(userFolder);
    n8n = await startN8n({ userFolder, port: await freePort(), logFile: join(userFolder, 'n8n.log') });
    rest = await N8nRest.login(n8n.url);
    const credentials = join(userFolder, 'credentials.json');
    await writeFile(credentials, JSON.stringify(CREDENTIALS));
    await importCredentials({ userFolder }, credentials);
    await rest.deploy(await readWorkflows(WORKFLOWS));
    // Twice the pixels, for the pictures of workflows with so many nodes that their names would be lost; slow to draw.
    context = await browser.newContext({ viewport: SIZE, deviceScaleFactor: UPDATES_IMAGES ? 2 : 1 });
    page = await context.newPage();
  });
  afterAll(async () => {
    await context.close();
    await n8n.stop();
    await rm(userFolder, { recursive: true, force: true });
  });

  it('lets the owner in', async () => {
    await page.goto(`${n8n.url}/signin`);
    await page.locator('input[name="emailOrLdapLoginId"]').fill(OWNER.email);
    await page.locator('input[name="password"]').fill(OWNER.password);
    await byTestId(page, 'form-submit-button').click();
    await page.waitForURL(/\/home\/workflows/u);
  });

  it('finds the seven nodes in the node panel, and each lands on the canvas', async () => {
    const id = 'canvasTestPanel';
    const start = { id: 'start', name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, position: [0, 0], parameters: {} };
    await rest.saveWorkflow({ id, name: 'My first sync', nodes: [start], connections: {}, settings: { executionOrder: 'v1' } });
    await openWorkflow(id);
    await byTestId(page, 'node-creator-plus-button').click();
    await byTestId(page, 'node-creator-search-bar').fill('two-way');
    await expect.poll(async () => (await byTestId(page, 'node-creator-item-name').allTextContents()).map((name) => name.trim()).sort()).toEqual(Object.keys(NODES).sort());
    await picture(page, 'node-panel');
    await page.reload();
    await byTestId(page, 'canvas-node').first().waitFor();
    for (const [name, type] of Object.entries(NODES)) {
      await addFromPanel(name);
      await page.locator(`[data-test-id="canvas-node"][data-node-type="${PACKAGE}.${type}"]`).waitFor({ state: 'attached' });
      await page.keyboard.press('Escape');
      await byTestId(page, 'node-creator-plus-button').waitFor();
    }
    expect(await byTestId(page, 'canvas-node').count()).toBe(8);
    expect(await byTestId(page, 'node-not-installed').count()).toBe(0);
  });

  it('marks a node that it does not know and a credential that is missing, so that their absence below means something', async () => {
    const id = 'canvasTestMarks';
    await rest.saveWorkflow({
      id,
      name: 'Marked',
      nodes: [
        { id: 'a', name: 'Unknown', type: `${PACKAGE}.noSuchNode`, typeVersion: 1, position: [0, 0], parameters: {} },
        { id: 'b', name: 'No credential', type: `${PACKAGE}.ledgerCheck`, typeVersion: 1, position: [300, 0], parameters: {} },
        { id: 'c', name: 'Fine', type: 'n8n-nodes-base.noOp', typeVersion: 1, position: [600, 0], parameters: {} },
      ],
      connections: {},
      settings: { executionOrder: 'v1' },
    });
    await openWorkflow(id);
    expect(await markedNodes(page)).toEqual(['Unknown', 'No credential']);
  });

  it.each(readdirSync(WORKFLOWS).filter((file) => file.endsWith('.json')).sort())('opens %s without a mark on any node', async (file) => {
    const workflow = workflowSchema.parse(JSON.parse(await readFile(join(WORKFLOWS, file), 'utf8')));
    await openWorkflow(workflow.id);
    const nodes = workflow.nodes.filter(({ type }) => type !== 'n8n-nodes-base.stickyNote');
    await expect.poll(() => byTestId(page, 'canvas-node').filter({ hasNot: byTestId(page, 'sticky') }).count()).toBe(nodes.length);
    expect(await page.locator('body').innerText()).not.toMatch(/unrecognized node|unknown node|install this node/iu);
    const switchedOff = new Set(nodes.filter(({ disabled }) => disabled).map(({ name }) => name));
    const marked = await markedNodes(page);
    for (const name of marked.filter((one) => switchedOff.has(one))) console.info(`${workflow.name}: "${name}" has a mark, and may: it is switched off until someone gives it a credential.`);
    expect(marked.filter((name) => !switchedOff.has(name))).toEqual([]);
    const image = PICTURES[workflow.id];
    if (image !== undefined) await picture(page, image, nodes.length > 20 ? 'device' : 'css');
  });

  it('shows the rules of the Conflict Router as a form', async () => {
    await openWorkflow('twsRouter');
    await page.locator(`[data-test-id="canvas-node"][data-node-type="${PACKAGE}.conflictRouter"]`).dblclick();
    const form = byTestId(page, 'node-parameters');
    await form.waitFor();
    await page.waitForTimeout(1000);
    await picture(page, 'conflict-router-form');
    expect(await byTestId(form, 'parameter-issues').count()).toBe(0);
  });
});

describe('the demo systems', () => {
  const { width, height } = SIZE;

  const show = async (system: BusinessSystem, file: string): Promise<void> => {
    const page = await browser.newPage({ viewport: { width, height } });
    onTestFinished(() => page.close());
    await page.goto(system.url);
    await page.getByTestId('live').filter({ hasText: 'live' }).waitFor();
    await expect.poll(() => page.getByTestId('counter-writes').textContent()).toBe('1');
    await expect.poll(() => page.getByTestId('activity').textContent()).toMatch(/person|user/iu);
    // A machine without Chinese and Japanese fonts would show boxes in the picture.
    await page.getByTestId('search').fill('+49');
    await page.getByTestId('row-4702').or(page.getByTestId('row-T-1002')).waitFor({ state: 'detached' });
    await picture(page, file);
  };
  const send = async (method: 'PATCH' | 'POST', url: string, body: object, token: string): Promise<void> => {
    const answer = await fetch(url, { method, headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body: JSON.stringify(body) });
    expect(answer.ok, `${method} ${url}`).toBe(true);
  };

  it.each([
    { start: startCrm, file: 'demo-crm', edited: { id: '4703', changes: { phone: '+49 30 901820' } }, written: { id: '4701', changes: { priority: '1' } } },
    { start: startHelpdesk, file: 'demo-helpdesk', edited: { id: 'T-1003', changes: { priority: 'urgent' } }, written: { id: 'T-1001', changes: { requester: { phone: '+49 30 901820' } } } },
  ])('shows who changed what: $file', async ({ start, file, edited, written }) => {
    const system = await start();
    onTestFinished(() => system.close());
    await send('POST', `${system.url}/admin/users/edit`, edited, system.apiToken);
    await send('PATCH', `${system.collectionUrl}/${written.id}`, written.changes, system.apiToken);
    await show(system, file);
  });
});
