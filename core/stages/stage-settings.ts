import { z } from 'zod';
import { SyncError } from '../sync-error';

/** Echo Guard: which proofs count, strongest first. */
const echoGuardSettingsSchema = z.object({
  origin_stamp: z.object({ on: z.boolean(), sentinel: z.string().min(1) }),
  write_hash: z.object({ on: z.boolean() }),
  /** Holds alternating edits for a person; never drops one. */
  suppression_window: z.object({ on: z.boolean(), seconds: z.number().int().min(1), alternations: z.number().int().min(2) }),
});
export type EchoGuardSettings = z.infer<typeof echoGuardSettingsSchema>;

/** Diff Engine: which fields count, and whether missing records count as deletes. */
const diffSettingsSchema = z.object({
  /** Null: every field of the mappings. */
  only_fields: z.array(z.string()).nullable(),
  ignore_fields: z.array(z.string()),
  detect_deletes: z.boolean(),
});
export type DiffSettings = z.infer<typeof diffSettingsSchema>;

/** @throws SyncError `bad_setting`, naming the node and the setting. */
export function compileEchoGuardSettings(input: unknown): EchoGuardSettings {
  return compile('Echo Guard', echoGuardSettingsSchema, input);
}

/** @throws SyncError `bad_setting`, naming the node and the setting. */
export function compileDiffSettings(input: unknown): DiffSettings {
  return compile('Diff Engine', diffSettingsSchema, input);
}

function compile<T>(node: string, schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new SyncError('bad_setting', `${node}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`, `Correct this setting of the ${node}.`);
}
