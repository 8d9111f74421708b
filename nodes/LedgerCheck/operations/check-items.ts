import type { Hint, Observation, RecordKey, RunContext } from '../../../core/model';
import { checkRequest, type CheckSettings } from '../../../core/stages/check-request';
import { SyncError } from '../../../core/sync-error';
import type { CheckItem } from '../../../ledger/ledger-store';
import { observationOf, recordKeyOf, runOf, type IncomingJson } from '../../shared/envelope';

export interface CheckedItem {
  readonly run: RunContext;
  readonly source: Observation;
  readonly record_key: RecordKey | null;
  /** What a Recheck would have to read: this record, and then by its link the other one. */
  readonly read: readonly Hint[];
  /** Null when the record is out of scope: there is nothing to compare. */
  readonly check: CheckItem | null;
}

export function sourceCheckItem(json: IncomingJson, settings: CheckSettings): CheckedItem {
  const run = runOf(json);
  const source = observationOf(json);
  const { system, native_id, presence } = source;
  if (system !== run.source) throw new SyncError('bad_item', `\`observation\` is of "${system}", but this run's source is "${run.source}".`, 'Connect Normalize of the source system.');
  if (native_id === null) throw new SyncError('bad_item', '`observation.native_id` is missing.', 'Give Normalize the path of the native ID.');
  if (presence === 'none' || presence === 'ambiguous') {
    throw new SyncError('bad_item', `the source was read as "${presence}", but a record with a native ID is there, gone or out of scope.`, 'Let the reader of the source answer 404 as gone and 403 as out of scope.');
  }
  const asked = { full: json['full'] === true, as_record_key: typeof json['as_record_key'] === 'string' ? json['as_record_key'] : null };
  return { run, source, record_key: recordKeyOf(json) ?? source.record_key, read: [{ system, native_id }], check: checkRequest(settings, run, source, native_id, asked) };
}
