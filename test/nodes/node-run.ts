import type { IDataObject, INode, INodeExecutionData, INodeParameters, NodeParameterValueType } from 'n8n-workflow';
import { runWorkflow, type RunOptions, type WorkflowJson } from '../support/engine';
import { n8nModules } from '../support/n8n-modules';
import { loadNodes } from '../support/node-types';

const PACKAGE = 'n8n-nodes-two-way-sync';

export interface NodeRun {
  /** Items per output, by the output's name on the canvas. */
  readonly on: Readonly<Record<string, readonly INodeExecutionData[]>>;
  /** Names of the outputs that received something, each with its number of items. */
  readonly counts: Readonly<Record<string, number>>;
  /** What n8n hands to the node connected to the first output. */
  readonly first: readonly INodeExecutionData[];
  readonly error: Error | undefined;
}

export interface NodeRunOptions {
  readonly onError?: 'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput';
  readonly credentials?: RunOptions['credentials'];
  /** Items of the second input. */
  readonly second?: readonly IDataObject[];
}

const node = (name: string, type: string, parameters: INodeParameters = {}, more: Partial<INode> = {}): INode =>
  ({ id: name, name, type, typeVersion: 1, position: [0, 0], parameters, ...more });

/** Names of a node's outputs, as n8n finds them for these parameters. */
async function outputNames(under: INode, json: WorkflowJson): Promise<readonly string[]> {
  const { workflow } = await n8nModules();
  const { types } = await loadNodes();
  const instance = new workflow.Workflow({ nodes: structuredClone([...json.nodes]), connections: {}, active: false, nodeTypes: types });
  const { description } = types.getByNameAndVersion(under.type, 1);
  const inInstance = instance.getNode(under.name) ?? under;
  return workflow.NodeHelpers.getNodeOutputs(instance, inInstance, description)
    .map((output, index) => (typeof output === 'string' ? description.outputNames?.[index] ?? '' : output.displayName ?? description.outputNames?.[index] ?? ''));
}

/** Runs one node of this package in n8n's engine. */
export async function runNode(type: string, parameters: Readonly<Record<string, NodeParameterValueType>>, items: readonly IDataObject[], options: NodeRunOptions = {}): Promise<NodeRun> {
  const { onError, credentials, second } = options;
  const under = node('Under Test', `${PACKAGE}.${type}`, structuredClone(parameters), {
    ...(onError === undefined ? {} : { onError }),
    ...(credentials === undefined ? {} : { credentials: { syncLedgerApi: { id: 'ledger', name: 'Ledger' } } }),
  });
  const into = (index: number): { main: { node: string; type: 'main'; index: number }[][] } => ({ main: [[{ node: under.name, type: 'main', index }]] });
  const json: WorkflowJson = {
    name: type,
    nodes: [node('Trigger', 'n8n-nodes-base.manualTrigger'), node('One', 'n8n-nodes-base.noOp'), node('Two', 'n8n-nodes-base.noOp'), under],
    connections: {
      Trigger: { main: [[{ node: 'One', type: 'main', index: 0 }, ...(second === undefined ? [] : [{ node: 'Two', type: 'main' as const, index: 0 }])]] },
      One: into(0),
      ...(second === undefined ? {} : { Two: into(1) }),
    },
  };
  const run = await runWorkflow(json, {
    pinData: { One: items, ...(second === undefined ? {} : { Two: second }) },
    ...(credentials === undefined ? {} : { credentials }),
  });
  const outputs = run.byNode.get(under.name) ?? [];
  const names = await outputNames(under, json);
  const on = Object.fromEntries(names.map((name, index) => [name, outputs[index] ?? []]));
  return {
    on,
    counts: Object.fromEntries(Object.entries(on).filter(([, placed]) => placed.length > 0).map(([name, placed]) => [name, placed.length])),
    first: outputs[0] ?? [],
    error: run.error,
  };
}

/** The items' json, copied: what the next node would receive. */
export const jsonOf = (items: readonly INodeExecutionData[] | undefined): IDataObject[] => (items ?? []).map(({ json }) => structuredClone(json));
