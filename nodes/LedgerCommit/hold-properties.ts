import type { INodeProperties } from 'n8n-workflow';

export const holdProperties: INodeProperties[] = [
  {
    displayName: 'Hold ID',
    name: 'holdId',
    type: 'string',
    default: '={{ $json.id }}',
    required: true,
    description: 'The hold that is released',
    displayOptions: { show: { operation: ['release'] } },
  },
  {
    displayName: 'Shown Count',
    name: 'shownCount',
    type: 'string',
    default: '={{ $json.counted }}',
    required: true,
    description: 'How many the person was shown. When there are more by now, nothing is released.',
    displayOptions: { show: { operation: ['release'] } },
  },
  {
    displayName: 'Paused or Released By',
    name: 'by',
    type: 'string',
    default: '',
    required: true,
    placeholder: 'e.g. ann@example.com',
    description: 'Who did it, for people who ask later',
    displayOptions: { show: { operation: ['pause', 'release'] } },
  },
];
