import type { LedgerOperations } from '../../shared/ledger-operation';
import { note, take } from './burst';
import { check } from './check';
import { listHistory, listHolds, listIssues, listReviews, listRuns } from './report';
import { readDecisions, reviewPage } from './review-page';
import { start } from './start';
import { getCursor, listMissing, listPending } from './sweep';

export const operations: LedgerOperations = new Map([
  ['start', start],
  ['check', check],
  ['note', note],
  ['take', take],
  ['listPending', listPending],
  ['listMissing', listMissing],
  ['getCursor', getCursor],
  ['listReviews', listReviews],
  ['reviewPage', reviewPage],
  ['readDecisions', readDecisions],
  ['listHolds', listHolds],
  ['listIssues', listIssues],
  ['listHistory', listHistory],
  ['listRuns', listRuns],
]);
