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
  return answer(context, status, reason, status === 401 ? { 'www-authenticate': 'Basic realm="Two-way sync", charset="UTF-8"' } : {});
}

/** The node answers by itself, whatever follows. */
export function answer(context: IWebhookFunctions, status: number, text: string, headers: Readonly<Record<string, string>> = {}): IWebhookResponseData {
  const response: unknown = context.getResponseObject();
  if (!canAnswer(response)) throw new NodeOperationError(context.getNode(), 'n8n handed over no response to answer with.');
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers });
  response.end(text);
  return { noWebhookResponse: true };
}

/** What n8n keeps of a delivery. Of its headers only those that say how it is written and how it can be answered. */
export function deliveryItem(context: IWebhookFunctions, sender: Extract<SenderVerdict, { kind: 'Known' }>): INodeExecutionData {
  return { json: { body: context.getBodyData(), query: { ...context.getQueryData() }, headers: sender.headers, user: sender.user } };
}
