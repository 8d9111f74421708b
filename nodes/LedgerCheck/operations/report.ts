/** Read-only views of the ledger, for people: one item each. */
import { z } from 'zod';
import { isPlainObject } from '../../../core/json/json-value';
import { describedHold } from '../../shared/described-hold';
import { ledgerOperation } from '../../shared/ledger-operation';
import { parameter } from '../../shared/parameters';
import { readSyncScope, requiredText } from '../../shared/sync-scope-properties';

const limitShape = z.number().int().min(1);
const optionalText = z.string().transform((text) => (text.trim() === '' ? null : text.trim()));

export const listReviews = ledgerOperation(['Reviews'], 'Reviews', async (loop, context, store) => {
  const scope = readSyncScope(context);
  const page = {
    limit: parameter(context, 'limit', 'Limit', limitShape),
    offset: parameter(context, 'offset', 'Offset', z.number().int().min(0)),
    id: parameter(context, 'reviewId', 'Review ID', optionalText),
  };
  const { total, items } = await (await store()).reviews(scope, page);
  for (const review of items) loop.place('Reviews', loop.all(), { ...review, total });
});

/** Also what the review page shows above its questions. */
export const listHolds = ledgerOperation(['Holds'], 'Holds', async (loop, context, store) => {
  const scope = readSyncScope(context);
  for (const hold of await (await store()).holds(scope)) loop.place('Holds', loop.all(), describedHold(hold));
});

export const listIssues = ledgerOperation(['Issues'], 'Issues', async (loop, context, store) => {
  const scope = readSyncScope(context);
  const issues = await (await store()).issues(scope, parameter(context, 'limit', 'Limit', limitShape));
  for (const issue of issues) loop.place('Issues', loop.all(), { ...issue });
});

export const listHistory = ledgerOperation(['History'], 'History', async (loop, context, store) => {
  const scope = readSyncScope(context);
  const record_key = requiredText(context, 'recordKey', 'Record Key');
  const { entries } = await (await store()).history(scope, record_key, parameter(context, 'limit', 'Limit', limitShape));
  for (const entry of entries) loop.place('History', loop.all(), { record_key, ...entry, change_set: isPlainObject(entry.change_set) ? entry.change_set : null });
});

export const listRuns = ledgerOperation(['Runs'], 'Runs', async (loop, context, store) => {
  const scope = readSyncScope(context);
  const runs = await (await store()).runs(scope, parameter(context, 'limit', 'Limit', limitShape));
  for (const run of runs) loop.place('Runs', loop.all(), { ...run });
});
