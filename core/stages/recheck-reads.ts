import type { Hint, Observation, Plan, RunContext, WriteResult } from '../model';

/** The native ids a plan is about: what a Recheck has to read, at least. */
export function recheckReads(run: RunContext, plan: Plan, sides: { readonly source: Observation | null; readonly target: Observation | null }): readonly Hint[] {
  return (['source', 'target'] as const).flatMap((side): Hint[] => {
    const native_id = sides[side]?.native_id ?? plan.links[run[side]] ?? null;
    return native_id === null ? [] : [{ system: run[side], native_id }];
  });
}

/** How long the systems asked to be left alone; null when none did. */
export function retryAfter(writes: readonly WriteResult[]): number | null {
  const waits = writes.flatMap(({ outcome }) => (outcome.kind === 'postponed' ? [outcome.retry_after_seconds] : []));
  return waits.length === 0 ? null : Math.max(...waits);
}
