import { NodeConnectionTypes, type INodeType, type INodeTypeDescription, type IWebhookFunctions, type IWebhookResponseData } from 'n8n-workflow';
import { decideSender } from '../../core/stages/sync-webhook';
import { addressFields } from './address-fields';
import { noteDelivery } from './note-delivery';
import { answerRefused, deliveryItem, readSenderProof } from './sync-webhook-request';
import { ledgerCredential, senderCredentials, syncWebhookProperties } from './sync-webhook-properties';

export class SyncWebhookTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Sync Webhook Trigger',
    name: 'syncWebhookTrigger',
    icon: { light: 'file:sync-webhook-trigger.svg', dark: 'file:sync-webhook-trigger.dark.svg' },
    group: ['trigger'],
    // n8n asks an expression about the body of every delivery to a trigger of version 1, and starts an engine for it.
    version: 2,
    subtitle: '={{ $parameter["httpMethod"] + " " + $parameter["path"] }}',
    description: 'Starts the workflow with what a sender delivers, or only notes in the ledger which records it names. The secret that proves the sender never becomes part of the execution.',
    defaults: { name: 'Sync Webhook Trigger' },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [...senderCredentials, ledgerCredential],
    webhooks: [{ name: 'default', ...addressFields, isFullPath: true, responseMode: 'responseNode' }],
    properties: syncWebhookProperties,
  };

  /** The address is told to the sending system by a person: there is nothing to register anywhere. */
  webhookMethods = {
    default: {
      checkExists: (): Promise<boolean> => Promise.resolve(true),
      create: (): Promise<boolean> => Promise.resolve(true),
      delete: (): Promise<boolean> => Promise.resolve(true),
    },
  };

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    const verdict = decideSender(await readSenderProof(this), this.getHeaderData());
    if (verdict.kind === 'Refused') return answerRefused(this, verdict.status, verdict.reason);
    if (this.getNodeParameter('whenDelivered', 'startWorkflow') === 'noteHints') return await noteDelivery(this);
    return { workflowData: [[deliveryItem(this, verdict)]] };
  }
}
