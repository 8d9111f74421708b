import type { INodeProperties } from 'n8n-workflow';

export const echoGuardProperties: INodeProperties[] = [
  {
    displayName: 'Origin Stamp',
    name: 'originStamp',
    type: 'boolean',
    default: true,
    description: 'Whether our stamp on the record proves an echo, as long as every field is as we left it. The strongest proof, for systems that have a field to spare for it.',
  },
  {
    displayName: 'Stamp Sentinel',
    name: 'sentinel',
    type: 'string',
    default: 'n8n-sync',
    required: true,
    description: 'First word of the stamp, as the writer writes it',
    displayOptions: { show: { originStamp: [true] } },
  },
  {
    displayName: 'Write Hash',
    name: 'writeHash',
    type: 'boolean',
    default: true,
    description: 'Whether a record that equals the latest synced value, and what its own system was last seen to hold, is an echo. Only the latest value of both directions counts, so a value that is set back still travels.',
  },
  {
    displayName: 'Suppression Window',
    name: 'suppressionWindow',
    type: 'boolean',
    default: true,
    description: 'Whether fields that keep alternating within the window are held for a person. The window never drops an edit.',
  },
  {
    displayName: 'Window (Seconds)',
    name: 'windowSeconds',
    type: 'number',
    default: 60,
    typeOptions: { minValue: 1 },
    description: 'How far back alternations are counted. Sync Ledger Check must attach at least as much history.',
    displayOptions: { show: { suppressionWindow: [true] } },
  },
  {
    displayName: 'Alternations',
    name: 'alternations',
    type: 'number',
    default: 3,
    typeOptions: { minValue: 2 },
    description: 'After how many alternations of one field within the window it is held',
    displayOptions: { show: { suppressionWindow: [true] } },
  },
];
