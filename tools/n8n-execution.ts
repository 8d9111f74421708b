import { z } from 'zod';
import { parseFlatted } from './flatted';

export const executionSummarySchema = z.object({
  id: z.coerce.string(),
  workflowId: z.string(),
  workflowName: z.string().nullish(),
  mode: z.string(),
  status: z.enum(['canceled', 'crashed', 'error', 'new', 'running', 'success', 'unknown', 'waiting']),
  startedAt: z.string().nullish(),
  stoppedAt: z.string().nullish(),
});
export type ExecutionSummary = z.infer<typeof executionSummarySchema>;

const errorSchema = z.looseObject({ message: z.string(), description: z.string().nullish(), name: z.string().optional(), node: z.looseObject({ name: z.string() }).optional() });
const itemSchema = z.looseObject({ json: z.record(z.string(), z.unknown()) });
const taskSchema = z.looseObject({
  error: errorSchema.optional(),
  data: z.looseObject({ main: z.array(z.array(itemSchema).nullable()).optional() }).optional(),
});
const runDataSchema = z.looseObject({
  resultData: z.looseObject({
    error: errorSchema.optional(),
    lastNodeExecuted: z.string().optional(),
    runData: z.record(z.string(), z.array(taskSchema)),
  }),
});
export const executionSchema = executionSummarySchema.extend({ data: z.string() });

export interface ExecutionError {
  readonly node: string | undefined;
  readonly message: string;
  readonly description: string | undefined;
}

export interface Execution extends ExecutionSummary {
  /** What ended the execution; undefined when it succeeded. */
  readonly error: ExecutionError | undefined;
  /** Errors of single nodes, also of those that continued on their error output. */
  readonly nodeErrors: readonly ExecutionError[];
  /** Per node and run (a loop has several): the json of the items on each output. */
  readonly runs: ReadonlyMap<string, readonly (readonly (readonly Record<string, unknown>[])[])[]>;
}

export function readExecution(answer: unknown): Execution {
  const { data, ...summary } = executionSchema.parse(answer);
  const { resultData } = runDataSchema.parse(parseFlatted(data));
  const describe = (error: z.infer<typeof errorSchema>, node?: string): ExecutionError => ({
    node: node ?? error.node?.name,
    message: error.message,
    description: error.description ?? undefined,
  });
  const nodes = Object.entries(resultData.runData);
  return {
    ...summary,
    error: resultData.error && describe(resultData.error, resultData.lastNodeExecuted),
    nodeErrors: nodes.flatMap(([node, tasks]) => tasks.flatMap(({ error }) => (error === undefined ? [] : [describe(error, node)]))),
    runs: new Map(nodes.map(([node, tasks]) => [node, tasks.map((task) => (task.data?.main ?? []).map((output) => (output ?? []).map((item) => item.json)))])),
  };
}
