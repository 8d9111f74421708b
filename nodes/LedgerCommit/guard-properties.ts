import type { INodeProperties } from 'n8n-workflow';
import { FORM_LIMITS } from './form-limits';

const operation = ['reserve', 'previewGuards'];

/** Zero switches a guard off. */
const limit = (displayName: string, name: string, value: number, description: string): INodeProperties => ({
  displayName, name, type: 'number', default: value, typeOptions: { minValue: 0 }, description: `${description}. 0 switches this guard off.`,
});

export const guardProperties: INodeProperties[] = [
  {
    displayName: 'Guards',
    name: 'guards',
    type: 'boolean',
    default: true,
    description: 'Whether to hold a batch that looks like an accident until a person releases it. A sync that is held already stays held either way.',
    displayOptions: { show: { operation: ['reserve'] } },
  },
  {
    displayName: 'Limits',
    name: 'guardLimits',
    type: 'collection',
    placeholder: 'Add Limit',
    default: {},
    description: 'What passes without a person. Percentages are of the records that the ledger knows, and ten records always pass.',
    displayOptions: { show: { operation }, hide: { guards: [false] } },
    options: [
      limit('Deletes per Hour', 'deletes', FORM_LIMITS.deletes, 'Most deletes in an hour'),
      limit('Deletes per Hour (%)', 'deletesPercent', FORM_LIMITS.deletesPercent, 'Largest share of the known records that is deleted in an hour'),
      limit('Missing in One System (%)', 'missingPercent', FORM_LIMITS.missingPercent, 'Largest share of the known records that one batch finds missing in one system'),
      limit('Written at Once (%)', 'writtenPercent', FORM_LIMITS.writtenPercent, 'Largest share of the known records that one batch writes'),
      limit('Writes per Hour', 'writes', FORM_LIMITS.writes, 'Most writes of the whole sync in an hour'),
      limit('Writes per Record', 'recordWrites', FORM_LIMITS.recordWrites, 'Most writes to one record in ten minutes; only this record is held'),
    ],
  },
  {
    displayName: 'Stamp Sentinel',
    name: 'sentinel',
    type: 'string',
    default: 'n8n-sync',
    required: true,
    description: 'First word of the origin stamp, as the writer writes it. A stamp that this ledger never gave tells that the ledger was lost or restored.',
    displayOptions: { show: { operation } },
  },
];
