import type { IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod';
import { compileGuardSettings, type GuardSettings } from '../../../core/policies/guard-settings';
import type { ReserveSettings } from '../../../core/stages/reserve-item';
import { parameter } from '../../shared/parameters';
import { requiredText } from '../../shared/sync-scope-properties';
import { FORM_LIMITS } from '../form-limits';

const limit = z.number().int().min(0, 'must be 0 or more');
const limitsShape = z.object({
  deletes: limit.default(FORM_LIMITS.deletes),
  deletesPercent: limit.default(FORM_LIMITS.deletesPercent),
  missingPercent: limit.default(FORM_LIMITS.missingPercent),
  writtenPercent: limit.default(FORM_LIMITS.writtenPercent),
  writes: limit.default(FORM_LIMITS.writes),
  recordWrites: limit.default(FORM_LIMITS.recordWrites),
});

/** The limits of the form. Zero switches a guard off; of the two for deletes, either alone is enough. */
export function readGuardSettings(context: IExecuteFunctions): GuardSettings {
  const { deletes, deletesPercent, missingPercent, writtenPercent, writes, recordWrites } = parameter(context, 'guardLimits', 'Limits', limitsShape);
  const percent = (value: number) => (value === 0 ? null : { percent: value });
  const count = (value: number) => (value === 0 ? null : { count: value });
  return compileGuardSettings({
    mass_delete: deletes === 0 && deletesPercent === 0 ? null : { count: deletes === 0 ? null : deletes, percent: deletesPercent === 0 ? null : deletesPercent },
    everything_changed: percent(writtenPercent),
    side_emptied: percent(missingPercent),
    writes_per_record: count(recordWrites),
    writes_per_sync: count(writes),
  });
}

export function readReserveSettings(context: IExecuteFunctions, lease_seconds: number): ReserveSettings {
  return { lease_seconds, sentinel: requiredText(context, 'sentinel', 'Stamp Sentinel') };
}
