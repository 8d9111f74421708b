import type { INodeProperties } from 'n8n-workflow';

export const reviewPageProperties: INodeProperties[] = [
  {
    displayName: 'Notices',
    name: 'notices',
    type: 'string',
    default: '',
    description: 'What stands above the questions: a sentence, or a list of them from an expression',
    displayOptions: { show: { operation: ['reviewPage'] } },
  },
  {
    displayName: 'Decisions',
    name: 'decisions',
    type: 'json',
    default: '={{ $json.body }}',
    required: true,
    description: 'What the page or a program sent, as the Webhook received it',
    displayOptions: { show: { operation: ['readDecisions'] } },
  },
  {
    displayName: 'Decided By',
    name: 'decidedBy',
    type: 'string',
    default: '',
    required: true,
    placeholder: 'e.g. ann@example.com',
    description: 'Who decided, for the history',
    displayOptions: { show: { operation: ['readDecisions'] } },
  },
];
