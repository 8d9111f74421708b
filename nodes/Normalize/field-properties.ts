import type { INodePropertyCollection } from 'n8n-workflow';
import { fieldOptions } from './field-option-properties';

/** One row of the field table. */
export const fieldRow: INodePropertyCollection = {
  displayName: 'Field',
  name: 'field',
  values: [
    {
      displayName: 'Canonical Name',
      name: 'name',
      type: 'string',
      default: '',
      required: true,
      placeholder: 'e.g. phone',
      description: 'The same in both systems\' mappings',
    },
    {
      displayName: 'Path',
      name: 'path',
      type: 'string',
      default: '',
      required: true,
      placeholder: 'e.g. requester.phone',
      description: 'Where the value stands in this system\'s record: names with dots between them. A dot inside a name is written with a backslash before it.',
    },
    {
      displayName: 'Type',
      name: 'type',
      type: 'options',
      default: 'text',
      options: [
        { name: 'Boolean', value: 'boolean' },
        { name: 'Choice', value: 'choice', description: 'One of the values of a value map' },
        { name: 'Date', value: 'date', description: 'A day, without a time' },
        { name: 'Decimal', value: 'decimal', description: 'Money: exact to the last digit' },
        { name: 'Email', value: 'email' },
        { name: 'Instant', value: 'instant', description: 'A moment, with a zone' },
        { name: 'JSON', value: 'json', description: 'Anything, compared as a whole' },
        { name: 'List', value: 'list', description: 'Keeps its order' },
        { name: 'Number', value: 'number' },
        { name: 'Phone', value: 'phone', description: 'All spellings of one number are equal' },
        { name: 'Set', value: 'set', description: 'Without order or repetitions: tags' },
        { name: 'Text', value: 'text' },
      ],
      description: 'By this type two values are compared',
    },
    {
      displayName: 'Options',
      name: 'options',
      type: 'collection',
      default: {},
      placeholder: 'Add Option',
      options: fieldOptions,
    },
  ],
};
