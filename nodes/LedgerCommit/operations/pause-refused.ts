import type { RunContext, SystemName } from '../../../core/model';
import type { Store } from '../../shared/ledger-operation';

/** Systems that refused the credential (401), with what they said. */
export type Refusals = ReadonlyMap<SystemName, string>;

/**
 * Every further request would be refused too, and every record become an issue: the sync is held, and a person told once, until somebody
 * renews the credential.
 */
export async function pauseRefused(store: Store, run: RunContext, refusals: Refusals): Promise<void> {
  if (run.dry_run) return;
  for (const [system, said] of [...refusals].sort(([a], [b]) => (a < b ? -1 : 1))) await (await store()).hold(run, { guard: 'credentials', subject: system, by: null, said });
}
