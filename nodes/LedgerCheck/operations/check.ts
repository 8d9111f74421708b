import { z } from 'zod';
import { sourceCheckItem, type CheckedItem } from './check-items';
import { soughtRecord } from '../../../core/stages/sought-record';
import { assertNever, SyncError } from '../../../core/sync-error';
import type { CheckVerdict } from '../../../ledger/ledger-store';
import { carried } from '../../shared/envelope';
import type { ItemLoop, ReadItem } from '../../shared/item-loop';
import { answerAt, ledgerOperation, type Store } from '../../shared/ledger-operation';
import { parameter } from '../../shared/parameters';
import { byRun, type RunGroup } from '../../shared/run-groups';
import { requiredText } from '../../shared/sync-scope-properties';

const OUTPUTS = ['Changed', 'Unchanged', 'Busy', 'Recheck', 'Failed'] as const;
type Loop = ItemLoop<(typeof OUTPUTS)[number]>;

/** One round trip for the batch: snapshots, links, version and open intents of every record. */
export const check = ledgerOperation(OUTPUTS, 'Failed', async (loop, context, store) => {
  const recent_seconds = parameter(context, 'recentSeconds', 'History Window (Seconds)', z.number().int().min(0));
  const sentinel = requiredText(context, 'sentinel', 'Stamp Sentinel');
  const items = loop.read((json) => sourceCheckItem(json, { recent_seconds, sentinel }));
  for (const group of byRun(items)) {
    await checkGroup(loop, store, group);
    await finishOutOfScope(loop, store, group);
  }
});

async function checkGroup(loop: Loop, store: Store, { run, items }: RunGroup<CheckedItem>): Promise<void> {
  const inScope = items.flatMap(({ index, value }) => (value.check === null ? [] : [{ index, value, check: value.check }]));
  if (inScope.length === 0) return;
  const verdicts = await loop.together(inScope.map(({ index }) => index), async () => (await store()).check(run, inScope.map((item) => item.check)));
  if (verdicts === null) return;
  for (const [position, item] of inScope.entries()) {
    loop.attempt(item.index, () => placeVerdict(loop, item, answerAt(verdicts, position)));
  }
}

function placeVerdict(loop: Loop, { index, value }: ReadItem<CheckedItem>, verdict: CheckVerdict): void {
  const { run, source, read } = value;
  const json = { ...carried(loop.json(index)), source };
  switch (verdict.kind) {
    case 'Changed': {
      const { kind, row, full } = verdict;
      const record_key = row?.record_key ?? source.record_key;
      if (record_key === null) throw new SyncError('bad_item', '`observation.record_key` is missing.', 'Give Normalize a key for records of this system.');
      const read_request = { ...soughtRecord(row, run.target, source) };
      loop.place('Changed', index, { ...json, row, full, record_key, read_request, verdict: { kind } });
      return;
    }
    case 'Unchanged':
      loop.place('Unchanged', index, { ...json, record_key: verdict.record_key, verdict });
      return;
    case 'Busy':
      loop.place('Busy', index, { ...json, record_key: verdict.record_key, verdict: { ...verdict, reason: 'another run holds this record; the note stays, and that run will read it again' } });
      return;
    case 'Recheck': {
      const { kind, record_key, reason } = verdict;
      loop.place('Recheck', index, { ...json, record_key, verdict: { kind, reason, claimed_by: null, read, retry_after_seconds: null } });
      return;
    }
    default:
      return assertNever(verdict);
  }
}

/**
 * A record that left the filter, or may not be read any more, is not deleted, and nobody can say whether it changed. It is
 * left alone on both sides; its note is handled, or every sweep would ask again. When it comes back, it is compared as ever.
 */
async function finishOutOfScope(loop: Loop, store: Store, { run, items }: RunGroup<CheckedItem>): Promise<void> {
  const outside = items.filter(({ value }) => value.check === null);
  if (outside.length === 0) return;
  const finished = await loop.together(outside.map(({ index }) => index), async () => {
    await (await store()).finish(run, outside.map(({ value }) => ({ record_key: value.record_key, hints: value.read, outcome: 'unchanged', issues: [] })));
    return true;
  });
  if (finished === null) return;
  for (const { index, value } of outside) {
    loop.place('Unchanged', index, {
      ...carried(loop.json(index)), source: value.source, record_key: value.record_key,
      verdict: { kind: 'Unchanged', reason: 'out_of_scope' },
    });
  }
}
