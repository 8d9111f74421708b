/** One delivery of many events through the shipped workflows on n8n's engine, with the time of every node. */
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { runWorkflow, type WorkflowJson, type WorkflowRun } from '../../test/support/engine';
import { shippedWorkflows } from '../../test/workflows/shipped';
import { ID } from '../../tools/templates/names';
import type { MemorySystems } from './memory-systems';
import { withoutLimits } from '../without-limits';

export interface PathTimes {
  /** Milliseconds. */
  readonly wall: number;
  /** In the nodes of this package, and in n8n's own (HTTP Request, which is answered from memory, apart). */
  readonly ours: number;
  readonly n8n: number;
  readonly http: number;
  /** Milliseconds of each node of ours, by what it is called on the canvas. */
  readonly nodes: Readonly<Record<string, number>>;
  readonly reads: number;
  readonly writes: number;
}

export const OURS = 'n8n-nodes-two-way-sync.';
const BASE = 'n8n-nodes-base.';

export async function playDelivery(systems: MemorySystems, ledger: ICredentialDataDecryptedObject, numbers: readonly number[]): Promise<PathTimes> {
  const shipped = shippedWorkflows({ crm: 'http://localhost:4010', support: 'http://localhost:4020' });
  const workflows = new Map([...shipped].map(([id, workflow]) => [id, JSON.parse(withoutLimits(JSON.stringify(workflow))) as WorkflowJson]));
  const parent = workflows.get(ID.crmToSupport);
  if (parent === undefined) throw new Error('Sync - CRM to Support is not shipped.');
  const before = { ...systems.calls };
  const events = numbers.map((number) => ({ id: `c${String(number)}`, type: 'updated' }));
  const credentials = new Map<string, ICredentialDataDecryptedObject>([['twsLedger', ledger], ['twsCrmApi', { token: 'bench' }], ['twsSupportApi', { token: 'bench' }]]);
  const started = performance.now();
  const run = await runWorkflow(parent, { startNode: 'Receive CRM change', inputItems: [{ body: { events }, headers: {}, query: {}, user: null }], credentials, subWorkflows: workflows, keepSubRunItems: false });
  const wall = performance.now() - started;
  failIfFailed(run);
  return { wall, ...timesOf(parent, run, workflows), reads: systems.calls.reads - before.reads, writes: systems.calls.writes - before.writes };
}

function failIfFailed(run: WorkflowRun): void {
  const error = run.error ?? run.subRuns.map((sub) => sub.run.error).find((found) => found !== undefined);
  if (error !== undefined) throw error;
}

function timesOf(parent: WorkflowJson, run: WorkflowRun, workflows: ReadonlyMap<string, WorkflowJson>): Pick<PathTimes, 'ours' | 'n8n' | 'http' | 'nodes'> {
  const nodes: Record<string, number> = {};
  let [ours, n8n, http] = [0, 0, 0];
  const runs = [{ json: parent, run }, ...run.subRuns.flatMap((sub) => { const json = workflows.get(sub.workflowId); return json === undefined ? [] : [{ json, run: sub.run }]; })];
  for (const { json, run: one } of runs) {
    const types = new Map(json.nodes.map(({ name, type }) => [name, type]));
    for (const [name, ms] of one.timeSpent) {
      const type = types.get(name) ?? '';
      if (type.startsWith(OURS)) {
        ours += ms;
        nodes[name] = (nodes[name] ?? 0) + ms;
      } else if (type === `${BASE}httpRequest`) http += ms;
      // A call's time is that of the nodes it called.
      else if (type !== `${BASE}executeWorkflow`) n8n += ms;
    }
  }
  return { ours, n8n, http, nodes };
}
