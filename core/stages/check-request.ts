import type { CheckItem } from '../ledger-request';
import type { Observation, RecordKey, RunContext } from '../model';
import { parseStamp } from '../origin-stamp';

/** What a read says to Check beside the observation itself. */
export interface CheckSettings {
  readonly recent_seconds: number;
  readonly sentinel: string;
}

/** What Check is asked about one record; null when it is out of scope: there is nothing to compare. */
export function checkRequest(settings: CheckSettings, run: RunContext, source: Observation, native_id: string, asked: { readonly full: boolean; readonly as_record_key: RecordKey | null }): CheckItem | null {
  if (source.presence === 'out_of_scope') return null;
  return {
    system: source.system,
    native_id,
    proposed_key: source.record_key,
    fingerprint: source.presence === 'present' ? source.fingerprint : null,
    mapping_fingerprint: source.schema.mapping_fingerprint,
    stamp: ownStamp(source, run, settings.sentinel),
    full: asked.full,
    as_record_key: asked.as_record_key,
    recent_seconds: settings.recent_seconds,
  };
}

/** A stamp of another sync names a row of that sync: it ties nothing together here. */
function ownStamp(source: Observation, run: RunContext, sentinel: string): CheckItem['stamp'] {
  const stamp = parseStamp(source.stamp, sentinel);
  if (stamp === null || stamp.sync !== run.sync) return null;
  return { record_key: stamp.record_key, fencing_token: stamp.fencing_token };
}
