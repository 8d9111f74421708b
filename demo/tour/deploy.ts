import { z } from 'zod';
import type { N8nRest, WorkflowFile } from '../../tools/n8n-rest';
import type { DemoCredential } from '../credentials';

const workflowFiles = z.array(z.looseObject({ id: z.string(), name: z.string() }));

/**
 * Publishes workflows with their credentials on a running n8n. n8n gives a credential its id, so the workflows are told; its
 * command line would keep ours, and costs another start of n8n.
 */
export async function deployWithCredentials(rest: N8nRest, workflows: readonly WorkflowFile[], credentials: readonly DemoCredential[]): Promise<void> {
  let text = JSON.stringify(workflows);
  for (const { id, ...credential } of credentials) text = text.replaceAll(`"${id}"`, `"${await rest.createCredential(credential)}"`);
  await rest.deploy(workflowFiles.parse(JSON.parse(text)));
}
