import { z } from 'zod';

/** Echo Guard: which proofs count, strongest first. */
export const echoGuardSettingsSchema = z.object({
  origin_stamp: z.object({ on: z.boolean(), sentinel: z.string().min(1) }),
  write_hash: z.object({ on: z.boolean() }),
  /** Holds alternating edits for a person; never drops one. */
  suppression_window: z.object({ on: z.boolean(), seconds: z.number().int().min(1), alternations: z.number().int().min(2) }),
});
export type EchoGuardSettings = z.infer<typeof echoGuardSettingsSchema>;

/** Diff Engine: which fields count, and whether missing records count as deletes. */
export const diffSettingsSchema = z.object({
  /** Null: every field of the mappings. */
  only_fields: z.array(z.string()).nullable(),
  ignore_fields: z.array(z.string()),
  detect_deletes: z.boolean(),
});
export type DiffSettings = z.infer<typeof diffSettingsSchema>;
