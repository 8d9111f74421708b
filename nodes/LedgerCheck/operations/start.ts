import type { IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod';
import type { Hint } from '../../../core/model';
import { readsOf, type Starting } from '../../../core/stages/start-reads';
import type { SyncScope } from '../../../ledger/ledger-store';
import { carried, type IncomingJson } from '../../shared/envelope';
import type { ItemLoop, ReadItem } from '../../shared/item-loop';
import { ledgerOperation } from '../../shared/ledger-operation';
import { parameter } from '../../shared/parameters';
import { perItem } from '../../shared/per-item';
import { filledIn, readSyncScope, requiredText } from '../../shared/sync-scope-properties';
import { startingOf } from './start-items';

const OUTPUTS = ['Started', 'Given Up', 'Other Direction'] as const;
type Output = (typeof OUTPUTS)[number];

interface StartSettings {
  readonly scope: SyncScope;
  readonly dry_run: boolean;
  readonly cause: string;
  readonly max_attempts: number;
  readonly run_only: boolean;
}

function readSettings(context: IExecuteFunctions): StartSettings {
  return {
    scope: readSyncScope(context),
    dry_run: parameter(context, 'dryRun', 'Dry Run', z.boolean()),
    cause: requiredText(context, 'cause', 'Cause'),
    max_attempts: parameter(context, 'maxAttempts', 'Maximum Attempts', z.number().int().min(1)),
    run_only: parameter(context, 'emitRunOnly', 'Emit Run Only', z.boolean()),
  };
}

function namedRecord(context: IExecuteFunctions, scope: SyncScope): (json: IncomingJson, item: number) => Hint {
  const [systemOf, idOf] = [perItem(context, 'recordSystem'), perItem(context, 'recordId')];
  return (json, item) => {
    const system = systemOf(json, item);
    return {
      system: typeof system === 'string' && system.trim() !== '' ? system.trim() : scope.source,
      native_id: filledIn(idOf(json, item), 'Record ID'),
    };
  };
}

/** Notes every hint, then draws the read token: nothing may be read before. Items past their attempts keep their note. */
export const start = ledgerOperation(OUTPUTS, 'Given Up', async (loop, context, store) => {
  const settings = readSettings(context);
  const { scope } = settings;
  const named = namedRecord(context, scope);
  const asked = settings.run_only ? [] : loop.read((json, index) => startingOf(json, scope, () => named(json, index)));
  const items = asked.filter((item) => isWithinAttempts(loop, settings, item));
  if (items.length === 0 && !settings.run_only) return;

  const again = items.some(({ value }) => value.attempt > 0);
  const request = {
    ...scope,
    hints: items.flatMap(({ value }) => value.hints.map((hint) => ({ ...hint, noted_before: value.attempt > 0 }))),
    dry_run: settings.dry_run,
    attempt: Math.max(0, ...items.map(({ value }) => value.attempt)),
    execution_id: context.getExecutionId(),
    cause: again ? 'recheck' : settings.cause,
  };
  const result = await loop.together(items.map(({ index }) => index), async () => (await store()).start(request));
  if (result === null) return;
  const { run: sync, noted } = result;
  if (settings.run_only) {
    loop.place('Started', loop.all(), { sync });
    return;
  }

  const { own, other } = readsOf(scope, items, noted);
  for (const { from, hint, ...read } of own) {
    loop.place('Started', from, { sync, hint, ...read, read_request: { native_id: hint.native_id, match_key: null } });
  }
  for (const { from, hint, full, as_record_key } of other) {
    loop.place('Other Direction', from, { hint, full, as_record_key, attempt: sync.attempt });
  }
});

/** The canvas bounds a loop of Rechecks; the note in the ledger outlives the bound, and a reconcile run takes it up. */
function isWithinAttempts(loop: ItemLoop<Output>, { max_attempts }: StartSettings, { index, value }: ReadItem<Starting>): boolean {
  if (value.attempt < max_attempts) return true;
  const reason = `was read ${value.attempt} times and changed again each time; the next reconcile run takes it up`;
  loop.place('Given Up', index, { ...carried(loop.json(index)), verdict: { kind: 'GivenUp', reason } });
  return false;
}
