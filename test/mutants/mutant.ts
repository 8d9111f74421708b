/**
 * A mutant: the real code with one law or one rule of the protocol switched off. The searches and the tests must notice; what
 * nothing notices shows a hole in them.
 */

export interface Edit {
  /** From the project's root. */
  readonly file: string;
  /** Stands there exactly once, or the mutant is stale. */
  readonly from: string;
  readonly to: string;
}

/** Who has to notice, the strongest first: every order of steps, random histories, tests of a name. */
export type Catcher =
  | { readonly kind: 'exploration'; readonly scope: string }
  | { readonly kind: 'simulation'; readonly seed: number; readonly from: number }
  | { readonly kind: 'tests'; readonly files: readonly string[] };

export interface Mutant {
  /** What is different, in a few words. */
  readonly name: string;
  /** The law of the design (`law 4`) or the rule of the protocol (`F12`, `11`) that is switched off. */
  readonly rule: string;
  readonly edits: readonly Edit[];
  readonly caughtBy: Catcher;
}

export const inScope = (scope: string): Catcher => ({ kind: 'exploration', scope });
export const inHistories = (seed: number, from: number): Catcher => ({ kind: 'simulation', seed, from });
export const byTests = (...files: readonly string[]): Catcher => ({ kind: 'tests', files });

/** Mutants of one file. */
export function mutantsOf(file: string) {
  return (rule: string, name: string, from: string, to: string, caughtBy: Catcher): Mutant => ({ name, rule, edits: [{ file, from, to }], caughtBy });
}

/** @throws when a text does not stand there exactly once: the code has moved on, and so must the mutant. */
export function applied({ file, from, to }: Edit, text: string, name: string): string {
  const times = text.split(from).length - 1;
  if (times !== 1) throw new Error(`Mutant "${name}" is stale: its old text stands ${times} times in ${file}:\n${from}`);
  // A function, so that no `$&` in the new text is taken for a pattern.
  return text.replace(from, () => to);
}
