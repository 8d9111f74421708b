/**
 * Every decision of a history comes from one list of numbers, so that a history is its list: the same list gives the same
 * trace, and a shorter or smaller list is a simpler history. 0 always means the plainest choice.
 */
export class Choices {
  readonly taken: number[] = [];
  #position = 0;

  /** @param tape what was chosen before; @param random beyond it: null ends the history there. */
  constructor(private readonly tape: readonly number[], private readonly random: (() => number) | null) {}

  get exhausted(): boolean {
    return this.random === null && this.#position >= this.tape.length;
  }

  /** 0 … below - 1. */
  below(below: number): number {
    const given = this.#position < this.tape.length ? (this.tape[this.#position] ?? 0) % below : Math.floor((this.random?.() ?? 0) * below);
    this.#position += 1;
    this.taken.push(given);
    return given;
  }

  /** True once in `times`. */
  rarely(times: number): boolean {
    return this.below(times) === times - 1;
  }

  of<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }
}

/** Mulberry32: small, quick, the same everywhere. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Histories of one seed do not depend on each other, so any of them can be played alone. */
export const seedOf = (seed: number, history: number): number => (Math.imul(seed, 0x9e3779b1) ^ Math.imul(history + 1, 0x85ebca6b)) >>> 0;
