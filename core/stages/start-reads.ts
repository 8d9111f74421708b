/** What a run reads: of its source, and of what only the reverse direction can read. */
import type { NotedHint } from '../ledger-request';
import type { Hint, RecordKey, RunContext } from '../model';

/** What one incoming item asks to be read. */
export interface Starting {
  readonly hints: readonly Hint[];
  /** Both sides must be compared, whatever the source looks like. */
  readonly full: boolean;
  readonly as_record_key: RecordKey | null;
  /** Only a run of the reverse direction can find what is missing: the target's records are read as its source. */
  readonly from_target: boolean;
  /** 0 for the first pass. */
  readonly attempt: number;
}

/** One record to read. */
export interface StartRead {
  /** Items it came from. */
  readonly from: readonly number[];
  readonly hint: Hint;
  readonly full: boolean;
  readonly as_record_key: RecordKey | null;
  readonly record_key: RecordKey | null;
}

interface Asking {
  readonly index: number;
  readonly value: Starting;
}

/**
 * What this run reads of its source, and what only the reverse direction can read: a record of the target that no source
 * record is linked to. A hint about a linked target record asks for the source's record instead, one read a record, and
 * then both sides have to be compared: the source looks unchanged, it is the other one that was edited.
 */
export function readsOf({ source }: Pick<RunContext, 'source'>, items: readonly Asking[], noted: readonly NotedHint[]): { readonly own: readonly StartRead[]; readonly other: readonly StartRead[] } {
  const askers = askersOf(items);
  const own = new Map<string, StartRead>();
  const other = new Map<string, StartRead>();
  for (const { system, native_id, record_key, source_id } of noted) {
    const asking = askers.get(hintKey({ system, native_id })) ?? [];
    const read = {
      from: asking.map(({ index }) => index),
      full: system !== source || asking.some(({ value }) => value.full),
      as_record_key: asking.map(({ value }) => value.as_record_key).find((key) => key !== null) ?? null,
      record_key,
    };
    const reversed = system !== source && asking.some(({ value }) => value.from_target);
    if (source_id === null || reversed) other.set(native_id, { ...read, full: asking.some(({ value }) => value.full), hint: { system, native_id } });
    else own.set(source_id, merged(own.get(source_id), { ...read, hint: { system: source, native_id: source_id } }));
  }
  return { own: [...own.values()], other: [...other.values()] };
}

/** Unambiguous, whatever the two texts hold. */
const hintKey = ({ system, native_id }: Hint): string => `${system.length}:${system}${native_id}`;

function askersOf(items: readonly Asking[]): ReadonlyMap<string, readonly Asking[]> {
  const askers = new Map<string, Asking[]>();
  for (const item of items) {
    for (const key of new Set(item.value.hints.map(hintKey))) {
      const others = askers.get(key);
      if (others === undefined) askers.set(key, [item]);
      else others.push(item);
    }
  }
  return askers;
}

function merged(earlier: StartRead | undefined, read: StartRead): StartRead {
  if (earlier === undefined) return read;
  return {
    from: [...new Set([...earlier.from, ...read.from])].sort((a, b) => a - b),
    hint: read.hint,
    full: earlier.full || read.full,
    as_record_key: earlier.as_record_key ?? read.as_record_key,
    record_key: earlier.record_key ?? read.record_key,
  };
}
