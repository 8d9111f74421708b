import type { INodeProperties } from 'n8n-workflow';
import { DEFAULT_RETENTION, RETENTION_FLOOR_DAYS } from '../../ledger/retention';

const days = (displayName: string, name: string, value: number, description: string): INodeProperties => ({
  displayName, name, type: 'number', default: value, typeOptions: { minValue: RETENTION_FLOOR_DAYS }, description,
});

export const pruneProperties: INodeProperties[] = [
  {
    displayName: 'Keep (Days)',
    name: 'keep',
    type: 'collection',
    placeholder: 'Add Period',
    default: {},
    description: 'How long the ledger keeps what nothing needs any more. Never less than 7 days: a webhook may be delivered late.',
    displayOptions: { show: { operation: ['prune'] } },
    options: [
      days('Finished Intents', 'intentsDays', DEFAULT_RETENTION.intents_days, 'Writes of runs that ended without a commit, once they can no longer land. A create that may have made a record stays until that record is linked.'),
      days('History', 'historyDays', DEFAULT_RETENTION.history_days, 'What List History can tell. At most 200 lines a record are kept in any case.'),
      days('Journal', 'journalDays', DEFAULT_RETENTION.journal_days, 'Older states of each record. The newest one stays for ever.'),
      days('Run Log', 'runsDays', DEFAULT_RETENTION.runs_days, 'The log of runs, and hints that were dealt with before'),
      days('Tombstones', 'tombstonesDays', DEFAULT_RETENTION.tombstones_days, 'Records that are deleted in both systems: longer than the slowest webhook is retried'),
    ],
  },
];
