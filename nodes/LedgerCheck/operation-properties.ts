import type { INodeProperties } from 'n8n-workflow';

export const resourceProperty: INodeProperties = {
  displayName: 'Resource',
  name: 'resource',
  type: 'options',
  noDataExpression: true,
  default: 'record',
  options: [
    { name: 'Burst', value: 'burst', description: 'Hints that wait in the ledger and are worked off in batches' },
    { name: 'Record', value: 'record', description: 'The steps of a run' },
    { name: 'Report', value: 'report', description: 'What the ledger can tell a person' },
    { name: 'Sweep', value: 'sweep', description: 'What a reconcile run asks' },
  ],
};

export const operationProperties: INodeProperties[] = [
  {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    default: 'start',
    displayOptions: { show: { resource: ['record'] } },
    options: [
      { name: 'Start', value: 'start', description: 'Note the hints and begin a run, before anything is read', action: 'Start a run' },
      { name: 'Check', value: 'check', description: 'Compare what was read with the ledger', action: 'Check records against the ledger' },
    ],
  },
  {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    default: 'listPending',
    displayOptions: { show: { resource: ['sweep'] } },
    options: [
      { name: 'Get Cursor', value: 'getCursor', description: 'Where the last sweep of a system ended', action: 'Get the cursor of a system' },
      { name: 'List Missing', value: 'listMissing', description: 'Linked records that the incoming listing does not show', action: 'List missing records' },
      { name: 'List Pending', value: 'listPending', description: 'Notes and writes that no run has finished', action: 'List pending work' },
    ],
  },
  {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    default: 'listReviews',
    displayOptions: { show: { resource: ['report'] } },
    options: [
      { name: 'List History', value: 'listHistory', description: 'Why a record was written, and what each write replaced', action: 'List the history of a record' },
      { name: 'List Holds', value: 'listHolds', description: 'What stops the sync, or records of it, until a person lets it go on', action: 'List holds' },
      { name: 'List Issues', value: 'listIssues', description: 'Records that could not be synced, with every reason', action: 'List issues' },
      { name: 'List Reviews', value: 'listReviews', description: 'Questions that wait for a person', action: 'List reviews' },
      { name: 'List Runs', value: 'listRuns', description: 'The latest runs and their counts', action: 'List runs' },
      { name: 'Read Decisions', value: 'readDecisions', description: 'What was sent from the review page, one item per decision', action: 'Read decisions from the review page' },
      { name: 'Review Page', value: 'reviewPage', description: 'The open questions as an HTML page, and as data', action: 'Make the review page' },
    ],
  },
];
