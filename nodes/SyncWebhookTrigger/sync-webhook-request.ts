import { NodeOperationError, type INodeExecutionData, type IWebhookFunctions, type IWebhookResponseData } from 'n8n-workflow';
import { z } from 'zod';
import type { SenderProof, SenderVerdict } from '../../core/stages/sync-webhook';

const headerSchema = z.object({ name: z.string().catch(''), value: z.string().catch('') });
const basicSchema = z.object({ user: z.string().catch(''), password: z.string().catch('') });

export async function readSenderProof(context: IWebhookFunctions): Promise<SenderProof> {
  if (context.getNodeParameter('authentication') === 'basicAuth') return { kind: 'basic', ...basicSchema.parse(await context.getCredentials('httpBasicAuth')) };
  return { kind: 'header', ...headerSchema.parse(await context.getCredentials('httpHeaderAuth')) };
}

interface Answer {
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown;
  end(text: string): unknown;
}

const canAnswer = (value: unknown): value is Answer => typeof value === 'object' && value !== null && 'writeHead' in value && 'end' in value;

/** No execution begins. A browser that is answered 401 asks the person for user and password. */
export function answerRefused(context: IWebhookFunctions, status: number, reason: string): IWebhookResponseData {
  const answer: unknown = context.getResponseObject();
  if (!canAnswer(answer)) throw new NodeOperationError(context.getNode(), 'n8n handed over no response to answer with.');
  answer.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...(status === 401 ? { 'www-authenticate': 'Basic realm="Two-way sync", charset="UTF-8"' } : {}) });
  answer.end(reason);
  return { noWebhookResponse: true };
}

/** What n8n keeps of a delivery. Of its headers only those that say how it is written and how it can be answered. */
export function deliveryItem(context: IWebhookFunctions, sender: Extract<SenderVerdict, { kind: 'Known' }>): INodeExecutionData {
  return { json: { body: context.getBodyData(), query: { ...context.getQueryData() }, headers: sender.headers, user: sender.user } };
}
