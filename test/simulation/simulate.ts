/** Many histories of one seed: counted, and the first that breaks a promise shrunken to a readable one. */
import { Choices, seeded, seedOf } from './choices';
import type { FaultKind } from './fault-kinds';
import { playHistory, type Outcome } from './history';
import { memoryLedger } from './stores';
import type { OpenedLedger } from './world';

export interface Violation {
  readonly seed: number;
  readonly history: number;
  /** What was broken, without the values. The first of each kind is shrunken; the others say only where they are. */
  readonly kind: string;
  readonly violations: readonly string[];
  readonly choices: readonly number[];
  readonly trace: readonly string[];
}

export interface Tally {
  readonly histories: number;
  readonly steps: number;
  readonly writes: number;
  readonly edits: number;
  readonly faults: { readonly [kind: string]: number };
  readonly violations: readonly Violation[];
  /** The first history that was not played, because there were violations enough. */
  readonly stopped_before: number | null;
}

export interface Simulation {
  readonly seed: number;
  /** First history and how many. */
  readonly from: number;
  readonly count: number;
  readonly open: (history: number) => OpenedLedger;
  /** Stops after so many. */
  readonly most_violations: number;
  /** Off: a violation is only named, which costs nothing in a long run; it can be played again. */
  readonly shrink?: boolean;
}

/** Every fourth history has a Redis beside its ledger. */
export const inMemory = (history: number): OpenedLedger => memoryLedger(history % 4 === 3);

export async function simulate({ seed, from, count, open, most_violations, shrink = true }: Simulation): Promise<Tally> {
  const faults = new Map<FaultKind, number>();
  const violations: Violation[] = [];
  let [histories, steps, writes, edits] = [0, 0, 0, 0];
  for (let history = from; history < from + count; history += 1) {
    if (violations.length >= most_violations) return { histories, steps, writes, edits, faults: Object.fromEntries(faults), violations, stopped_before: history };
    const choices = new Choices([], seeded(seedOf(seed, history)));
    const outcome = await playHistory(choices, () => open(history));
    histories += 1;
    steps += outcome.steps;
    writes += outcome.writes;
    edits += outcome.edits;
    for (const [kind, times] of outcome.faults) faults.set(kind, (faults.get(kind) ?? 0) + times);
    if (outcome.violations.length === 0) continue;
    const kind = kindOf(outcome.violations);
    const found: Violation = { seed, history, kind, violations: outcome.violations, choices: [], trace: [] };
    violations.push(!shrink || violations.some((known) => known.kind === kind) ? found : { ...found, ...await shrunken(choices.taken, () => inMemory(history), outcome) });
  }
  return { histories, steps, writes, edits, faults: Object.fromEntries(faults), violations, stopped_before: null };
}

const replay = (choices: readonly number[], open: () => OpenedLedger): Promise<Outcome> => playHistory(new Choices(choices, null), open);

/** What a violation is about, without the values: a shrunken history has to break the same promise. */
const kindOf = (violations: readonly string[]): string => (violations[0] ?? '').replace(/[\w.@-]*\d[\w.@-]*/gu, '#').replace(/\bin [ab]\b/gu, 'in #').replace(/^# (?:name|phone|city|zip|tags|score)/u, '# field').slice(0, 34);

async function shrunken(taken: readonly number[], open: () => OpenedLedger, first: Outcome): Promise<Pick<Violation, 'violations' | 'choices' | 'trace'>> {
  let best = { choices: taken, outcome: first };
  const wanted = kindOf(first.violations);
  const tried = async (choices: readonly number[]): Promise<boolean> => {
    const outcome = await replay(choices, open);
    if (outcome.violations.length === 0 || kindOf(outcome.violations) !== wanted || outcome.trace.length > best.outcome.trace.length) return false;
    best = { choices, outcome };
    return true;
  };
  for (let again = true, rounds = 0; again && rounds < 6; rounds += 1) {
    again = false;
    for (const size of [32, 16, 8, 4, 2, 1]) {
      for (let at = best.choices.length - size; at >= 0; at -= Math.max(1, size >> 1)) {
        const length = best.choices.length;
        if (await tried([...best.choices.slice(0, at), ...best.choices.slice(at + size)])) again = again || best.choices.length < length;
      }
    }
    for (let at = 0; at < best.choices.length; at += 1) {
      if (best.choices[at] !== 0 && await tried(best.choices.with(at, 0))) again = true;
    }
  }
  return { violations: best.outcome.violations, choices: best.choices, trace: best.outcome.trace };
}
