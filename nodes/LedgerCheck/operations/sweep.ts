/** What a reconcile run asks: which work waits, which linked records a listing did not show, and where the last one ended. */
import { z } from 'zod';
import { observationIfAny } from '../../shared/envelope';
import { ledgerOperation } from '../../shared/ledger-operation';
import { parameter } from '../../shared/parameters';
import { readSyncScope, requiredText } from '../../shared/sync-scope-properties';

const limitShape = z.number().int().min(1);

export const listPending = ledgerOperation(['Pending'], 'Pending', async (loop, context, store) => {
  const scope = readSyncScope(context);
  const limit = parameter(context, 'limit', 'Limit', limitShape);
  const { hints } = await (await store()).pending(scope, limit);
  for (const hint of hints) loop.place('Pending', loop.all(), { hint });
});

/**
 * Linked records that the incoming listing does not show. Not shown is not deleted: they come out as hints, to be read one
 * by one. A listing that is empty says so by an item of its own; without any item of this system nothing was listed at all.
 */
export const listMissing = ledgerOperation(['Missing'], 'Missing', async (loop, context, store) => {
  const scope = readSyncScope(context);
  const system = requiredText(context, 'system', 'System');
  const items = loop.read((json) => observationIfAny(json));
  const listed = items.flatMap(({ value }) => (value?.system === system ? [value.native_id] : []));
  if (listed.length === 0) return;
  const seen = listed.filter((native_id) => native_id !== null);
  const missing = await (await store()).missing(scope, system, seen);
  for (const hint of missing) loop.place('Missing', loop.all(), { hint });
});

export const getCursor = ledgerOperation(['Cursor'], 'Cursor', async (loop, context, store) => {
  const scope = readSyncScope(context);
  const system = requiredText(context, 'system', 'System');
  loop.place('Cursor', loop.all(), { system, cursor: await (await store()).cursor(scope, system) });
});
