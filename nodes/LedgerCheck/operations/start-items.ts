import type { Hint } from '../../../core/model';
import { idProblem } from '../../../core/names';
import type { Starting } from '../../../core/stages/start-reads';
import { SyncError } from '../../../core/sync-error';
import type { SyncScope } from '../../../ledger/ledger-store';
import { hintIfAny, runIfAny, verdictOf, type IncomingJson } from '../../shared/envelope';

const isAttempt = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0;

/**
 * A Recheck (or a decided review) says itself what must be read; another item names one record.
 * @param named the record that the form's parameters name
 */
export function startingOf(json: IncomingJson, scope: SyncScope, named: () => Hint): Starting {
  const verdict = verdictOf(json);
  const run = runIfAny(json);
  const starting: Starting = verdict?.read !== undefined
    ? { hints: verdict.read, full: true, as_record_key: verdict.claimed_by ?? null, from_target: verdict.from_target ?? false, attempt: run === null ? 0 : run.attempt + 1 }
    : {
        hints: [hintIfAny(json) ?? named()],
        full: json['full'] === true,
        as_record_key: typeof json['as_record_key'] === 'string' ? json['as_record_key'] : null,
        from_target: false,
        attempt: isAttempt(json['attempt']) ? json['attempt'] : 0,
      };
  if (starting.hints.length === 0) throw new SyncError('bad_item', 'the verdict names nothing to read.', 'Connect a Recheck output, or items that name a record.');
  const stranger = starting.hints.find(({ system }) => system !== scope.source && system !== scope.target);
  if (stranger !== undefined) {
    throw new SyncError('bad_item', `the system "${stranger.system}" is neither the source ("${scope.source}") nor the target ("${scope.target}").`, 'Use the two names of this sync.');
  }
  for (const { native_id } of starting.hints) {
    const problem = idProblem(native_id);
    if (problem !== null) throw new SyncError('bad_item', `the record id ${problem}.`, 'Look at what the system sends as its id.');
  }
  return starting;
}
