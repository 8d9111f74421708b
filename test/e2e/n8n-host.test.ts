import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../tools/free-port';
import { type N8n, type N8nOptions, startN8n } from '../../tools/n8n-host';
import { N8nRest, type WorkflowFile } from '../../tools/n8n-rest';
import { installPackage } from '../../tools/pack';

const child: WorkflowFile = {
  id: 'hostTestChild',
  name: 'Greet',
  nodes: [
    { id: 'in', name: 'In', type: 'n8n-nodes-base.executeWorkflowTrigger', typeVersion: 1.1, position: [0, 0], parameters: { inputSource: 'passthrough' } },
    {
      id: 'greet',
      name: 'Greet',
      type: 'n8n-nodes-base.set',
      typeVersion: 3.4,
      position: [200, 0],
      parameters: { mode: 'manual', assignments: { assignments: [{ id: 'a', name: 'answer', type: 'string', value: '=hi {{ $json.body.name }}' }] }, options: {} },
    },
  ],
  connections: { In: { main: [[{ node: 'Greet', type: 'main', index: 0 }]] } },
  settings: { executionOrder: 'v1' },
};
const parent: WorkflowFile = {
  id: 'hostTestParent',
  name: 'Answer',
  nodes: [
    { id: 'hook', name: 'Hook', type: 'n8n-nodes-base.webhook', typeVersion: 2, position: [0, 0], webhookId: 'host-test', parameters: { httpMethod: 'POST', path: 'host-test', responseMode: 'lastNode' } },
    { id: 'call', name: 'Call', type: 'n8n-nodes-base.executeWorkflow', typeVersion: 1.2, position: [200, 0], parameters: { source: 'database', workflowId: { __rl: true, mode: 'id', value: child.id }, options: {} } },
  ],
  connections: { Hook: { main: [[{ node: 'Call', type: 'main', index: 0 }]] } },
  settings: { executionOrder: 'v1' },
};

describe('a real n8n with this package', () => {
  let options: N8nOptions;
  let n8n: N8n;
  let rest: N8nRest;

  const callHook = async (): Promise<unknown> => {
    const answer = await fetch(`${n8n.url}/webhook/host-test`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: 'Ann' }) });
    return await answer.json();
  };

  beforeAll(async () => {
    const userFolder = await mkdtemp(join(tmpdir(), 'two-way-sync-host-'));
    await installPackage(userFolder);
    options = { userFolder, port: await freePort(), logFile: join(userFolder, 'n8n.log') };
    n8n = await startN8n(options);
    rest = await N8nRest.login(n8n.url);
  });
  afterAll(async () => {
    await n8n.stop();
    await rm(options.userFolder, { recursive: true, force: true });
  });

  it('knows the nodes under the type names that the templates use', async () => {
    const answer = await fetch(`${n8n.url}/types/nodes.json`, { headers: { cookie: `n8n-auth=${rest.cookie}` } });
    const names = ((await answer.json()) as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['normalize', 'ledgerCheck', 'echoGuard', 'diffEngine', 'conflictRouter', 'ledgerCommit'].map((name) => `n8n-nodes-two-way-sync.${name}`)));
  });

  it('answers a webhook as soon as it is published, parent listed before its child', async () => {
    await rest.deploy([parent, child]);
    expect(await callHook()).toEqual({ answer: 'hi Ann' });
    const [execution] = await rest.settled({ workflowId: parent.id });
    const details = await rest.execution(execution!.id);
    expect(details.status).toBe('success');
    expect(details.runs.get('Call')).toEqual([[[{ answer: 'hi Ann' }]]]);
  });

  it('is killed like by a power cut, and answers again after a start on the same folder', async () => {
    await n8n.kill();
    await expect(callHook()).rejects.toThrow();
    n8n = await startN8n(options);
    expect(await callHook()).toEqual({ answer: 'hi Ann' });
    rest = await N8nRest.login(n8n.url);
    await rest.deploy([parent, child]);
    expect(await callHook()).toEqual({ answer: 'hi Ann' });
  });
});
