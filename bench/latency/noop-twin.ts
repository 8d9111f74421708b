/** The same number of nodes in the same number of calls, each node doing nothing: what n8n itself takes for a workflow of this shape. */
import type { WorkflowFile } from '../../tools/n8n-rest';
import type { RanNode } from './recorded-run';

export const TWIN_PATH = 'noop-twin';
const HTTP = 'n8n-nodes-base.httpRequest';
const RESPOND = 'n8n-nodes-base.respondToWebhook';

type Parameters = Readonly<Record<string, unknown>>;
interface Drawn {
  readonly type: string;
  readonly version: number;
  readonly parameters: Parameters;
}

const NOTHING: Drawn = { type: 'n8n-nodes-base.noOp', version: 1, parameters: {} };
const WEBHOOK: Drawn = { type: 'n8n-nodes-base.webhook', version: 2, parameters: { httpMethod: 'POST', path: TWIN_PATH, responseMode: 'responseNode', options: {} } };
const CALLED: Drawn = { type: 'n8n-nodes-base.executeWorkflowTrigger', version: 1.1, parameters: { inputSource: 'passthrough' } };
const ANSWER: Drawn = { type: RESPOND, version: 1.1, parameters: { respondWith: 'text', responseBody: 'Noted.', options: { responseCode: 202 } } };
const call = (id: string): Drawn => ({ type: 'n8n-nodes-base.executeWorkflow', version: 1.2, parameters: { workflowId: { __rl: true, mode: 'id', value: id }, options: {} } });
const write = (url: string): Drawn => ({ type: HTTP, version: 4.2, parameters: { method: 'POST', url, options: {} } });

/** `arrival`: what the node in the place of the write asks, so that both are seen to arrive. */
export function noopTwin(run: readonly RanNode[], arrival: string): readonly WorkflowFile[] {
  const files: WorkflowFile[] = [];
  draw(run, WEBHOOK, true);
  return files;

  function draw(nodes: readonly RanNode[], trigger: Drawn, isParent: boolean): string {
    const id = `noopTwin${files.length + 1}`;
    const place = files.push({ id, name: `Twin ${id}` }) - 1;
    const drawn = nodes.map((node, index): Drawn => {
      if (index === 0) return trigger;
      if (node.called !== null) return call(draw(node.called, CALLED, false));
      if (node.type === RESPOND) return ANSWER;
      // The reads are work of the sync; only the write must be seen.
      return !isParent && node.type === HTTP && node.name.startsWith('Write ') ? write(arrival) : NOTHING;
    });
    files[place] = workflow(id, drawn);
    return id;
  }
}

function workflow(id: string, drawn: readonly Drawn[]): WorkflowFile {
  const nameOf = (index: number): string => `Node ${index}`;
  return {
    id,
    name: `Twin ${id}`,
    nodes: drawn.map(({ type, version, parameters }, index) => ({ id: `${id}-${index}`, name: nameOf(index), type, typeVersion: version, position: [index * 200, 0], parameters, ...(type === WEBHOOK.type ? { webhookId: id } : {}) })),
    connections: Object.fromEntries(drawn.slice(1).map((_, index) => [nameOf(index), { main: [[{ node: nameOf(index + 1), type: 'main', index: 0 }]] }])),
    settings: { executionOrder: 'v1', callerPolicy: 'workflowsFromSameOwner' },
  };
}
