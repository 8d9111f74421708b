/**
 * The heart of two-way sync, per field: who changed against its own snapshot, and whether both sides are equal by now.
 * README shows this table, and a test reads it from there and runs it against this function.
 */
export type TableOutcome = 'nothing' | 'source_to_target' | 'target_to_source' | 'converged' | 'conflict';

export function decisionTable(sourceChanged: boolean, targetChanged: boolean, nowEqual: boolean): TableOutcome {
  // Neither moved: an old difference between the two (a reformatted phone number) is none of our business.
  if (!sourceChanged && !targetChanged) return 'nothing';
  // Somebody moved, and both hold the same now: remember that, write nothing.
  if (nowEqual) return 'converged';
  if (!targetChanged) return 'source_to_target';
  if (!sourceChanged) return 'target_to_source';
  // Both moved, to different values: only a rule or a person may choose.
  return 'conflict';
}
