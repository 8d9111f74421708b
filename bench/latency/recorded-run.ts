/** What n8n did for one event: every node that ran, in order, and inside each call the same again. */
import { z } from 'zod';
import { parseFlatted } from '../../tools/flatted';
import type { N8nRest } from '../../tools/n8n-rest';

export interface RanNode {
  readonly name: string;
  readonly type: string;
  /** Of a call: what ran in the sub-workflow. */
  readonly called: readonly RanNode[] | null;
}

const answerSchema = z.looseObject({ data: z.string(), workflowData: z.looseObject({ nodes: z.array(z.looseObject({ name: z.string(), type: z.string() })) }) });
const taskSchema = z.looseObject({
  executionIndex: z.number(),
  metadata: z.looseObject({ subExecution: z.looseObject({ executionId: z.coerce.string() }).optional() }).optional(),
});
const dataSchema = z.looseObject({ resultData: z.looseObject({ runData: z.record(z.string(), z.array(taskSchema)) }) });

export async function recordedRun(rest: N8nRest, execution: string): Promise<readonly RanNode[]> {
  const { data, workflowData } = answerSchema.parse(await rest.call('GET', `/executions/${execution}`));
  const types = new Map(workflowData.nodes.map(({ name, type }) => [name, type]));
  const tasks = Object.entries(dataSchema.parse(parseFlatted(data)).resultData.runData).flatMap(([name, runs]) => runs.map((task) => ({ name, task })));
  const ran: RanNode[] = [];
  for (const { name, task } of tasks.sort((a, b) => a.task.executionIndex - b.task.executionIndex)) {
    const called = task.metadata?.subExecution?.executionId;
    ran.push({ name, type: types.get(name) ?? '', called: called === undefined ? null : await recordedRun(rest, called) });
  }
  return ran;
}

const count = (nodes: readonly RanNode[], of: (node: RanNode) => number): number => nodes.reduce((sum, node) => sum + of(node) + (node.called === null ? 0 : count(node.called, of)), 0);
export const nodesOf = (run: readonly RanNode[]): number => count(run, () => 1);
export const callsOf = (run: readonly RanNode[]): number => count(run, ({ called }) => (called === null ? 0 : 1));
