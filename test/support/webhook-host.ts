/** A trigger node behind a real HTTP server, called by n8n's own webhook context: what n8n's server does with it, without the server. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INode, IWebhookFunctions, IWebhookResponseData, IWorkflowBase } from 'n8n-workflow';
import { additionalDataOf } from './engine';
import { fixedCredentials, type CredentialMap } from './fixed-credentials';
import { n8nModules } from './n8n-modules';
import { loadNodes } from './node-types';

export interface WebhookHost {
  readonly url: string;
  /** What the node gave back, delivery by delivery: without `workflowData` no execution begins. */
  readonly answers: readonly IWebhookResponseData[];
  close(): Promise<void>;
}

export async function hostWebhook(node: INode, credentials: CredentialMap): Promise<WebhookHost> {
  const modules = await n8nModules();
  const { core, workflow } = modules;
  const loaded = await loadNodes();
  const type = loaded.types.getByNameAndVersion(node.type, node.typeVersion);
  const base: IWorkflowBase = { id: 'workflow-under-test', name: 'Webhook', active: true, isArchived: false, createdAt: new Date(), updatedAt: new Date(), nodes: [node], connections: {}, activeVersionId: null, settings: {} };
  const instance = new workflow.Workflow({ id: base.id, name: base.name, nodes: [node], connections: {}, active: true, nodeTypes: loaded.types, settings: { executionOrder: 'v1' } });
  const answers: IWebhookResponseData[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const body: unknown = JSON.parse(await textOf(request));
      const additionalData = additionalDataOf(modules, fixedCredentials(modules, loaded, credentials), 'webhook', '1', base, () => Promise.reject(new Error('A webhook calls no workflow.')));
      // n8n's server hands over Express's request, of which a node reads body and headers.
      Object.assign(additionalData, { httpRequest: Object.assign(request, { body, query: {}, params: {} }), httpResponse: response });
      const context = new core.WebhookContext(instance, instance.getNode(node.name) ?? node, additionalData, 'webhook', { httpMethod: 'POST', node: node.name, path: '', webhookDescription: { httpMethod: 'POST', name: 'default', path: '' }, workflowId: base.id, workflowExecuteAdditionalData: additionalData }, [], null);
      // What n8n itself does; its types part in one optional name.
      const answer = await type.webhook?.call(context as IWebhookFunctions);
      if (answer !== undefined) answers.push(answer);
      if (answer?.noWebhookResponse !== true) response.end();
    })().catch((error: unknown) => { response.writeHead(500).end(String(error)); });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, answers, close: async () => { await new Promise((resolve) => { server.close(resolve); }); } };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
