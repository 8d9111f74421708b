import type { INodeProperties } from 'n8n-workflow';

const show = { operation: ['undoRun'] };

export const undoRunProperties: INodeProperties[] = [
  {
    displayName: 'Run ID',
    name: 'runId',
    type: 'string',
    default: '={{ $json.run_id }}',
    required: true,
    description: 'The run that is undone, as List Runs and List History name it. Of what it wrote, only what both systems still hold is put back.',
    displayOptions: { show },
  },
  {
    displayName: 'Dry Run',
    name: 'dryRun',
    type: 'boolean',
    default: false,
    description: 'Whether to show only what would be put back and what not, and leave no decision',
    displayOptions: { show },
  },
];
