import type { INodeCredentialDescription, INodeProperties } from 'n8n-workflow';
import { syncScopeProperties } from '../shared/sync-scope-properties';

const noteOnly: NonNullable<INodeProperties['displayOptions']> = { show: { whenDelivered: ['noteHints'] } };

/** n8n's own, so that whoever has set up a webhook before knows them. This node compares with them and sends them nowhere. */
export const senderCredentials: INodeCredentialDescription[] = [
  { name: 'httpHeaderAuth', required: true, displayOptions: { show: { authentication: ['headerAuth'] } } },
  { name: 'httpBasicAuth', required: true, displayOptions: { show: { authentication: ['basicAuth'] } } },
];

/** Only where this node itself writes to the ledger. */
export const ledgerCredential: INodeCredentialDescription = { name: 'syncLedgerApi', required: true, displayOptions: { show: { whenDelivered: ['noteHints'] } } };

export const syncWebhookProperties: INodeProperties[] = [
  {
    displayName: 'When Delivered',
    name: 'whenDelivered',
    type: 'options',
    noDataExpression: true,
    default: 'startWorkflow',
    options: [
      { name: 'Note Hints', value: 'noteHints', description: 'For bursts: note in the ledger which records the delivery names, and answer. The workflow starts only when a drain must be started, or when nothing could be noted.' },
      { name: 'Start Workflow', value: 'startWorkflow', description: 'Start the workflow with every delivery' },
    ],
  },
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
    displayOptions: { show: { whenDelivered: ['startWorkflow'] } },
  },
  ...syncScopeProperties(['noteHints'], 'whenDelivered'),
  {
    displayName: 'Record System',
    name: 'recordSystem',
    type: 'string',
    default: '',
    required: true,
    placeholder: 'e.g. crm',
    description: 'Which of the two systems sends: the record IDs are its own',
    displayOptions: noteOnly,
  },
  {
    displayName: 'Events Path',
    name: 'eventsPath',
    type: 'string',
    default: 'events',
    placeholder: 'e.g. data.events',
    description: 'Where the list of events is in a delivery. Empty: the delivery itself is the list, or one event.',
    displayOptions: noteOnly,
  },
  {
    displayName: 'ID Path',
    name: 'idPath',
    type: 'string',
    default: 'id',
    required: true,
    placeholder: 'e.g. object.key',
    description: 'Where the record\'s ID is in one event. Nothing else of it is believed or kept.',
    displayOptions: noteOnly,
  },
  {
    displayName: 'Wait for More (Seconds)',
    name: 'waitSeconds',
    type: 'number',
    default: 2,
    typeOptions: { minValue: 0, maxValue: 300 },
    description: 'How long the drain that is ordered now should wait for more hints before it begins, 0 to 300. What comes later is taken all the same.',
    displayOptions: noteOnly,
  },
];
