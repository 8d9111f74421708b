import { SyncError } from '../core/sync-error';
import type { SyncScope } from './ledger-store';

export function ownedBy(scope: SyncScope, owner: string): SyncError {
  return new SyncError('sync_conflict', `The sync "${owner}" already keeps ${scope.record_type} records of "${scope.source}" and "${scope.target}" in this ledger, so "${scope.sync}" may not: two syncs of one pair fight each other.`,
    `Set the parameter Sync Name to "${owner}", or give "${scope.sync}" a ledger (file or schema) of its own.`);
}

export function sameNameOtherPair(scope: SyncScope, known: { readonly first_system: string; readonly second_system: string; readonly record_type: string }): SyncError {
  return new SyncError('sync_conflict', `The sync name "${scope.sync}" belongs to ${known.record_type} records of "${known.first_system}" and "${known.second_system}" in this ledger, not to ${scope.record_type} records of "${scope.source}" and "${scope.target}".`,
    'Set the parameter Sync Name to a name that no other sync uses.');
}
