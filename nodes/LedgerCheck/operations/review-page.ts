/** The page on which a person decides, and what comes back from it. */
import { z } from 'zod';
import { readDecisions as read } from '../../../core/review-decisions';
import { renderReviewPage } from '../../../core/review-page';
import { describedHold } from '../../shared/described-hold';
import { ledgerOperation } from '../../shared/ledger-operation';
import { jsonParameter, parameter } from '../../shared/parameters';
import { readSyncScope, requiredText } from '../../shared/sync-scope-properties';

const noticeList = z.union([z.array(z.string()), z.string().transform((text) => (text.trim() === '' ? [] : [text]))]);

/** One item: the page as HTML, and the same questions as data for programs. */
export const reviewPage = ledgerOperation(['Page'], 'Page', async (loop, context, store) => {
  const scope = readSyncScope(context);
  const limit = parameter(context, 'limit', 'Limit', z.number().int().min(1).max(1000));
  const offset = parameter(context, 'offset', 'Offset', z.number().int().min(0));
  const notices = parameter(context, 'notices', 'Notices', noticeList);
  const opened = await store();
  const [{ total, items }, holds] = await Promise.all([opened.reviews(scope, { limit, offset, id: null }), opened.holds(scope)]);
  const html = renderReviewPage({ title: scope.sync, systems: [scope.source, scope.target], items, holds, total, limit, offset, notices });
  loop.place('Page', loop.all(), { html, total, limit, offset, reviews: [...items], holds: holds.map(describedHold) });
});

/** One item per decision; what cannot be read leaves by Refused with the reason. */
export const readDecisions = ledgerOperation(['Decisions', 'Refused', 'Releases'], 'Refused', async (loop, context) => {
  for (const index of loop.all()) {
    loop.attempt(index, () => {
      const decided_by = requiredText(context, 'decidedBy', 'Decided By', index);
      const { decisions, releases, refused } = read(parameter(context, 'decisions', 'Decisions', jsonParameter, index));
      for (const decision of decisions) loop.place('Decisions', index, { ...decision, decided_by });
      for (const release of releases) loop.place('Releases', index, { ...release, decided_by });
      for (const { review_id, reason } of refused) loop.place('Refused', index, { review_id, verdict: { kind: 'Refused', reason } });
      if (decisions.length + releases.length + refused.length === 0) loop.place('Refused', index, { review_id: null, verdict: { kind: 'Refused', reason: 'nothing was decided' } });
    });
  }
  await Promise.resolve();
});
