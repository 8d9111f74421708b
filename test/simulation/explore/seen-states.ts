/**
 * The states that were met, as 64 bits each: a space of millions fits into memory. Two states with one hash would hide one of
 * them; among ten million the probability of that is about 3 in a million.
 */
export class SeenStates {
  #capacity = 1 << 16;
  #low = new Uint32Array(this.#capacity);
  #high = new Uint32Array(this.#capacity);
  #size = 0;

  /** False when the state is known already. */
  add(key: string): boolean {
    const { low, high } = hashOf(key);
    if (this.#size * 10 > this.#capacity * 6) this.#grow();
    return this.#insert(low, high);
  }

  get size(): number {
    return this.#size;
  }

  #insert(low: number, high: number): boolean {
    let slot = (low ^ Math.imul(high, 31)) & (this.#capacity - 1);
    for (;;) {
      const [here, there] = [this.#low[slot], this.#high[slot]];
      if (here === 0 && there === 0) break;
      if (here === low && there === high) return false;
      slot = (slot + 1) & (this.#capacity - 1);
    }
    this.#low[slot] = low;
    this.#high[slot] = high;
    this.#size += 1;
    return true;
  }

  #grow(): void {
    const [low, high] = [this.#low, this.#high];
    this.#capacity *= 2;
    this.#low = new Uint32Array(this.#capacity);
    this.#high = new Uint32Array(this.#capacity);
    this.#size = 0;
    low.forEach((value, slot) => {
      const other = high[slot] ?? 0;
      if (value !== 0 || other !== 0) this.#insert(value, other);
    });
  }
}

/** Two mixed 32-bit hashes; never both 0, which marks an empty slot. */
function hashOf(text: string): { readonly low: number; readonly high: number } {
  let [low, high] = [0x9e3779b9 | 0, 0x85ebca6b | 0];
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x5bd1e995);
    high ^= high >>> 15;
  }
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b);
  low ^= low >>> 13;
  high = Math.imul(high ^ (high >>> 16), 0xc2b2ae35);
  high ^= high >>> 16;
  return low === 0 && high === 0 ? { low: 1, high: 0 } : { low: low >>> 0, high: high >>> 0 };
}
