/**
 * Guards over a whole batch, before any write. What a guard asks is data (`GuardTest`), made of settings and batch here; the store
 * only adds what it alone knows. PostgreSQL says the same as `decideGuard` in `ledger/postgres/migrations/0012-holds.ts`.
 */
import type { RecordKey, SystemName, WriteOperation } from '../model';
import { FEW_RECORDS, SYNC_WINDOW_SECONDS, type GuardSettings } from './guard-settings';
import type { GuardName, HoldFacts } from './holds';

/** What the guards need to know of one planned record. */
export interface GuardedItem {
  readonly record_key: RecordKey;
  /** 0 for a record that the ledger does not know. */
  readonly version: number;
  readonly intents: readonly { readonly system: SystemName; readonly op: WriteOperation }[];
  readonly findings: Findings;
}

/** What was found out about a record beside its writes. */
export interface Findings {
  /** Systems that held the record and hold it no more. */
  readonly gone_in: readonly SystemName[];
  /** Systems whose mapping is another one than that of the snapshot. */
  readonly remapped_in: readonly SystemName[];
  /** Largest fencing token on a stamp of this sync found on the record; 0 without one. */
  readonly stamp: number;
}

/** What the log of runs counts, beside outcomes: the guards look back on it. */
export type Counter = 'planned_write' | 'planned_delete';

export interface GuardTest {
  readonly guard: Exclude<GuardName, 'writes_per_record' | 'paused' | 'credentials'>;
  readonly subject: HoldFacts['subject'];
  /** In this batch. */
  readonly counted: number;
  /** More than that trips. */
  readonly count: number | null;
  /** More than this share of the known records trips, but never as few as `FEW_RECORDS`. */
  readonly percent: number | null;
  /** What earlier runs of the window add. */
  readonly counter: Counter | null;
  readonly window_seconds: number;
}

/** What only the ledger knows. */
export interface GuardFacts {
  /** Of the counter, within the window. */
  readonly earlier: number;
  /** Known records, counted up to `enoughRecords`. */
  readonly known: number;
  /** What a person released lately: it comes on top of the limit. */
  readonly released: number;
  /** The ledger's youngest number. */
  readonly sequence: number;
}

export function guardTests(settings: GuardSettings, items: readonly GuardedItem[]): readonly GuardTest[] {
  const { mass_delete, everything_changed, side_emptied, writes_per_sync } = settings;
  const intents = items.flatMap((item) => item.intents);
  const known = items.filter(({ version }) => version > 0);
  const tests: GuardTest[] = [
    // First: whoever cannot trust the ledger need not look at its numbers.
    { ...NOTHING, guard: 'ledger_behind', subject: '', counted: Math.max(0, ...items.map(({ findings }) => findings.stamp)) },
    ...perSystem(items, 'remapped_in').map(([subject, counted]): GuardTest => ({ ...NOTHING, guard: 'mapping_changed', subject, counted, count: 0 })),
  ];
  if (side_emptied !== null) tests.push(...perSystem(known, 'gone_in').map(([subject, counted]): GuardTest => ({ ...NOTHING, guard: 'side_emptied', subject, counted, percent: side_emptied.percent })));
  if (mass_delete !== null) tests.push({ ...mass_delete, guard: 'mass_delete', subject: '', counted: intents.filter(({ op }) => op === 'delete').length, counter: 'planned_delete', window_seconds: SYNC_WINDOW_SECONDS });
  if (everything_changed !== null) tests.push({ ...NOTHING, guard: 'everything_changed', subject: '', counted: known.filter(({ intents: own }) => own.some(({ op }) => op === 'update')).length, percent: everything_changed.percent });
  if (writes_per_sync !== null) tests.push({ ...NOTHING, guard: 'writes_per_sync', subject: '', counted: intents.length, count: writes_per_sync.count, counter: 'planned_write', window_seconds: SYNC_WINDOW_SECONDS });
  // A batch that adds nothing to what is counted trips nothing, whatever earlier runs did.
  return tests.filter(({ counted }) => counted > 0);
}

const NOTHING = { count: null, percent: null, counter: null, window_seconds: 0 } as const;

function perSystem(items: readonly GuardedItem[], finding: 'gone_in' | 'remapped_in'): readonly (readonly [SystemName, number])[] {
  const counts = new Map<SystemName, number>();
  for (const { findings } of items) for (const system of findings[finding]) counts.set(system, (counts.get(system) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** With as many known records the percentage lets everything pass: a ledger of millions need not be counted to the end. 0: not needed at all. */
export function enoughRecords({ counted, percent }: GuardTest, earlier: number): number {
  const total = counted + earlier;
  return percent === null || total <= FEW_RECORDS ? 0 : Math.ceil((total * 100) / percent);
}

/** Null: it may pass. */
export function decideGuard(test: GuardTest, facts: GuardFacts): HoldFacts | null {
  const { guard, subject } = test;
  if (guard === 'ledger_behind') return test.counted > facts.sequence ? { guard, subject, counted: test.counted, allowed: facts.sequence, known: null } : null;
  const counted = test.counted + facts.earlier;
  const enough = enoughRecords(test, facts.earlier);
  const share = test.percent === null ? null : Math.max(FEW_RECORDS, Math.floor((facts.known * test.percent) / 100));
  const limit = Math.min(test.count ?? Infinity, share === null || (enough > 0 && facts.known >= enough) ? Infinity : share);
  const allowed = limit + facts.released;
  return counted <= allowed ? null : { guard, subject, counted, allowed, known: enough > 0 && facts.known < enough ? facts.known : null };
}

/** One record that is written again and again. It is held by itself. @param earlier its writes within the window */
export function decideRecordGuard(settings: GuardSettings, item: GuardedItem, earlier: number, released: number): HoldFacts | null {
  if (settings.writes_per_record === null) return null;
  const counted = item.intents.length + earlier;
  const allowed = settings.writes_per_record.count + released;
  return counted <= allowed ? null : { guard: 'writes_per_record', subject: item.record_key, counted, allowed, known: null };
}

