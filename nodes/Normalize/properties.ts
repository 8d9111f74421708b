import type { INodeProperties } from 'n8n-workflow';
import { mappingProperties } from './mapping-properties';

export const normalizeProperties: INodeProperties[] = [
  {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    default: 'normalize',
    options: [
      { name: 'Denormalize', value: 'denormalize', description: 'Turn a planned patch into a request to this system', action: 'Turn a patch into a request' },
      { name: 'Normalize', value: 'normalize', description: 'Turn what this system answered into a canonical record', action: 'Turn an answer into a canonical record' },
    ],
  },
  {
    displayName: 'Item Holds',
    name: 'itemHolds',
    type: 'options',
    default: 'response',
    options: [
      { name: 'A Record', value: 'record', description: 'As the system stores it' },
      { name: 'A Write Result', value: 'write_result', description: 'The full response to a create, update or delete' },
      { name: 'An HTTP Response', value: 'response', description: 'The full response to a read, with status and headers' },
    ],
    description: 'For the last two, switch on "Include Response Headers and Status" and "Never Error" in the HTTP Request node',
    displayOptions: { show: { operation: ['normalize'] } },
  },
  ...mappingProperties,
  {
    displayName: 'Record Path',
    name: 'recordPath',
    type: 'string',
    default: '',
    placeholder: 'e.g. contact',
    description: 'Where the record stands in the item or in the response\'s body. Empty: it is the whole of it.',
    displayOptions: { show: { operation: ['normalize'] } },
  },
  {
    displayName: 'List Path',
    name: 'listPath',
    type: 'string',
    default: 'data',
    description: 'Where the hits of a search stand in the body. Empty: the body is the list.',
    displayOptions: { show: { operation: ['normalize'], itemHolds: ['response'] } },
  },
  {
    displayName: 'Envelope',
    name: 'envelope',
    type: 'json',
    default: '={{ $json }}',
    description: 'The item that this one answers, per item. An HTTP Request drops what it was given, so point to the item of the node in front of it, with an expression.',
  },
  {
    displayName: 'Run',
    name: 'run',
    type: 'json',
    default: '={{ $json.sync }}',
    description: 'The run as Sync Ledger Check made it, for items whose envelope has none. Read once, for the first item.',
  },
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    default: {},
    placeholder: 'Add Option',
    options: [
      {
        displayName: 'Asked for ID',
        name: 'askedNativeId',
        type: 'string',
        default: '',
        description: 'ID of the record that the read asked for, per item. Empty: the envelope says it.',
        displayOptions: { show: { '/operation': ['normalize'] } },
      },
      {
        displayName: 'Asked for Match Key',
        name: 'askedMatchKey',
        type: 'string',
        default: '',
        description: 'Value that the search was made with, per item. Empty: the envelope says it.',
        displayOptions: { show: { '/operation': ['normalize'] } },
      },
      {
        displayName: 'Stamp Sentinel',
        name: 'sentinel',
        type: 'string',
        default: 'n8n-sync',
        description: 'First word of the origin stamp; the same in Sync Ledger Check and Echo Guard',
        displayOptions: { show: { '/operation': ['denormalize'] } },
      },
    ],
  },
];
