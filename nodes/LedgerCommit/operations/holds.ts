/** What stops a sync: a person pauses and releases it, guards hold it, and everybody is told once. */
import type { IDataObject } from 'n8n-workflow';
import { z } from 'zod';
import { reasonOf, remedyOf, type Hold } from '../../../core/policies/holds';
import { reserveItem } from '../../../core/stages/reserve-item';
import { assertNever } from '../../../core/sync-error';
import { describedHold } from '../../shared/described-hold';
import { runIfAny } from '../../shared/envelope';
import { ledgerOperation } from '../../shared/ledger-operation';
import { parameter } from '../../shared/parameters';
import { byRun } from '../../shared/run-groups';
import { readSyncScope, requiredText } from '../../shared/sync-scope-properties';
import { readGuardSettings, readReserveSettings } from './guard-settings';
import { plannedItemOf } from './planned-items';

/** Once, whatever the number of items. */
export const pause = ledgerOperation(['Paused'], 'Paused', async (loop, context, store) => {
  const scope = readSyncScope(context);
  const said = parameter(context, 'reason', 'Reason', z.string().nullish())?.trim() ?? '';
  const by = requiredText(context, 'by', 'Paused or Released By');
  if (loop.read(() => null).length === 0) return;
  const hold = await (await store()).hold(scope, { guard: 'paused', subject: '', by, said: said === '' ? null : said });
  loop.place('Paused', loop.all(), describedHold(hold));
});

export const release = ledgerOperation(['Released', 'Changed', 'Not Found', 'Failed'], 'Failed', async (loop, context, store) => {
  const scope = readSyncScope(context);
  const requests = loop.read((_json, index) => ({
    id: requiredText(context, 'holdId', 'Hold ID', index),
    by: requiredText(context, 'by', 'Paused or Released By', index),
    counted: parameter(context, 'shownCount', 'Shown Count', z.coerce.number().int(), index),
  }));
  for (const { index, value } of requests) {
    const verdict = await loop.together([index], async () => (await store()).release(scope, value));
    if (verdict === null) continue;
    switch (verdict.kind) {
      case 'Released':
        loop.place('Released', index, { ...describedHold(verdict.hold), verdict: { kind: 'Released' } });
        break;
      case 'Changed':
        loop.place('Changed', index, { ...describedHold(verdict.hold), verdict: { kind: 'Changed', reason: 'more is held by now: look at it again before you release it' } });
        break;
      case 'Gone':
        loop.place('Not Found', index, { id: value.id, verdict: { kind: 'NotFound', reason: 'there is no such hold: it was released already' } });
        break;
      default:
        assertNever(verdict);
    }
  }
});

/** Holds that nobody was told of yet, one item each: however many runs are held, there is one alert. */
export const tellHolds = ledgerOperation(['New'], 'New', async (loop, context, store) => {
  const scope = readSyncScope(context);
  // A preview tells nobody: it holds nothing.
  const items = loop.read((json) => json['dry_run'] === true || runIfAny(json)?.dry_run === true);
  if (items.every(({ value }) => value)) return;
  for (const hold of await (await store()).tellHolds(scope)) loop.place('New', loop.all(), describedHold(hold));
});

/** What the guards would say to these plans, as one item. Nothing is held by it. */
export const previewGuards = ledgerOperation(['Preview', 'Failed'], 'Failed', async (loop, context, store) => {
  const [settings, guards] = [readReserveSettings(context, 1), readGuardSettings(context)];
  const planned = loop.read((json) => plannedItemOf(json)).filter(({ value }) => value.plan.patches.length > 0);
  const holds = new Map<string, Hold>();
  for (const { run, items } of byRun(planned)) {
    const batch = items.map(({ value }) => reserveItem(settings, run, value.plan, value.row, value.sides));
    for (const verdict of await (await store()).reserve({ ...run, dry_run: true }, batch, guards)) {
      if (verdict.kind === 'Held') holds.set(JSON.stringify([verdict.hold.guard, verdict.hold.subject]), verdict.hold);
    }
  }
  const shown = [...holds.values()].map((hold): IDataObject => ({ guard: hold.guard, subject: hold.subject, counted: hold.counted, allowed: hold.allowed, reason: reasonOf(hold), remedy: remedyOf(hold) }));
  loop.place('Preview', loop.all(), { would_hold: shown.length > 0, holds: shown });
});
