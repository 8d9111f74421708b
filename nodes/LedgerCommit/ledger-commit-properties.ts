import type { INodeProperties } from 'n8n-workflow';
import { syncScopeProperties } from '../shared/sync-scope-properties';
import { decideReviewProperties } from './decide-review-properties';
import { guardProperties } from './guard-properties';
import { holdProperties } from './hold-properties';
import { pruneProperties } from './prune-properties';
import { operationProperties, resourceProperty } from './operation-properties';
import { undoRunProperties } from './undo-run-properties';

export const ledgerCommitProperties: INodeProperties[] = [
  resourceProperty,
  ...operationProperties,
  ...syncScopeProperties(['decideReview', 'undoRun', 'saveCursor', 'prune', 'erase', 'pause', 'release', 'tellHolds']),
  {
    displayName: 'Lease (Seconds)',
    name: 'leaseSeconds',
    type: 'number',
    default: 120,
    typeOptions: { minValue: 1 },
    description: 'How long other runs leave the record alone: longer than the slowest writer needs for a whole batch. An expired lease may be taken over; it costs a write more, never a lost edit.',
    displayOptions: { show: { operation: ['reserve'] } },
  },
  ...guardProperties,
  {
    displayName: 'Record Key',
    name: 'recordKey',
    type: 'string',
    default: '={{ $json.record_key }}',
    required: true,
    placeholder: 'e.g. contact_4829',
    description: 'Key of the record in the ledger. It must be deleted in both systems before.',
    displayOptions: { show: { operation: ['erase'] } },
  },
  {
    displayName: 'Reason',
    name: 'reason',
    type: 'string',
    default: '',
    description: 'For items of other nodes that failed, what went wrong (items of this package say it themselves); for a pause, why',
    displayOptions: { show: { operation: ['reportIssue', 'pause'] } },
  },
  ...undoRunProperties,
  ...decideReviewProperties,
  ...holdProperties,
  ...pruneProperties,
  {
    displayName: 'System',
    name: 'system',
    type: 'string',
    default: '',
    required: true,
    placeholder: 'e.g. crm',
    description: 'Short name of the system that was swept',
    displayOptions: { show: { operation: ['saveCursor'] } },
  },
  {
    displayName: 'Cursor',
    name: 'cursor',
    type: 'string',
    default: '={{ $json.cursor }}',
    required: true,
    description: 'Where the next sweep begins. Keep some overlap: records may have changed while the sweep was reading.',
    displayOptions: { show: { operation: ['saveCursor'] } },
  },
];
