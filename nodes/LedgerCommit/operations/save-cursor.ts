import { runIfAny } from '../../shared/envelope';
import { ledgerOperation } from '../../shared/ledger-operation';
import { readSyncScope, requiredText } from '../../shared/sync-scope-properties';

/** Where the next sweep of a system begins. A dry run leaves it where it is. */
export const saveCursor = ledgerOperation(['Saved'], 'Saved', async (loop, context, store) => {
  const scope = readSyncScope(context);
  const system = requiredText(context, 'system', 'System');
  const cursor = requiredText(context, 'cursor', 'Cursor');
  const items = loop.read((json) => runIfAny(json)?.dry_run === true);
  // Only failed items came in: what they were about has not been swept.
  if (items.length === 0) return;
  const dry = items.some(({ value }) => value);
  if (!dry) await (await store()).saveCursor(scope, system, cursor);
  loop.place('Saved', items.map(({ index }) => index), { system, cursor, saved: !dry });
});
