/** The recipe of n8n's own nodes, on the same engine: Compare Datasets against a table of what was seen, then an upsert by the Postgres node. */
import type { ICredentialDataDecryptedObject, IDataObject, INode } from 'n8n-workflow';
import { runWorkflow, type WorkflowJson } from '../../test/support/engine';

const CREDENTIAL = { postgres: { id: 'benchPostgres', name: 'Postgres' } };
const TABLE = { schema: { __rl: true, mode: 'name', value: 'public' }, table: { __rl: true, mode: 'name', value: 'seen' } };

function node(name: string, type: string, typeVersion: number, parameters: INode['parameters'], credentials?: INode['credentials']): INode {
  return { id: name, name, type: `n8n-nodes-base.${type}`, typeVersion, position: [0, 0], parameters, ...(credentials === undefined ? {} : { credentials }) };
}

const to = (name: string, index = 0): { readonly node: string; readonly type: 'main'; readonly index: number } => ({ node: name, type: 'main', index });

const WORKFLOW: WorkflowJson = {
  name: 'Compare and upsert',
  nodes: [
    node('Records', 'manualTrigger', 1, {}),
    node('What was seen', 'postgres', 2.6, { resource: 'database', operation: 'select', ...TABLE, returnAll: true, options: {} }, CREDENTIAL),
    node('Compare', 'compareDatasets', 2.3, { mergeByFields: { values: [{ field1: 'id', field2: 'id' }] }, resolve: 'preferInput1', options: {} }),
    node('Remember', 'postgres', 2.6, { resource: 'database', operation: 'upsert', ...TABLE, columns: { mappingMode: 'autoMapInputData', value: null, matchingColumns: ['id'], schema: [] }, options: {} }, CREDENTIAL),
  ],
  connections: {
    'Records': { main: [[to('What was seen'), to('Compare')]] },
    'What was seen': { main: [[to('Compare', 1)]] },
    'Compare': { main: [[to('Remember')], [], [to('Remember')], []] },
  },
};

/** @returns how many rows were written. */
export async function compareAndUpsert(postgres: ICredentialDataDecryptedObject, rows: readonly IDataObject[]): Promise<number> {
  const run = await runWorkflow(WORKFLOW, { startNode: 'Records', inputItems: rows, credentials: new Map([['benchPostgres', postgres]]) });
  if (run.error !== undefined) throw run.error;
  return run.byNode.get('Remember')?.[0]?.length ?? 0;
}
