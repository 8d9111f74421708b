import type { JsonValue } from '../model';

/** A value translated from a system's form to the canonical one or back, or what stood in the way. */
export type Reading =
  | { readonly kind: 'value'; readonly value: JsonValue; readonly note?: string }
  | { readonly kind: 'unreadable'; readonly code: 'rejected_record' | 'unmapped_value'; readonly expected: string; readonly remedy: string };

export const valueOf = (value: JsonValue): Reading => ({ kind: 'value', value });

/** @param expected completes "expected …"; @param remedy is a sentence that says what to do. */
export const unreadable = (expected: string, remedy: string): Reading => ({ kind: 'unreadable', code: 'rejected_record', expected, remedy });
