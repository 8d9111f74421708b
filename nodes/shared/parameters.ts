import type { IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod';
import { SyncError } from '../../core/sync-error';

/** A parameter through a guard: an expression can put anything where the form shows a number. */
export function parameter<T>(context: IExecuteFunctions, name: string, label: string, guard: z.ZodType<T>, item = 0): T {
  return guarded(context.getNodeParameter(name, item), label, guard);
}

export function guarded<T>(value: unknown, label: string, guard: z.ZodType<T>): T {
  const parsed = guard.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new SyncError('bad_setting', `The parameter "${label}" cannot be used: ${issue?.message ?? 'wrong kind of value'}.`, `Correct "${label}".`);
}

/** `phone, email` as a person writes it, or a list as an expression gives it. */
export const nameList = z.union([z.string().transform((text) => text.split(',')), z.array(z.string())])
  .transform((names) => names.map((name) => name.trim()).filter((name) => name !== ''));

/** JSON as text (typed in) or as the value itself (from an expression). */
export const jsonParameter = z.unknown().transform((value, context): unknown => {
  if (typeof value !== 'string') return value;
  try {
    const parsed: unknown = JSON.parse(value);
    return parsed;
  } catch (error) {
    context.addIssue({ code: 'custom', message: `not JSON (${error instanceof Error ? error.message : 'unreadable'})` });
    return z.NEVER;
  }
});
