/** Asks a real ledger what a run wants of it. */
import type { LedgerStore } from '../../ledger/ledger-store';
import { assertNever } from '../../core/sync-error';
import type { Answer, Effect } from './run-machine';

export type LedgerEffect = Exclude<Effect, { readonly kind: 'read' | 'write' }>;

export async function askLedger(store: LedgerStore, effect: LedgerEffect): Promise<Answer> {
  switch (effect.kind) {
    case 'start':
      return { kind: 'start', result: await store.start(effect.request) };
    case 'check':
      return { kind: 'check', verdicts: await store.check(effect.run, effect.items) };
    case 'reserve':
      return { kind: 'reserve', verdicts: await store.reserve(effect.run, effect.items) };
    case 'commit':
      return { kind: 'commit', verdicts: await store.commit(effect.run, effect.items) };
    case 'finish':
      await store.finish(effect.run, effect.items);
      return { kind: 'finish' };
    default:
      return assertNever(effect);
  }
}
