import type { IWebhookDescription } from 'n8n-workflow';
import * as n8nWorkflow from 'n8n-workflow';

/**
 * Method and path of the address, read from the node's parameters. n8n evaluates such a field anew for each delivery, and an expression
 * engine of its own costs tens of milliseconds to start; since 2.41 it takes fields that say how they are read, and needs none.
 */
export const addressFields: Pick<IWebhookDescription, 'httpMethod' | 'path'> = 'webhookDescriptionFields' in n8nWorkflow
  ? n8nWorkflow.webhookDescriptionFields({ httpMethod: n8nWorkflow.fromParameter('httpMethod'), path: n8nWorkflow.fromParameter('path') })
  : templates();

function templates(): Pick<IWebhookDescription, 'httpMethod' | 'path'> {
  return { httpMethod: '={{$parameter["httpMethod"]}}', path: '={{$parameter["path"]}}' };
}
