/**
 * The recipe of today, on the same engine: n8n's Postgres node asks for the hash of each item, one query after the other, and upserts each
 * changed item. What a Code node does between the two is done here, in a loop, in its favour.
 */
import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';
import type { Observation } from '../../core/model';
import { runWorkflow, type WorkflowJson } from '../../test/support/engine';
import { peerNode, POSTGRES, to } from './peer-nodes';

const ASK = eachItem('SELECT hash FROM recipe WHERE key = $1', '={{ [$json.key] }}');
const REMEMBER = eachItem('INSERT INTO recipe VALUES ($1, $2, $3) ON CONFLICT (key) DO UPDATE SET hash = excluded.hash, record = excluded.record', '={{ [$json.key, $json.hash, $json.record] }}');

function eachItem(query: string, queryReplacement: string): WorkflowJson {
  return {
    name: 'A query per item',
    nodes: [peerNode('Records', 'manualTrigger', 1, {}), peerNode('Each', 'postgres', 2.6, { resource: 'database', operation: 'executeQuery', query, options: { queryBatching: 'independently', queryReplacement } })],
    connections: { Records: { main: [[to('Each')]] } },
  };
}

/** @returns how many items were changed, and remembered. @throws Error of the node that failed. */
export async function queryPerItem(postgres: ICredentialDataDecryptedObject, observations: readonly Observation[]): Promise<number> {
  const items = observations.map(({ record_key, fingerprint, record }): IDataObject => ({ key: record_key, hash: fingerprint, record: JSON.stringify(record) }));
  const known = await played(ASK, postgres, items);
  const changed = items.filter((item, place) => known[place]?.['hash'] !== item['hash']);
  return changed.length === 0 ? 0 : (await played(REMEMBER, postgres, changed)).length;
}

async function played(workflow: WorkflowJson, postgres: ICredentialDataDecryptedObject, items: readonly IDataObject[]): Promise<readonly IDataObject[]> {
  const run = await runWorkflow(workflow, { startNode: 'Records', inputItems: items, credentials: new Map([[POSTGRES.id, postgres]]) });
  if (run.error !== undefined) throw run.error;
  return (run.byNode.get('Each')?.[0] ?? []).map(({ json }) => json);
}
