import type { INodeProperties } from 'n8n-workflow';

const ownerOnly = { show: { decideBy: ['owner'] } };
const latestOnly = { show: { decideBy: ['latest'] } };

export const loneEditOptions = [
  { name: 'Accept', value: 'accept', description: 'It travels to the owner' },
  { name: 'Revert', value: 'revert', description: 'The owner\'s value is written back' },
  { name: 'Review', value: 'review', description: 'A person decides' },
];

/** One row a rule: it speaks about one field, or about a group that is decided as one. */
export const ruleCollection: INodeProperties = {
  displayName: 'Rules',
  name: 'rules',
  type: 'fixedCollection',
  typeOptions: { multipleValues: true, sortable: true },
  default: {},
  placeholder: 'Add Rule',
  description: 'Who decides when both systems changed a field differently. A field stands in one rule only.',
  displayOptions: { show: { defineBy: ['form'] } },
  options: [
    {
      displayName: 'Rule',
      name: 'rule',
      values: [
        {
          displayName: 'Canonical Fields',
          name: 'fields',
          type: 'string',
          default: '',
          required: true,
          placeholder: 'e.g. city, zip',
          description: 'Names of fields, separated by commas. Several form a group and are decided as one.',
        },
        {
          displayName: 'Decide By',
          name: 'decideBy',
          type: 'options',
          default: 'owner',
          options: [
            { name: 'Latest (Guarded)', value: 'latest', description: 'The later edit wins, when both timestamps can be trusted' },
            { name: 'Merge Set', value: 'merge_set', description: 'What either system added or removed is done in both (tags)' },
            { name: 'Owner', value: 'owner', description: 'One system always wins, the other is corrected' },
            { name: 'Review', value: 'review', description: 'A person decides' },
          ],
          description: 'How a conflict in these fields is decided',
        },
        {
          displayName: 'Deciding Owner',
          name: 'owner',
          type: 'string',
          default: '',
          required: true,
          placeholder: 'e.g. crm',
          description: 'Short name of the system that wins',
          displayOptions: ownerOnly,
        },
        {
          displayName: 'Edit by Non-Owner',
          name: 'loneEdit',
          type: 'options',
          default: 'accept',
          options: loneEditOptions,
          description: 'What becomes of an edit that only the system made that does not own the field',
          displayOptions: ownerOnly,
        },
        {
          displayName: 'Empty Values',
          name: 'empties',
          type: 'options',
          default: 'mapping',
          options: [
            { name: 'As the Mapping Says', value: 'mapping' },
            { name: 'May Erase', value: 'may_erase', description: 'An empty value clears the other system\'s' },
            { name: 'Never Erase', value: 'never_erase', description: 'An empty value never replaces a value' },
          ],
          description: 'Whether an empty value may replace one',
        },
        {
          displayName: 'Fallback Owner',
          name: 'fallbackOwner',
          type: 'string',
          default: '',
          placeholder: 'e.g. crm',
          description: 'Who wins when the timestamps cannot be trusted. Empty: a person decides.',
          displayOptions: latestOnly,
        },
        {
          displayName: 'Rule Name',
          name: 'name',
          type: 'string',
          default: '',
          placeholder: 'e.g. address',
          description: 'Shown in reviews and in the history. Empty: the names of the fields.',
        },
        {
          displayName: 'Tolerance (Seconds)',
          name: 'toleranceSeconds',
          type: 'number',
          default: 5,
          typeOptions: { minValue: 0 },
          description: 'Two edits closer than this are a tie',
          displayOptions: latestOnly,
        },
      ],
    },
  ],
};
