import type { EraseVerdict } from '../../../ledger/ledger-store';
import type { ItemLoop } from '../../shared/item-loop';
import { assertNever } from '../../../core/sync-error';
import { ledgerOperation } from '../../shared/ledger-operation';
import { readSyncScope, requiredText } from '../../shared/sync-scope-properties';

const OUTPUTS = ['Erased', 'Refused', 'Failed'] as const;

/** One call a record: a person asked for each by itself. */
export const erase = ledgerOperation(OUTPUTS, 'Failed', async (loop, context, store) => {
  const scope = readSyncScope(context);
  for (const { index, value } of loop.read((_json, item) => requiredText(context, 'recordKey', 'Record Key', item))) {
    const verdict = await loop.together([index], async () => (await store()).erase(scope, value));
    if (verdict !== null) placeVerdict(loop, index, value, verdict);
  }
});

function placeVerdict(loop: ItemLoop<(typeof OUTPUTS)[number]>, index: number, record_key: string, verdict: EraseVerdict): void {
  const refuse = (reason: string): void => { loop.place('Refused', index, { record_key, verdict: { kind: verdict.kind, reason } }); };
  switch (verdict.kind) {
    case 'Erased':
      loop.place('Erased', index, { record_key, purged: verdict.purged, verdict: { kind: 'Erased' } });
      return;
    case 'Alive':
      refuse(`is still held by ${verdict.systems.join(' and ')}: delete it there, let the sync see that, then erase it here`);
      return;
    case 'Busy':
      refuse(`may be written until ${verdict.until}: try again then`);
      return;
    case 'Unknown':
      refuse('is not in this ledger');
      return;
    default:
      return assertNever(verdict);
  }
}
