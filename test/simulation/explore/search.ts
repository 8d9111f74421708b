/** Breadth first through all states: the first broken law that is found has a shortest history. */
import { SeenStates } from './seen-states';

export interface Move<State> {
  /** Said only when a history is told. */
  readonly title: () => string;
  readonly to: State;
}

/** What is explored. All of it must be a function of the state: a history is found again by repeating its moves. */
export interface Space<State> {
  readonly initial: State;
  /** Everything that may happen next, in a fixed order. */
  moves(state: State): readonly Move<State>[];
  /** Equal for states whose futures are the same. */
  keyOf(state: State): string;
  /** The law that the last move broke, in words; null when none. */
  broken(state: State): string | null;
  /** Nothing is under way. */
  isQuiet(state: State): boolean;
  /** The law that such a state breaks. */
  brokenWhenQuiet(state: State): string | null;
}

export interface Violation {
  readonly law: string;
  /** Titles of the moves, first to last. */
  readonly history: readonly string[];
}

export interface Outcome {
  readonly states: number;
  readonly quiescent: number;
  /** Moves of the longest shortest history. */
  readonly depth: number;
  readonly transitions: number;
  /** Whether the whole space was visited. */
  readonly complete: boolean;
  readonly violation: Violation | null;
}

export interface Limits {
  readonly states: number;
  /** Asked between two levels and now and then inside one. */
  readonly isOver: () => boolean;
}

/** Where each state was first reached from: parents and move numbers, by state number. */
class Ancestry {
  #parents = new Int32Array(1 << 16);
  #moves = new Uint16Array(1 << 16);
  #size = 0;

  add(parent: number, move: number): number {
    if (this.#size === this.#parents.length) this.#grow();
    this.#parents[this.#size] = parent;
    this.#moves[this.#size] = move;
    return this.#size++;
  }

  movesTo(state: number): readonly number[] {
    const path: number[] = [];
    for (let at = state; (this.#parents[at] ?? -1) >= 0; at = this.#parents[at] ?? -1) path.push(this.#moves[at] ?? 0);
    return path.reverse();
  }

  #grow(): void {
    const [parents, moves] = [new Int32Array(this.#size * 2), new Uint16Array(this.#size * 2)];
    parents.set(this.#parents);
    moves.set(this.#moves);
    this.#parents = parents;
    this.#moves = moves;
  }
}

const CHECK_LIMITS_EVERY = 256;

export function explore<State>(space: Space<State>, limits: Limits): Outcome {
  const seen = new SeenStates();
  const ancestry = new Ancestry();
  let [quiescent, depth, transitions] = [0, 0, 0];
  const outcome = (complete: boolean, violation: Violation | null): Outcome => ({ states: seen.size, quiescent, depth, transitions, complete, violation });
  const broken = (number: number, law: string): Outcome => outcome(false, { law, history: historyOf(space, ancestry.movesTo(number)) });

  seen.add(space.keyOf(space.initial));
  let level = [{ state: space.initial, number: ancestry.add(-1, 0) }];
  while (level.length > 0) {
    const next: typeof level = [];
    for (const [index, { state, number }] of level.entries()) {
      if (index % CHECK_LIMITS_EVERY === 0 && (seen.size > limits.states || limits.isOver())) return outcome(false, null);
      if (space.isQuiet(state)) {
        quiescent += 1;
        const law = thrownAsBroken(() => space.brokenWhenQuiet(state));
        if (law !== null) return broken(number, law);
      }
      let moves: readonly Move<State>[] = [];
      const thrown = thrownAsBroken(() => {
        moves = space.moves(state);
        return null;
      });
      if (thrown !== null) return broken(number, thrown);
      for (const [move, { to }] of moves.entries()) {
        transitions += 1;
        if (!seen.add(space.keyOf(to))) continue;
        const reached = ancestry.add(number, move);
        const law = space.broken(to);
        if (law !== null) return broken(reached, law);
        next.push({ state: to, number: reached });
      }
    }
    level = next;
    if (level.length > 0) depth += 1;
  }
  return outcome(true, null);
}

/** A step that throws has a history as well. */
function thrownAsBroken(body: () => string | null): string | null {
  try {
    return body();
  } catch (error) {
    return `no step throws: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function historyOf<State>(space: Space<State>, path: readonly number[]): readonly string[] {
  let state = space.initial;
  return path.map((number) => {
    const move = space.moves(state)[number];
    if (move === undefined) throw new Error('The space gave other moves when its history was repeated: something in it is not a function of the state.');
    state = move.to;
    return move.title();
  });
}
