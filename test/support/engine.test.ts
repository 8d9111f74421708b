import { createServer, type Server } from 'node:http';
import type { INode, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runWorkflow, type WorkflowJson } from './engine';

const node = (name: string, type: string, typeVersion: number, parameters: INodeParameters = {}, more: Partial<INode> = {}): INode => ({
  id: name,
  name,
  type: `n8n-nodes-base.${type}`,
  typeVersion,
  position: [0, 0],
  parameters,
  ...more,
});
type Wire = readonly [from: string, to: string, output?: number, input?: number];

function workflow(name: string, nodes: readonly INode[], wires: readonly Wire[]): WorkflowJson {
  const connections: WorkflowJson['connections'] = {};
  for (const [from, to, output = 0, input = 0] of wires) {
    const outputs = ((connections[from] ??= {})['main'] ??= []);
    while (outputs.length <= output) outputs.push([]);
    outputs[output]?.push({ node: to, type: 'main', index: input });
  }
  return { name, nodes, connections };
}

const setFields = (fields: Readonly<Record<string, string>>, includeOtherFields = true): INodeParameters => ({
  mode: 'manual',
  includeOtherFields,
  assignments: { assignments: Object.entries(fields).map(([name, value]) => ({ id: name, name, value, type: 'string' })) },
  options: {},
});
const when = (leftValue: string, rightValue: string): INodeParameters => ({
  options: { caseSensitive: true, leftValue: '', typeValidation: 'loose', version: 2 },
  combinator: 'and',
  conditions: [{ id: 'c', leftValue, rightValue, operator: { type: 'string', operation: 'equals' } }],
});
const json = (items: readonly INodeExecutionData[] | undefined): unknown[] => (items ?? []).map((item) => item.json);

describe("workflows in n8n's engine", () => {
  let server: Server;
  let url: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const found = request.url === '/contact/1' && request.headers['x-key'] === 'secret';
      response.writeHead(found ? 200 : 404, { 'content-type': 'application/json', etag: '"7"' });
      response.end(JSON.stringify(found ? { name: 'Ann' } : { error: 'gone' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  });
  afterAll(() => server.close());

  it('If, Set, Merge and Switch place the items of a webhook', async () => {
    const run = await runWorkflow(
      workflow(
        'branches',
        [
          node('Webhook', 'webhook', 2, { path: 'x', httpMethod: 'POST' }),
          node('Is A', 'if', 2.2, { conditions: when('={{ $json.kind }}', 'a'), options: {} }),
          node('Mark A', 'set', 3.4, setFields({ mark: '=A of {{ $itemIndex }}' })),
          node('Mark rest', 'set', 3.4, setFields({ mark: 'rest' })),
          node('Together', 'merge', 3.2, { mode: 'append', numberInputs: 2 }),
          node('Route', 'switch', 3.2, {
            mode: 'rules',
            rules: { values: [{ conditions: when('={{ $json.mark }}', 'rest'), renameOutput: true, outputKey: 'rest' }] },
            options: { fallbackOutput: 'extra' },
          }),
        ],
        [['Webhook', 'Is A'], ['Is A', 'Mark A', 0], ['Is A', 'Mark rest', 1], ['Mark A', 'Together', 0, 0], ['Mark rest', 'Together', 0, 1], ['Together', 'Route']],
      ),
      { inputItems: [{ kind: 'a' }, { kind: 'b' }, { kind: 'a' }] },
    );
    expect(run.error).toBeUndefined();
    expect(json(run.byNode.get('Together')?.[0])).toEqual([{ kind: 'a', mark: 'A of 0' }, { kind: 'a', mark: 'A of 1' }, { kind: 'b', mark: 'rest' }]);
    expect(run.byNode.get('Route')?.map(json)).toEqual([[{ kind: 'b', mark: 'rest' }], [{ kind: 'a', mark: 'A of 0' }, { kind: 'a', mark: 'A of 1' }]]);
  });

  it('HTTP Request calls a real server with a credential and returns every status as data', async () => {
    const run = await runWorkflow(
      workflow(
        'http',
        [
          node('Start', 'manualTrigger', 1),
          node('Read', 'httpRequest', 4.2, {
            url: `=${url}/contact/{{ $json.id }}`,
            authentication: 'genericCredentialType',
            genericAuthType: 'httpHeaderAuth',
            options: { response: { response: { fullResponse: true, neverError: true } } },
          }, { credentials: { httpHeaderAuth: { id: 'key', name: 'Key' } } }),
        ],
        [['Start', 'Read']],
      ),
      { inputItems: [{ id: '1' }, { id: '2' }], credentials: new Map([['key', { name: 'x-key', value: 'secret' }]]) },
    );
    expect(run.error).toBeUndefined();
    expect(json(run.byNode.get('Read')?.[0])).toMatchObject([
      { statusCode: 200, body: { name: 'Ann' }, headers: { etag: '"7"' } },
      { statusCode: 404, body: { error: 'gone' } },
    ]);
  });

  it('a failed item leaves by the error output while its neighbours go on', async () => {
    const run = await runWorkflow(
      workflow(
        'error output',
        [
          node('Schedule', 'scheduleTrigger', 1.2, { rule: { interval: [{}] } }),
          node('Read', 'httpRequest', 4.2, { url: '={{ $json.url }}', options: {} }, { onError: 'continueErrorOutput' }),
          node('Good', 'noOp', 1),
          node('Bad', 'noOp', 1),
        ],
        [['Schedule', 'Read'], ['Read', 'Good', 0], ['Read', 'Bad', 1]],
      ),
      { inputItems: [{ url: `${url}/contact/2` }, { url: `${url}/nothing` }] },
    );
    expect(run.error).toBeUndefined();
    expect(run.byNode.get('Read')?.map((items) => items.length)).toEqual([0, 2]);
    expect(run.byNode.has('Good')).toBe(false);
    expect(run.byNode.get('Bad')?.[0]?.[0]?.json).toHaveProperty('error');
  });

  it('Execute Sub-workflow finds its workflow by an expression and returns the items of its last node', async () => {
    const child = workflow(
      'child',
      [
        node('In', 'executeWorkflowTrigger', 1.1, { inputSource: 'workflowInputs', workflowInputs: { values: [{ name: 'name', type: 'string' }] } }),
        node('Greet', 'set', 3.4, setFields({ greeting: '=hi {{ $json.name }}' })),
      ],
      [['In', 'Greet']],
    );
    const parent = workflow(
      'parent',
      [
        node('Start', 'manualTrigger', 1),
        node('Call', 'executeWorkflow', 1.2, { source: 'database', workflowId: { __rl: true, mode: 'id', value: '={{ $json.reader }}' }, options: { waitForSubWorkflow: true } }),
      ],
      [['Start', 'Call']],
    );
    const run = await runWorkflow(parent, { inputItems: [{ reader: 'child1', name: 'Ann' }, { reader: 'child1', name: 'Bob' }], subWorkflows: new Map([['child1', child]]) });
    expect(run.error).toBeUndefined();
    expect(json(run.lastOutput[0])).toEqual([{ name: 'Ann', greeting: 'hi Ann' }, { name: 'Bob', greeting: 'hi Bob' }]);
    expect(run.subRuns.map(({ workflowId, input }) => [workflowId, input.length])).toEqual([['child1', 2]]);
  });

  it('an error of a sub-workflow ends its parent and is reported, not thrown', async () => {
    const child = workflow('child', [node('In', 'executeWorkflowTrigger', 1.1, { inputSource: 'passthrough' }), node('Stop', 'stopAndError', 1, { errorMessage: 'no such record' })], [['In', 'Stop']]);
    const parent = workflow(
      'parent',
      [node('Start', 'manualTrigger', 1), node('Call', 'executeWorkflow', 1.2, { source: 'database', workflowId: { __rl: true, mode: 'id', value: 'c' }, options: {} })],
      [['Start', 'Call']],
    );
    const run = await runWorkflow(parent, { subWorkflows: new Map([['c', child]]) });
    expect(run.error?.message).toContain('no such record');
  });

  it('a loop runs its body once per batch', async () => {
    const run = await runWorkflow(
      workflow(
        'loop',
        [node('Start', 'manualTrigger', 1), node('Loop', 'splitInBatches', 3, { batchSize: 2, options: {} }), node('Body', 'noOp', 1), node('Done', 'noOp', 1)],
        [['Start', 'Loop'], ['Loop', 'Done', 0], ['Loop', 'Body', 1], ['Body', 'Loop']],
      ),
      { inputItems: [{ n: 1 }, { n: 2 }, { n: 3 }] },
    );
    expect(run.error).toBeUndefined();
    expect(run.timesRun.get('Body')).toBe(2);
    expect(json(run.byNode.get('Done')?.[0])).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it('a pinned node does not run', async () => {
    const run = await runWorkflow(
      workflow('pinned', [node('Start', 'manualTrigger', 1), node('Read', 'httpRequest', 4.2, { url: 'http://nowhere.invalid' }), node('After', 'set', 3.4, setFields({ seen: "={{ $('Read').item.json.name }}" }))], [['Start', 'Read'], ['Read', 'After']]),
      { pinData: { Read: [{ name: 'pinned' }] } },
    );
    expect(run.error).toBeUndefined();
    expect(json(run.lastOutput[0])).toEqual([{ name: 'pinned', seen: 'pinned' }]);
  });
});
