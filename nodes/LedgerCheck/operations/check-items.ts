import type { Hint, Observation, RecordKey, RunContext } from '../../../core/model';
import { parseStamp } from '../../../core/origin-stamp';
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

export interface CheckSettings {
  readonly recent_seconds: number;
  readonly sentinel: string;
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
  const item = { run, source, record_key: recordKeyOf(json) ?? source.record_key, read: [{ system, native_id }] };
  if (presence === 'out_of_scope') return { ...item, check: null };
  return {
    ...item,
    check: {
      system,
      native_id,
      proposed_key: source.record_key,
      fingerprint: presence === 'present' ? source.fingerprint : null,
      stamp: ownStamp(source, run, settings.sentinel),
      full: json['full'] === true,
      as_record_key: typeof json['as_record_key'] === 'string' ? json['as_record_key'] : null,
      recent_seconds: settings.recent_seconds,
    },
  };
}

/** A stamp of another sync names a row of that sync: it ties nothing together here. */
function ownStamp(source: Observation, run: RunContext, sentinel: string): CheckItem['stamp'] {
  const stamp = parseStamp(source.stamp, sentinel);
  if (stamp === null || stamp.sync !== run.sync) return null;
  return { record_key: stamp.record_key, fencing_token: stamp.fencing_token };
}
