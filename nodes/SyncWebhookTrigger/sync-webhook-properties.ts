import type { INodeCredentialDescription, INodeProperties } from 'n8n-workflow';

/** n8n's own, so that whoever has set up a webhook before knows them. This node compares with them and sends them nowhere. */
export const senderCredentials: INodeCredentialDescription[] = [
  { name: 'httpHeaderAuth', required: true, displayOptions: { show: { authentication: ['headerAuth'] } } },
  { name: 'httpBasicAuth', required: true, displayOptions: { show: { authentication: ['basicAuth'] } } },
];

export const syncWebhookProperties: INodeProperties[] = [
  {
    displayName: 'HTTP Method',
    name: 'httpMethod',
    type: 'options',
    default: 'POST',
    options: [
      { name: 'GET', value: 'GET' },
      { name: 'POST', value: 'POST' },
    ],
    description: 'How the sender calls. Deliveries come by POST.',
  },
  {
    displayName: 'Path',
    name: 'path',
    type: 'string',
    default: '',
    required: true,
    placeholder: 'e.g. two-way-sync/crm',
    description: 'Last part of the address that the sender calls',
  },
  {
    displayName: 'Authentication',
    name: 'authentication',
    type: 'options',
    default: 'headerAuth',
    options: [
      { name: 'Basic Auth', value: 'basicAuth', description: 'For people: the browser asks for user and password' },
      { name: 'Header Auth', value: 'headerAuth', description: 'For systems: a shared secret in a header' },
    ],
    description: 'What the sender must show. It is compared and goes no further: the item holds body, query and the user\'s name.',
  },
  {
    displayName: 'Answer with the Respond to Webhook nodes of the shipped workflows. A newer version of that node serves only n8n\'s own Webhook node; copy one from there instead of adding a new one.',
    name: 'answerNotice',
    type: 'notice',
    default: '',
  },
];
