import type { Actor } from './change-feed';
import type { FieldChanges } from './field-values';
import type { Json } from './json';

export type LogEntry = {
  readonly n: number;
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly record_id: string | null;
  readonly status: number;
  readonly by: Actor;
  readonly changed: { readonly [path: string]: readonly [from: Json, to: Json] };
  readonly idempotency_key: string | null;
  readonly if_match: string | null;
  readonly replayed: boolean;
};

export type LogFacts = Omit<LogEntry, 'n' | 'at' | 'changed'> & { readonly changes: FieldChanges };

const ZERO = {
  reads: 0, // single records
  lists: 0,
  writes: 0, // PATCHes that were carried out, even if they changed nothing
  creates: 0,
  deletes: 0,
  rejected: 0, // answered 4xx or 5xx, 429 aside
  rate_limited: 0,
  replayed: 0,
  webhooks_sent: 0, // delivery attempts answered 2xx
  webhooks_failed: 0, // delivery attempts that were not
};
export type Counters = typeof ZERO;

const KEPT = 50_000;

/** The evidence: what was asked of the system, by whom, and what it changed. Claims such as "one write" are counted from here. */
export class RequestLog {
  private entries: LogEntry[] = [];
  private lastN = 0;
  private totals: Counters = { ...ZERO };

  constructor(private readonly clock: () => number) {}

  get counters(): Counters {
    return { ...this.totals };
  }

  since(n: number): readonly LogEntry[] {
    return this.entries.filter((entry) => entry.n > n);
  }

  /** The last changes of records, newest first. */
  activity(limit: number): readonly LogEntry[] {
    const isChange = (entry: LogEntry): boolean => entry.method !== 'GET' && entry.status < 300 && !entry.replayed && entry.record_id !== null;
    return this.entries.filter(isChange).slice(-limit).reverse();
  }

  add(facts: LogFacts): void {
    const { changes, ...entry } = facts;
    this.lastN += 1;
    const changed = Object.fromEntries([...changes].map(([path, { from, to }]) => [path, [from, to] as const]));
    this.entries.push({ n: this.lastN, at: new Date(this.clock()).toISOString(), ...entry, changed });
    if (this.entries.length > KEPT) this.entries = this.entries.slice(-KEPT);
  }

  count(counter: keyof Counters): void {
    this.totals[counter] += 1;
  }

  resetCounters(): void {
    this.totals = { ...ZERO };
  }

  clear(): void {
    this.entries = [];
    this.resetCounters();
  }
}
