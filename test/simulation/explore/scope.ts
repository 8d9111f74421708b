/** One bounded world to be explored whole: what it is made of, and how much may happen in it. */
import type { SystemName } from '../../../core/model';
import type { Quirks } from '../fake-system';

export const SYSTEMS = ['a', 'b'] as const;
export type Side = (typeof SYSTEMS)[number];

/** One value for each of the two systems. */
export type PerSide<T> = { readonly [side in Side]: T };

export function both<T>(value: T): PerSide<T> {
  return { a: value, b: value };
}

export function otherSide(side: Side): Side {
  return side === 'a' ? 'b' : 'a';
}

export function sideOf(system: SystemName): Side {
  const side = SYSTEMS.find((known) => known === system);
  if (side === undefined) throw new Error(`The explored world has no system "${system}".`);
  return side;
}

/** How often something may still happen. */
export interface Budget {
  readonly edits: PerSide<number>;
  readonly creates: PerSide<number>;
  readonly deletes: PerSide<number>;
  /** Deliveries of a hint that comes again. */
  readonly duplicates: number;
  readonly losses: number;
  /** A run ends between any two of its steps. */
  readonly crashes: number;
  /** The lease of a run that is still alive expires. (That of a crashed one always may.) */
  readonly expiries: number;
  /** A write lands, but its answer never comes; or neither does. */
  readonly timeouts: number;
  readonly decisions: number;
  /** Reads in which a system does not show the city. */
  readonly partials: number;
}

export interface Scope extends Budget {
  readonly name: string;
  readonly tier: 'quick' | 'full';
  /** How many runs may be under way at once. */
  readonly runs: number;
  /** Fields that users edit. */
  readonly fields: readonly ('name' | 'city')[];
  /** Whether both sides hold the record, synced, at the beginning. */
  readonly linked: boolean;
  /** Users may also set a value again that the field had before. */
  readonly setBacks: boolean;
  readonly conditional: PerSide<boolean>;
  /** Whether a system keeps the origin stamp. */
  readonly stamps: PerSide<boolean>;
  /** What system b makes of a name: nothing; a form that the mapping undoes; one that it does not know. */
  readonly reformats: 'no' | 'known' | 'unknown';
  /** Whether a system refuses a second record with one match key. */
  readonly uniqueKey: PerSide<boolean>;
  /** Whether a system answers a repeated create with the record it made the first time. */
  readonly idempotent: PerSide<boolean>;
  /** What the systems answer to a write: the record, the written fields, or only that it was taken. */
  readonly answers: Quirks['answers'];
  readonly rule: 'a wins' | 'b wins' | 'review';
  readonly echoGuard: boolean;
}

const NOTHING_HAPPENS: Budget = {
  edits: both(0), creates: both(0), deletes: both(0), duplicates: 0, losses: 0, crashes: 0, expiries: 0, timeouts: 0, decisions: 0, partials: 0,
};

/** Two runs, one field, a synced record, systems with conditional writes and stamps, system a wins: a scope says what differs. */
const USUAL: Omit<Scope, 'name' | 'tier'> = {
  ...NOTHING_HAPPENS,
  runs: 2, fields: ['name'], linked: true, setBacks: false, conditional: both(true), stamps: both(true), reformats: 'no',
  uniqueKey: both(false), idempotent: both(false), answers: 'whole', rule: 'a wins', echoGuard: true,
};

export function scope(tier: Scope['tier'], name: string, over: Partial<Omit<Scope, 'name' | 'tier'>>): Scope {
  return { ...USUAL, ...over, name, tier };
}
