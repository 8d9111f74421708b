/** A state while one step works on it. A table is copied when it is first written, so a step costs what it changes. */
import type { LedgerState, Rows } from './state';

export class Table<Row> {
  #rows: Rows<Row>;
  #own: { [key: string]: Row } | null = null;

  constructor(rows: Rows<Row>) {
    this.#rows = rows;
  }

  get rows(): Rows<Row> {
    return this.#rows;
  }

  get(key: string): Row | undefined {
    return this.#rows[key];
  }

  put(key: string, row: Row): void {
    this.#writable()[key] = row;
  }

  remove(key: string): void {
    if (this.#rows[key] === undefined) return;
    Reflect.deleteProperty(this.#writable(), key);
  }

  #writable(): { [key: string]: Row } {
    this.#own ??= { ...this.#rows };
    this.#rows = this.#own;
    return this.#own;
  }
}

export class Tables {
  #sequence: number;
  #named: number;
  readonly syncs;
  readonly records;
  readonly links;
  readonly notes;
  readonly drainSeqs;
  readonly takes;
  readonly drainOrders;
  readonly journal;
  readonly history;
  readonly issues;
  readonly runs;
  readonly cursors;
  readonly holds;

  constructor(state: LedgerState) {
    this.#sequence = state.sequence;
    this.#named = state.named;
    this.syncs = new Table(state.syncs);
    this.records = new Table(state.records);
    this.links = new Table(state.links);
    this.notes = new Table(state.notes);
    this.drainSeqs = new Table(state.drainSeqs);
    this.takes = new Table(state.takes);
    this.drainOrders = new Table(state.drainOrders);
    this.journal = new Table(state.journal);
    this.history = new Table(state.history);
    this.issues = new Table(state.issues);
    this.runs = new Table(state.runs);
    this.cursors = new Table(state.cursors);
    this.holds = new Table(state.holds);
  }

  get currentNumber(): number {
    return this.#sequence;
  }

  nextNumber(): number {
    return (this.#sequence += 1);
  }

  /** The next number is larger. */
  skipTo(number: number): void {
    this.#sequence = Math.max(this.#sequence, number);
  }

  newId(kind: 'run' | 'review' | 'issue' | 'hold'): string {
    return `${kind}-${(this.#named += 1)}`;
  }

  /** What the step has made of it. The tables must not be written any more. */
  state(): LedgerState {
    return {
      sequence: this.#sequence, named: this.#named, syncs: this.syncs.rows, records: this.records.rows, links: this.links.rows, notes: this.notes.rows,
      drainSeqs: this.drainSeqs.rows, takes: this.takes.rows, drainOrders: this.drainOrders.rows, journal: this.journal.rows, history: this.history.rows, issues: this.issues.rows, runs: this.runs.rows, cursors: this.cursors.rows, holds: this.holds.rows,
    };
  }
}
