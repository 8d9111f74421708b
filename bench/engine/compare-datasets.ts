/** The recipe of n8n's own nodes, on the same engine: Compare Datasets against a table of what was seen, then an upsert by the Postgres node. */
import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';
import { runWorkflow, type WorkflowJson } from '../../test/support/engine';
import { peerNode, POSTGRES, to } from './peer-nodes';

const TABLE = { schema: { __rl: true, mode: 'name', value: 'public' }, table: { __rl: true, mode: 'name', value: 'seen' } };

const WORKFLOW: WorkflowJson = {
  name: 'Compare and upsert',
  nodes: [
    peerNode('Records', 'manualTrigger', 1, {}),
    // Without "Execute Once", n8n reads the whole table for each record that comes in.
    { ...peerNode('What was seen', 'postgres', 2.6, { resource: 'database', operation: 'select', ...TABLE, returnAll: true, options: {} }), executeOnce: true },
    peerNode('Compare', 'compareDatasets', 2.3, { mergeByFields: { values: [{ field1: 'id', field2: 'id' }] }, resolve: 'preferInput1', options: {} }),
    peerNode('Remember', 'postgres', 2.6, { resource: 'database', operation: 'upsert', ...TABLE, columns: { mappingMode: 'autoMapInputData', value: null, matchingColumns: ['id'], schema: [] }, options: {} }),
  ],
  connections: {
    'Records': { main: [[to('What was seen'), to('Compare')]] },
    'What was seen': { main: [[to('Compare', 1)]] },
    'Compare': { main: [[to('Remember')], [], [to('Remember')], []] },
  },
};

/** @returns how many rows were written. */
export async function compareAndUpsert(postgres: ICredentialDataDecryptedObject, rows: readonly IDataObject[]): Promise<number> {
  const run = await runWorkflow(WORKFLOW, { startNode: 'Records', inputItems: rows, credentials: new Map([[POSTGRES.id, postgres]]) });
  if (run.error !== undefined) throw run.error;
  return run.byNode.get('Remember')?.[0]?.length ?? 0;
}
