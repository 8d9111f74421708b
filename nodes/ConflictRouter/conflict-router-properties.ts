import type { INodeProperties } from 'n8n-workflow';
import { loneEditOptions, ruleCollection } from './rule-properties';

const form = { show: { defineBy: ['form'] } };

export const conflictRouterProperties: INodeProperties[] = [
  {
    displayName: 'Define By',
    name: 'defineBy',
    type: 'options',
    default: 'form',
    options: [
      { name: 'Form', value: 'form' },
      { name: 'JSON', value: 'json', description: 'The whole rule set as JSON, for people who generate their settings' },
    ],
    description: 'How the rules are given',
  },
  ruleCollection,
  {
    displayName: 'Fields Without a Rule',
    name: 'otherwise',
    type: 'options',
    default: 'review',
    options: [
      { name: 'Owner Wins', value: 'owner' },
      { name: 'Review', value: 'review', description: 'A person decides; nothing is guessed' },
    ],
    description: 'What happens when both systems changed a field that no rule names',
    displayOptions: form,
  },
  {
    displayName: 'Owner of All Other Fields',
    name: 'otherwiseOwner',
    type: 'string',
    default: '',
    required: true,
    placeholder: 'e.g. crm',
    description: 'Short name of the system that wins',
    displayOptions: { show: { defineBy: ['form'], otherwise: ['owner'] } },
  },
  {
    displayName: 'Edit by Non-Owner',
    name: 'otherwiseLoneEdit',
    type: 'options',
    default: 'accept',
    options: loneEditOptions,
    description: 'What becomes of an edit that only the system made that does not own the field',
    displayOptions: { show: { defineBy: ['form'], otherwise: ['owner'] } },
  },
  {
    displayName: 'Deleted Here, Unchanged There',
    name: 'deleteUnchanged',
    type: 'options',
    default: 'review',
    options: [
      { name: 'Archive', value: 'archive', description: 'Fields are set on the surviving record' },
      { name: 'Ignore', value: 'ignore', description: 'The other system keeps its record' },
      { name: 'Propagate', value: 'propagate', description: 'It is deleted in the other system too' },
      { name: 'Review', value: 'review', description: 'A person decides' },
    ],
    description: 'What happens to the record whose counterpart was deleted, when it has not changed meanwhile',
    displayOptions: form,
  },
  {
    displayName: 'Archive Fields',
    name: 'archiveFields',
    type: 'fixedCollection',
    typeOptions: { multipleValues: true },
    default: {},
    placeholder: 'Add Field',
    description: 'Fields to set on the surviving record',
    displayOptions: { show: { defineBy: ['form'], deleteUnchanged: ['archive'] } },
    options: [
      {
        displayName: 'Field',
        name: 'field',
        values: [
          { displayName: 'Name', name: 'name', type: 'string', default: '', placeholder: 'e.g. status' },
          { displayName: 'Value', name: 'value', type: 'string', default: '', placeholder: 'e.g. archived', description: 'Text, or an expression for another type' },
        ],
      },
    ],
  },
  {
    displayName: 'Deleted Here, Edited There',
    name: 'deleteEdited',
    type: 'options',
    default: 'edit_wins',
    options: [
      { name: 'Edit Wins', value: 'edit_wins', description: 'The edited record survives' },
      { name: 'Review', value: 'review', description: 'A person decides' },
    ],
    description: 'What happens to the record whose counterpart was deleted, when it has changed meanwhile. An edited record is never deleted without a person.',
    displayOptions: form,
  },
  {
    displayName: 'Create Missing Records',
    name: 'createIn',
    type: 'options',
    default: 'both',
    options: [
      { name: 'In Both Systems', value: 'both' },
      { name: 'In No System', value: 'none', description: 'Records that the other system does not have are only reported' },
      { name: 'Only in Some', value: 'listed' },
    ],
    description: 'Where a record may be created that the other system does not have. An ambiguous match never creates.',
    displayOptions: form,
  },
  {
    displayName: 'Create In',
    name: 'createInSystems',
    type: 'string',
    default: '',
    required: true,
    placeholder: 'e.g. support',
    description: 'Short names of the systems, separated by commas',
    displayOptions: { show: { defineBy: ['form'], createIn: ['listed'] } },
  },
  {
    displayName: 'Rule Set',
    name: 'rulesJson',
    type: 'json',
    default: '{\n  "rules": [],\n  "otherwise": { "by": "review" },\n  "deletes": { "unchanged": "review", "edited": "edit_wins", "archive_fields": {} },\n  "creates": { "allowed_in": [] }\n}',
    typeOptions: { rows: 12 },
    description: 'Rules, deletes and creates as one JSON object. It is checked as strictly as the form.',
    displayOptions: { show: { defineBy: ['json'] } },
  },
];
