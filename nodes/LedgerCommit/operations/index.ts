import type { LedgerOperations } from '../../shared/ledger-operation';
import { commit } from './commit';
import { decideReview } from './decide-review';
import { erase } from './erase';
import { finish, reportIssue } from './finish';
import { pause, previewGuards, release, tellHolds } from './holds';
import { prune } from './prune';
import { queueReview } from './queue-review';
import { reserve } from './reserve';
import { saveCursor } from './save-cursor';
import { undoRun } from './undo-run';

export const operations: LedgerOperations = new Map([
  ['reserve', reserve],
  ['commit', commit],
  ['finish', finish],
  ['reportIssue', reportIssue],
  ['queueReview', queueReview],
  ['decideReview', decideReview],
  ['undoRun', undoRun],
  ['saveCursor', saveCursor],
  ['prune', prune],
  ['erase', erase],
  ['pause', pause],
  ['release', release],
  ['tellHolds', tellHolds],
  ['previewGuards', previewGuards],
]);
