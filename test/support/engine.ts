import type { ExecuteWorkflowData, IConnections, IDataObject, INode, INodeExecutionData, IRun, IWorkflowBase, IWorkflowExecuteAdditionalData, IWorkflowSettings, WorkflowExecuteMode } from 'n8n-workflow';
import { type CredentialMap, fixedCredentials } from './fixed-credentials';
import { n8nModules, type N8nModules } from './n8n-modules';
import { loadNodes } from './node-types';

/** A workflow as a file holds it. */
export interface WorkflowJson {
  readonly id?: string;
  readonly name: string;
  readonly nodes: readonly INode[];
  readonly connections: IConnections;
  readonly settings?: IWorkflowSettings;
}

export interface RunOptions {
  /** What the start node hands on: one json per item. A webhook's has `body`, `query`, `headers`, `user`. */
  readonly inputItems?: readonly IDataObject[];
  /** The node to start from; without it, the first trigger of the file. */
  readonly startNode?: string;
  /** Nodes that do not run and output these items instead. */
  readonly pinData?: Readonly<Record<string, readonly IDataObject[]>>;
  readonly credentials?: CredentialMap;
  /** Workflows that Execute Sub-workflow can call, by id. */
  readonly subWorkflows?: ReadonlyMap<string, WorkflowJson>;
  /** Whether `subRuns` keep what their nodes put out. n8n does not: an execution's items leave the memory once it has ended. Default true. */
  readonly keepSubRunItems?: boolean;
}

export interface WorkflowRun {
  /** Items per output of each node that ran; those of several runs (a loop) one after the other. */
  readonly byNode: ReadonlyMap<string, readonly (readonly INodeExecutionData[])[]>;
  /** How often each node ran. */
  readonly timesRun: ReadonlyMap<string, number>;
  /** Milliseconds of each node over all its runs; those of Execute Sub-workflow hold its sub-workflow's. */
  readonly timeSpent: ReadonlyMap<string, number>;
  /** The items of the last node, which is what a parent workflow receives. */
  readonly lastOutput: readonly (readonly INodeExecutionData[])[];
  /** What ended the workflow. A node that continues on error leaves its error on its error output only. */
  readonly error?: Error;
  /** Every sub-workflow call in the order in which they ended, those of sub-workflows included. */
  readonly subRuns: readonly { readonly workflowId: string; readonly input: readonly INodeExecutionData[]; readonly run: WorkflowRun }[];
}

interface Call extends RunOptions {
  readonly items: readonly INodeExecutionData[];
  readonly subRuns: { workflowId: string; input: readonly INodeExecutionData[]; run: WorkflowRun }[];
  readonly depth: number;
}

const SUB_TRIGGER = 'n8n-nodes-base.executeWorkflowTrigger';
const MANUAL_TRIGGER = 'n8n-nodes-base.manualTrigger';
/** A workflow that calls itself without an end would otherwise fill the memory before anyone sees why. */
const MAX_DEPTH = 20;
/** n8n builds links from these; nobody calls them. */
const NOWHERE = 'http://127.0.0.1:9';

let executions = 0;

async function findStart(json: WorkflowJson, options: Call): Promise<INode> {
  const { types } = await loadNodes();
  const isTrigger = (node: INode): boolean => {
    const { group } = types.getByNameAndVersion(node.type, node.typeVersion).description;
    return node.disabled !== true && (group.includes('trigger') || node.type === SUB_TRIGGER || node.type === MANUAL_TRIGGER);
  };
  const triggers = json.nodes.filter(isTrigger);
  if (options.depth > 0) {
    const trigger = triggers.find(({ type }) => type === SUB_TRIGGER);
    if (trigger === undefined) throw new Error(`"${json.name}" is called as a sub-workflow but has no Execute Workflow Trigger.`);
    return trigger;
  }
  const start = options.startNode === undefined ? triggers[0] : json.nodes.find(({ name }) => name === options.startNode);
  if (start === undefined) throw new Error(`"${json.name}" has no ${options.startNode === undefined ? 'trigger' : `node "${options.startNode}"`} to start from.`);
  return start;
}

/** Any mode but `manual`, in which a trigger would run itself (a schedule would make its own item). */
function modeOf(start: INode): WorkflowExecuteMode {
  if (start.type === SUB_TRIGGER) return 'integrated';
  return /\.(webhook|syncWebhookTrigger)$/u.test(start.type) ? 'webhook' : 'trigger';
}

function joinRuns(run: IRun, node: string): INodeExecutionData[][] {
  const joined: INodeExecutionData[][] = [];
  for (const task of run.data.resultData.runData[node] ?? []) {
    for (const [index, items] of (task.data?.['main'] ?? []).entries()) joined[index] = [...(joined[index] ?? []), ...(items ?? [])];
  }
  return joined;
}

function withoutItems(run: WorkflowRun): WorkflowRun {
  return { ...run, byNode: new Map(), lastOutput: [] };
}

function toWorkflowRun(run: IRun, subRuns: WorkflowRun['subRuns']): WorkflowRun {
  const { runData, error, lastNodeExecuted } = run.data.resultData;
  const nodes = Object.keys(runData);
  return {
    byNode: new Map(nodes.map((node) => [node, joinRuns(run, node)])),
    timesRun: new Map(nodes.map((node) => [node, runData[node]?.length ?? 0])),
    timeSpent: new Map(nodes.map((node) => [node, (runData[node] ?? []).reduce((total, { executionTime }) => total + executionTime, 0)])),
    lastOutput: lastNodeExecuted === undefined ? [] : joinRuns(run, lastNodeExecuted),
    ...(error === undefined ? {} : { error }),
    subRuns,
  };
}

async function callSubWorkflow(id: string, options: Call): Promise<ExecuteWorkflowData> {
  const json = options.subWorkflows?.get(id);
  if (json === undefined) throw new Error(`The test gives no sub-workflow "${id}".`);
  if (options.depth > MAX_DEPTH) throw new Error(`Sub-workflow calls are nested more than ${MAX_DEPTH} deep at "${json.name}".`);
  const run = await execute(json, options);
  const kept = options.keepSubRunItems ?? true;
  options.subRuns.push({ workflowId: id, input: kept ? options.items : [], run: kept ? run : withoutItems(run) });
  if (run.error !== undefined) throw run.error;
  return { executionId: String(++executions), data: run.lastOutput.map((items) => [...items]) };
}

/** What n8n hands to every node beside its items. */
export function additionalDataOf({ core }: N8nModules, credentialsHelper: IWorkflowExecuteAdditionalData['credentialsHelper'], mode: WorkflowExecuteMode, executionId: string, base: IWorkflowBase, executeWorkflow: IWorkflowExecuteAdditionalData['executeWorkflow']): IWorkflowExecuteAdditionalData {
  return {
    credentialsHelper,
    executeWorkflow,
    getRunExecutionData: () => Promise.resolve(undefined),
    getRuntimeCredential: () => Promise.resolve(undefined),
    startRunnerTask: () => Promise.reject(new Error('The in-process engine has no task runner: test Code nodes in a real n8n.')),
    logAiEvent: () => undefined,
    setExecutionStatus: () => undefined,
    executionId,
    currentNodeExecutionIndex: 0,
    variables: {},
    workflowId: base.id,
    externalSecretsProxy: new core.ExternalSecretsProxy(),
    hooks: new core.ExecutionLifecycleHooks(mode, executionId, base),
    restApiUrl: `${NOWHERE}/rest`,
    instanceBaseUrl: NOWHERE,
    formBaseUrl: `${NOWHERE}/form`,
    formWaitingBaseUrl: `${NOWHERE}/form-waiting`,
    formTestBaseUrl: `${NOWHERE}/form-test`,
    webhookBaseUrl: `${NOWHERE}/webhook`,
    webhookWaitingBaseUrl: `${NOWHERE}/webhook-waiting`,
    webhookTestBaseUrl: `${NOWHERE}/webhook-test`,
    mcpBaseUrl: `${NOWHERE}/mcp`,
    mcpTestBaseUrl: `${NOWHERE}/mcp-test`,
  };
}

async function execute(json: WorkflowJson, options: Call): Promise<WorkflowRun> {
  const modules = await n8nModules();
  const { core, workflow } = modules;
  const loaded = await loadNodes();
  const start = await findStart(json, options);
  const mode = modeOf(start);
  const executionId = String(++executions);
  // The engine writes into nodes and items; a test's objects stay as they are.
  const nodes = structuredClone([...json.nodes]);
  const id = json.id ?? 'workflow-under-test';
  const base: IWorkflowBase = { id, name: json.name, active: true, isArchived: false, createdAt: new Date(), updatedAt: new Date(), nodes, connections: json.connections, activeVersionId: null, settings: json.settings ?? {} };
  const instance = new workflow.Workflow({ id, name: json.name, nodes, connections: structuredClone(json.connections), active: true, nodeTypes: loaded.types, settings: { executionOrder: 'v1', ...json.settings } });

  const additionalData = additionalDataOf(modules, fixedCredentials(modules, loaded, options.credentials ?? new Map()), mode, executionId, base, ({ id: called = '' }, _additionalData, { inputData = [] }) =>
    callSubWorkflow(called, { ...options, items: inputData, depth: options.depth + 1 }));
  const startInInstance = instance.getNode(start.name) ?? start;
  const pinData = Object.fromEntries(Object.entries(options.pinData ?? {}).map(([node, items]) => [node, items.map((item) => ({ json: item }))]));
  const data = workflow.createRunExecutionData({
    executionData: { nodeExecutionStack: [{ node: startInInstance, data: { main: [structuredClone([...options.items])] }, source: null }] },
    resultData: { pinData },
  });
  const run = await new core.WorkflowExecute(additionalData, mode, data).processRunExecutionData(instance);
  return toWorkflowRun(run, options.subRuns);
}

/** Runs a workflow in n8n's engine, without a server. An error of the workflow is a result; only a wrong test throws. */
export async function runWorkflow(json: WorkflowJson, options: RunOptions = {}): Promise<WorkflowRun> {
  const items = (options.inputItems ?? [{}]).map((item, index) => ({ json: item, pairedItem: { item: index } }));
  return await execute(json, { ...options, items, subRuns: [], depth: 0 });
}
