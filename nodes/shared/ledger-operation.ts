import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { SyncError } from '../../core/sync-error';
import type { LedgerStore } from '../../ledger/ledger-store';
import { runItemLoop, type ItemLoop } from './item-loop';
import { connectLedger } from './ledger-connection';
import type { OutputTable } from './named-outputs';

/** One operation of a ledger node: its outputs, the one that leads to no write, and its work. */
export interface LedgerOperation {
  readonly outputs: readonly string[];
  execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]>;
}

/** Connects when it is first asked, so that bad settings are refused without a database. */
export type Store = () => Promise<LedgerStore>;

/** Answers come in the order of the items. A missing one must not shift the others. */
export function answerAt<T>(answers: readonly T[], position: number): T {
  const answer = answers[position];
  if (answer === undefined) throw new SyncError('ledger_schema', 'the ledger gave no answer for it.', 'Run the item again; if it stays so, the ledger and this package do not fit together.');
  return answer;
}

export function ledgerOperation<Output extends string>(
  outputs: readonly Output[],
  failTo: Output,
  work: (loop: ItemLoop<Output>, context: IExecuteFunctions, store: Store) => Promise<void>,
): LedgerOperation {
  return {
    outputs,
    execute: async (context) => await runItemLoop(context, outputs, failTo, async (loop) => work(loop, context, async () => await connectLedger(context))),
  };
}

export type LedgerOperations = ReadonlyMap<string, LedgerOperation>;

export function outputTable(operations: LedgerOperations): OutputTable {
  return Object.fromEntries([...operations].map(([name, { outputs }]) => [name, outputs]));
}

export async function executeOperation(context: IExecuteFunctions, operations: LedgerOperations): Promise<INodeExecutionData[][]> {
  const name: unknown = context.getNodeParameter('operation', 0);
  const operation = typeof name === 'string' ? operations.get(name) : undefined;
  if (operation !== undefined) return await operation.execute(context);
  // Without an operation the outputs are unknown too, so there is nowhere to place a failed item: refuse everything.
  return await runItemLoop(context, ['Output'], 'Output', () => {
    throw new SyncError('bad_setting', `The operation "${String(name)}" is unknown.`, 'Choose an operation of this node.');
  });
}
