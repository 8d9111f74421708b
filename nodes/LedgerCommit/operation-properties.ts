import type { INodeProperties } from 'n8n-workflow';

export const resourceProperty: INodeProperties = {
  displayName: 'Resource',
  name: 'resource',
  type: 'options',
  noDataExpression: true,
  default: 'record',
  options: [
    { name: 'Hold', value: 'hold', description: 'What stops the sync until a person lets it go on' },
    { name: 'Record', value: 'record', description: 'The steps of a run' },
    { name: 'Review', value: 'review', description: 'Questions to a person, and what a person wants undone' },
    { name: 'Sweep', value: 'sweep', description: 'What a reconcile run leaves behind' },
  ],
};

export const operationProperties: INodeProperties[] = [
  {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    default: 'reserve',
    displayOptions: { show: { resource: ['record'] } },
    options: [
      { name: 'Commit', value: 'commit', description: 'Store what both systems were observed to hold', action: 'Commit written records' },
      { name: 'Erase', value: 'erase', description: 'Take what a deleted record held out of the ledger: snapshots, history, questions', action: 'Erase a record from the ledger' },
      { name: 'Finish', value: 'finish', description: 'End the run for records that stop early: unchanged or an echo', action: 'Finish records that need no commit' },
      { name: 'Report Issue', value: 'reportIssue', description: 'Store why a record could not be synced', action: 'Report an issue' },
      { name: 'Reserve', value: 'reserve', description: 'Take the lease and make the intents durable, before anything is written', action: 'Reserve records before writing' },
    ],
  },
  {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    default: 'queueReview',
    displayOptions: { show: { resource: ['review'] } },
    options: [
      { name: 'Queue Review', value: 'queueReview', description: 'Store the questions of records that need a person', action: 'Queue reviews' },
      { name: 'Decide Review', value: 'decideReview', description: 'Store what a person chose', action: 'Decide a review' },
      { name: 'Undo Run', value: 'undoRun', description: 'Have what a run wrote put back, where both systems still hold it', action: 'Undo a run' },
    ],
  },
  {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    default: 'tellHolds',
    displayOptions: { show: { resource: ['hold'] } },
    options: [
      { name: 'Pause', value: 'pause', description: 'Write nothing from now on, until it is released', action: 'Pause the sync' },
      { name: 'Preview Guards', value: 'previewGuards', description: 'What the guards would say to these plans; nothing is held', action: 'Preview the guards' },
      { name: 'Release', value: 'release', description: 'Let a held sync go on', action: 'Release a hold' },
      { name: 'Tell Holds', value: 'tellHolds', description: 'Holds that nobody was told of yet: each comes out once', action: 'Tell new holds' },
    ],
  },
  {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    default: 'saveCursor',
    displayOptions: { show: { resource: ['sweep'] } },
    options: [
      { name: 'Prune', value: 'prune', description: 'Delete from the ledger what nothing needs any more', action: 'Prune the ledger' },
      { name: 'Save Cursor', value: 'saveCursor', description: 'Remember where the sweep of a system ended', action: 'Save the cursor of a system' },
    ],
  },
];
