import type { INodeProperties } from 'n8n-workflow';

export const diffEngineProperties: INodeProperties[] = [
  {
    displayName: 'Unmatched Target',
    name: 'unmatchedTarget',
    type: 'options',
    default: 'read',
    options: [
      {
        name: 'Read It Directly',
        value: 'read',
        description: 'The item leaves by Unread, and the target has to be asked for this record',
      },
      {
        name: 'Treat as Absent',
        value: 'absent',
        description: 'Only right when the Target input is a complete listing of the target system',
      },
    ],
    description: 'What a record means that has no link yet and whose match key no item of the Target input has. A linked record that is not among them is always read directly: an incomplete listing is not a delete.',
  },
  {
    displayName: 'Detect Deletes',
    name: 'detectDeletes',
    type: 'boolean',
    default: true,
    description: 'Whether a record that its system says is gone counts as deleted. What follows from a delete is a rule of Conflict Router.',
  },
  {
    displayName: 'Fields',
    name: 'fieldSelection',
    type: 'options',
    default: 'all',
    options: [
      { name: 'All Fields of the Mapping', value: 'all' },
      { name: 'All but Some', value: 'except' },
      { name: 'Only Some', value: 'only' },
    ],
    description: 'Which fields count as a change. A field that does not count never moves.',
  },
  {
    displayName: 'Only These Fields',
    name: 'onlyFields',
    type: 'string',
    default: '',
    required: true,
    placeholder: 'e.g. email, phone',
    description: 'Canonical field names, separated by commas',
    displayOptions: { show: { fieldSelection: ['only'] } },
  },
  {
    displayName: 'Ignore Fields',
    name: 'ignoreFields',
    type: 'string',
    default: '',
    placeholder: 'e.g. last_seen, score',
    description: 'Canonical field names, separated by commas',
    displayOptions: { show: { fieldSelection: ['except'] } },
  },
];
