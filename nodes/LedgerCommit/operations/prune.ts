import { z } from 'zod';
import { DEFAULT_RETENTION, type Retention } from '../../../ledger/retention';
import { runIfAny } from '../../shared/envelope';
import { ledgerOperation } from '../../shared/ledger-operation';
import { parameter } from '../../shared/parameters';
import { readSyncScope } from '../../shared/sync-scope-properties';

const days = z.number();
const keepShape = z.object({
  historyDays: days.default(DEFAULT_RETENTION.history_days),
  journalDays: days.default(DEFAULT_RETENTION.journal_days),
  runsDays: days.default(DEFAULT_RETENTION.runs_days),
  intentsDays: days.default(DEFAULT_RETENTION.intents_days),
  tombstonesDays: days.default(DEFAULT_RETENTION.tombstones_days),
}).transform((keep): Retention => ({
  history_days: keep.historyDays, journal_days: keep.journalDays, runs_days: keep.runsDays, intents_days: keep.intentsDays, tombstones_days: keep.tombstonesDays,
}));

/** Once, whatever the number of items. A dry run deletes nothing. */
export const prune = ledgerOperation(['Pruned'], 'Pruned', async (loop, context, store) => {
  const scope = readSyncScope(context);
  const keep = parameter(context, 'keep', 'Keep (Days)', keepShape);
  const items = loop.read((json) => json['dry_run'] === true || runIfAny(json)?.dry_run === true);
  if (items.length === 0) return;
  const dry = items.some(({ value }) => value);
  const pruned = dry ? null : await (await store()).prune(scope, keep);
  loop.place('Pruned', items.map(({ index }) => index), { pruned: pruned === null ? null : { ...pruned } });
});
