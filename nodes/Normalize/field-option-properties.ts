import type { INodeProperties } from 'n8n-workflow';

/** What a row of the field table needs only sometimes. */
export const fieldOptions: INodeProperties[] = [
  {
    displayName: 'Allow Clearing',
    name: 'allowClearing',
    type: 'boolean',
    default: false,
    description: 'Whether an empty value of this system may erase the other system\'s value',
  },
  {
    displayName: 'Clean Up',
    name: 'cleanUp',
    type: 'multiOptions',
    default: ['trim'],
    options: [
      { name: 'Collapse Spaces', value: 'collapse_spaces' },
      { name: 'Line Endings', value: 'line_endings', description: 'CRLF becomes LF' },
      { name: 'Lower Case', value: 'lower_case' },
      { name: 'Plain Spaces', value: 'plain_spaces', description: 'No-break and other wide spaces become spaces' },
      { name: 'Trim', value: 'trim' },
      { name: 'Unicode NFC', value: 'unicode_nfc' },
      { name: 'Upper Case', value: 'upper_case' },
    ],
    description: 'For comparing texts, choices and the texts in lists. What is written keeps its form.',
  },
  {
    displayName: 'Decimals',
    name: 'decimals',
    type: 'number',
    default: 2,
    typeOptions: { minValue: 0, maxValue: 20 },
    description: 'For decimals: how many decimals both systems hold',
  },
  {
    displayName: 'Direction',
    name: 'direction',
    type: 'options',
    default: 'both',
    options: [
      { name: 'Both', value: 'both' },
      { name: 'In', value: 'in', description: 'Read, never written: computed and read-only fields' },
      { name: 'Out', value: 'out', description: 'Written, never read' },
    ],
    description: 'Which way this field goes',
  },
  {
    displayName: 'Precision',
    name: 'precision',
    type: 'options',
    default: 'second',
    options: [
      { name: 'Minutes', value: 'minute' },
      { name: 'Seconds', value: 'second' },
    ],
    description: 'For instants: what both systems hold; the rest is cut off',
  },
  {
    displayName: 'Region',
    name: 'region',
    type: 'string',
    default: '',
    placeholder: 'e.g. DE',
    description: 'For phones without a country code: ISO code of their country',
  },
  {
    displayName: 'Region Path',
    name: 'regionPath',
    type: 'string',
    default: '',
    placeholder: 'e.g. address.country',
    description: 'For phones without a country code: where in the record their country stands. It goes before Region.',
  },
  {
    displayName: 'Required',
    name: 'required',
    type: 'boolean',
    default: false,
    description: 'Whether a record without this field is rejected',
  },
  {
    displayName: 'Sealed',
    name: 'sealed',
    type: 'boolean',
    default: false,
    description: 'Whether the ledger keeps only a keyed hash of this field, never its value. Needs the Seal Key of the Sync Ledger credential, in both systems\' mappings.',
  },
  {
    displayName: 'Value Map',
    name: 'values',
    type: 'fixedCollection',
    typeOptions: { multipleValues: true },
    default: {},
    placeholder: 'Add Value',
    description: 'For choices, and for the entries of lists and sets. A value that is not in it is rejected, never turned into null.',
    options: [
      {
        displayName: 'Pair',
        name: 'pair',
        values: [
          { displayName: 'System Value', name: 'systemValue', type: 'string', default: '', description: 'As this system stores it' },
          { displayName: 'Canonical Value', name: 'canonical', type: 'string', default: '', description: 'As both mappings call it' },
        ],
      },
    ],
  },
];
