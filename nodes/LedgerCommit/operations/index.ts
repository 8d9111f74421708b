import type { LedgerOperations } from '../../shared/ledger-operation';
import { commit } from './commit';
import { decideReview } from './decide-review';
import { finish, reportIssue } from './finish';
import { queueReview } from './queue-review';
import { reserve } from './reserve';
import { saveCursor } from './save-cursor';

export const operations: LedgerOperations = new Map([
  ['reserve', reserve],
  ['commit', commit],
  ['finish', finish],
  ['reportIssue', reportIssue],
  ['queueReview', queueReview],
  ['decideReview', decideReview],
  ['saveCursor', saveCursor],
]);
