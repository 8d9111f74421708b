import { DEFAULT_GUARDS } from '../../core/policies/guard-settings';

/** The limits under the names of the form. 0: switched off. */
export const FORM_LIMITS = {
  deletes: DEFAULT_GUARDS.mass_delete?.count ?? 0,
  deletesPercent: DEFAULT_GUARDS.mass_delete?.percent ?? 0,
  missingPercent: DEFAULT_GUARDS.side_emptied?.percent ?? 0,
  writtenPercent: DEFAULT_GUARDS.everything_changed?.percent ?? 0,
  writes: DEFAULT_GUARDS.writes_per_sync?.count ?? 0,
  recordWrites: DEFAULT_GUARDS.writes_per_record?.count ?? 0,
} as const;
