/** The recipe that knows nothing of the past, on the same engine: every record is read, and written to the other side as a whole row. */
import { runWorkflow, type WorkflowJson } from '../../test/support/engine';
import { peerNode, to } from './peer-nodes';

/** The ticket of a contact, value by value as the field table of the shipped workflows has them; a mirror asks for no more. */
const ROW = `={{ JSON.stringify({ requester: { first_name: $json.body.first_name, last_name: $json.body.last_name, email: $json.body.email, phone: $json.body.phone },
  organization: $json.body.company, title: $json.body.job_title, address: { city: $json.body.city, postal_code: $json.body.zip, country: $json.body.country }, locale: $json.body.language,
  tags: $json.body.tags, subscribed: $json.body.newsletter }) }}`;

const WORKFLOW: WorkflowJson = {
  name: 'A mirror of whole rows',
  nodes: [
    peerNode('Records', 'manualTrigger', 1, {}),
    peerNode('Read each', 'httpRequest', 4.2, { method: 'GET', url: '=http://localhost:4010/api/contacts/c{{ $json.number }}', options: {} }),
    peerNode('Write each', 'httpRequest', 4.2, { method: 'PATCH', url: '=http://localhost:4020/api/tickets/s{{ $json.body.id.slice(1) }}', sendBody: true, specifyBody: 'json', jsonBody: ROW, options: {} }),
  ],
  connections: { 'Records': { main: [[to('Read each')]] }, 'Read each': { main: [[to('Write each')]] } },
};

/** @returns how many rows were written. */
export async function fullRowMirror(batch: number): Promise<number> {
  const run = await runWorkflow(WORKFLOW, { startNode: 'Records', inputItems: Array.from({ length: batch }, (_, place) => ({ number: place + 1 })) });
  if (run.error !== undefined) throw run.error;
  return run.byNode.get('Write each')?.[0]?.length ?? 0;
}
