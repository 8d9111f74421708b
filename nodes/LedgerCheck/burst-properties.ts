import type { INodeProperties } from 'n8n-workflow';

const only = (operation: string): NonNullable<INodeProperties['displayOptions']> => ({ show: { operation: [operation] } });

/** Note and Take: bursts of hints. */
export const burstProperties: INodeProperties[] = [
  {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    default: 'note',
    displayOptions: { show: { resource: ['burst'] } },
    options: [
      { name: 'Note', value: 'note', description: 'Keep hints in the ledger until a drain takes them, and say whether one must be started', action: 'Note hints for a drain' },
      { name: 'Take', value: 'take', description: 'Begin a run with the oldest waiting hints that nobody is at', action: 'Take a batch of noted hints' },
    ],
  },
  {
    displayName: 'Record IDs',
    name: 'recordIds',
    type: 'string',
    default: '={{ $json.native_id }}',
    description: 'IDs of the records in their own system, per item: one, several with commas, or a list from an expression. Nothing else of the item is believed or kept.',
    displayOptions: only('note'),
  },
  {
    displayName: 'Record System',
    name: 'recordSystem',
    type: 'string',
    default: '',
    placeholder: 'e.g. crm',
    description: 'Which system the record IDs are from, per item. Empty: the source system.',
    displayOptions: only('note'),
  },
  {
    displayName: 'Wait for More (Seconds)',
    name: 'waitSeconds',
    type: 'number',
    default: 2,
    typeOptions: { minValue: 0, maxValue: 300 },
    description: 'How long the drain that is ordered now should wait for more hints before it begins, 0 to 300. What comes later is taken all the same.',
    displayOptions: only('note'),
  },
  {
    displayName: 'Batch Size',
    name: 'batchSize',
    type: 'number',
    default: 500,
    typeOptions: { minValue: 1, maxValue: 5000 },
    description: 'Max number of records in one batch',
    displayOptions: only('take'),
  },
  {
    displayName: 'Hold (Seconds)',
    name: 'holdSeconds',
    type: 'number',
    default: 120,
    typeOptions: { minValue: 1 },
    description: 'How long no other drain takes these records. Longer than a batch takes; after a crash they wait for so long.',
    displayOptions: only('take'),
  },
  {
    displayName: 'Drains at Once',
    name: 'drainsAtOnce',
    type: 'number',
    default: 1,
    typeOptions: { minValue: 1 },
    description: 'How many drains of this sync may be at work at the same time, on all workers together',
    displayOptions: only('take'),
  },
  {
    displayName: 'Drain Name',
    name: 'drainName',
    type: 'string',
    default: '',
    description: 'Who is draining. Asking again under the same name says that the batch before is over. Empty: this execution.',
    displayOptions: only('take'),
  },
];
