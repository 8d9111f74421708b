/** Bursts: the webhook notes and answers, a drain takes the notes off in batches. */
import { z } from 'zod';
import type { IExecuteFunctions } from 'n8n-workflow';
import type { Hint } from '../../../core/model';
import { SyncError } from '../../../core/sync-error';
import type { SyncScope } from '../../../ledger/ledger-store';
import { orderSeconds } from '../../shared/drain-order';
import { ledgerOperation } from '../../shared/ledger-operation';
import { parameter } from '../../shared/parameters';
import { readSyncScope } from '../../shared/sync-scope-properties';

const oneId = z.union([z.string(), z.number().transform(String)]).transform((id) => id.trim());
const idList = z.union([z.array(oneId), oneId.transform((text) => text.split(',').map((id) => id.trim())), z.null().transform(() => [])])
  .transform((ids) => ids.filter((id) => id !== ''));
const optionalText = z.union([z.string(), z.number().transform(String)]).transform((text) => text.trim());

function hintsOf(context: IExecuteFunctions, scope: SyncScope, item: number): readonly Hint[] {
  const system = parameter(context, 'recordSystem', 'Record System', optionalText, item) || scope.source;
  if (system !== scope.source && system !== scope.target) {
    throw new SyncError('bad_item', `the system "${system}" is neither the source ("${scope.source}") nor the target ("${scope.target}").`, 'Use the two names of this sync.');
  }
  return parameter(context, 'recordIds', 'Record IDs', idList, item).map((native_id) => ({ system, native_id }));
}

/** One round trip, nothing is read. Drain Now gets an item when nobody drains and nobody has been asked to. */
export const note = ledgerOperation(['Noted', 'Drain Now', 'Refused'], 'Refused', async (loop, context, store) => {
  const scope = readSyncScope(context);
  const wait_seconds = parameter(context, 'waitSeconds', 'Wait for More (Seconds)', z.number().min(0).max(300));
  const named = loop.read((_json, index) => hintsOf(context, scope, index));
  const items = named.filter(({ value }) => value.length > 0);
  for (const { index } of named.filter(({ value }) => value.length === 0)) {
    loop.place('Refused', index, { verdict: { kind: 'Refused', reason: 'it names no record' } });
  }
  if (items.length === 0) return;
  const from = items.map(({ index }) => index);
  const hints = items.flatMap(({ value }) => value);
  const result = await loop.together(from, async () => (await store()).note({ ...scope, hints, order_seconds: orderSeconds(wait_seconds) }));
  if (result === null) return;
  loop.place('Noted', from, { noted: result.noted });
  if (result.order) loop.place('Drain Now', from, { wait_seconds });
});

const OUTPUTS = ['Taken', 'Taken in Reverse', 'Nothing Left', 'Draining'] as const;

/** Begins a run whose hints stand in the ledger already: the items go straight to the reader, never through Start again. */
export const take = ledgerOperation(OUTPUTS, 'Nothing Left', async (loop, context, store) => {
  const scope = readSyncScope(context);
  const name = parameter(context, 'drainName', 'Drain Name', optionalText) || context.getExecutionId();
  const result = await loop.together(loop.all(), async () => (await store()).take({
    ...scope,
    // Two n8n that share a ledger count their executions alike.
    drain: `${context.getInstanceId()}/${name}`,
    limit: parameter(context, 'batchSize', 'Batch Size', z.number().int().min(1).max(5000)),
    hold_seconds: parameter(context, 'holdSeconds', 'Hold (Seconds)', z.number().min(1)),
    drains_at_once: parameter(context, 'drainsAtOnce', 'Drains at Once', z.number().int().min(1)),
    execution_id: context.getExecutionId(),
  }));
  if (result === null) return;
  // Items of the batch before come in here in a loop: what goes out was not made from them.
  if (result.kind !== 'Taken') {
    loop.place(result.kind === 'Draining' ? 'Draining' : 'Nothing Left', 0, {});
    return;
  }
  const { run: sync, noted } = result;
  const output = sync.source === scope.source ? 'Taken' : 'Taken in Reverse';
  for (const { system, native_id, record_key } of noted) {
    loop.place(output, 0, { sync, hint: { system, native_id }, full: false, as_record_key: null, record_key, read_request: { native_id, match_key: null }, taken: true });
  }
});
