import { z } from 'zod';
import { SyncError } from '../sync-error';

const percent = z.number().int().min(1).max(100);
const count = z.number().int().min(1);

/** What a sync may do without a person. A guard that is null is switched off. */
export const guardSettingsSchema = z.strictObject({
  /** Deletes in an hour: more than `count`, or more than `percent` of the records that the ledger knows. */
  mass_delete: z.strictObject({ count: count.nullable(), percent: percent.nullable() }).nullable(),
  /** Known records that one batch would write: a bulk backfill, or a job that touched everything. */
  everything_changed: z.strictObject({ percent }).nullable(),
  /** Known records that one batch found missing in one system: an emptied table, another tenant, a wrong address. */
  side_emptied: z.strictObject({ percent }).nullable(),
  /** Writes to one record in ten minutes. */
  writes_per_record: z.strictObject({ count }).nullable(),
  /** Writes of the whole sync in an hour. */
  writes_per_sync: z.strictObject({ count }).nullable(),
});

export type GuardSettings = Readonly<z.infer<typeof guardSettingsSchema>>;

export const DEFAULT_GUARDS: GuardSettings = {
  mass_delete: { count: 100, percent: 10 },
  everything_changed: { percent: 50 },
  side_emptied: { percent: 50 },
  writes_per_record: { count: 10 },
  writes_per_sync: { count: 5000 },
};

/** A percentage of few records says nothing: as many as this are people's work, whatever they are a share of. */
export const FEW_RECORDS = 10;

export const RECORD_WINDOW_SECONDS = 600;
export const SYNC_WINDOW_SECONDS = 3600;
/** As long as what a person released may pass: then the guard asks again. */
export const RELEASE_SECONDS = 3600;

/** @throws SyncError `bad_setting`, naming the guard. */
export function compileGuardSettings(input: unknown): GuardSettings {
  const parsed = guardSettingsSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new SyncError('bad_setting', `Guards: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'not readable'}.`, 'Correct this guard in Sync Ledger Commit, operation Reserve.');
}
