import type { LedgerOperations } from '../../shared/ledger-operation';
import { check } from './check';
import { listHistory, listIssues, listReviews, listRuns } from './report';
import { start } from './start';
import { getCursor, listMissing, listPending } from './sweep';

export const operations: LedgerOperations = new Map([
  ['start', start],
  ['check', check],
  ['listPending', listPending],
  ['listMissing', listMissing],
  ['getCursor', getCursor],
  ['listReviews', listReviews],
  ['listIssues', listIssues],
  ['listHistory', listHistory],
  ['listRuns', listRuns],
]);
