import { z } from 'zod';
import type { Hint, RecordKey } from '../../../core/model';
import { SyncError } from '../../../core/sync-error';
import type { StartResult, SyncScope } from '../../../ledger/ledger-store';
import { hintIfAny, runIfAny, verdictOf, type IncomingJson } from '../../shared/envelope';
import type { ReadItem } from '../../shared/item-loop';

/** What one incoming item asks to be read. */
export interface Starting {
  readonly hints: readonly Hint[];
  /** Both sides must be compared, whatever the source looks like. */
  readonly full: boolean;
  readonly as_record_key: RecordKey | null;
  /** 0 for the first pass. */
  readonly attempt: number;
}

const attemptShape = z.number().int().min(0).default(0);

/**
 * A Recheck (or a decided review) says itself what must be read; another item names one record.
 * @param named the record that the form's parameters name
 */
export function startingOf(json: IncomingJson, scope: SyncScope, named: () => Hint): Starting {
  const verdict = verdictOf(json);
  const run = runIfAny(json);
  const starting: Starting = verdict?.read !== undefined
    ? { hints: verdict.read, full: true, as_record_key: verdict.claimed_by ?? null, attempt: run === null ? 0 : run.attempt + 1 }
    : {
        hints: [hintIfAny(json) ?? named()],
        full: json['full'] === true,
        as_record_key: typeof json['as_record_key'] === 'string' ? json['as_record_key'] : null,
        attempt: attemptShape.catch(0).parse(json['attempt'] ?? undefined),
      };
  if (starting.hints.length === 0) throw new SyncError('bad_item', 'the verdict names nothing to read.', 'Connect a Recheck output, or items that name a record.');
  const stranger = starting.hints.find(({ system }) => system !== scope.source && system !== scope.target);
  if (stranger !== undefined) {
    throw new SyncError('bad_item', `the system "${stranger.system}" is neither the source ("${scope.source}") nor the target ("${scope.target}").`, 'Use the two names of this sync.');
  }
  return starting;
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

/**
 * What this run reads of its source, and what only the reverse direction can read: a record of the target that no source
 * record is linked to. A hint about a linked target record asks for the source's record instead, one read a record, and
 * then both sides have to be compared: the source looks unchanged, it is the other one that was edited.
 */
export function readsOf(scope: SyncScope, items: readonly ReadItem<Starting>[], noted: StartResult['noted']): { readonly own: readonly StartRead[]; readonly other: readonly StartRead[] } {
  const askers = askersOf(items);
  const own = new Map<string, StartRead>();
  const other = new Map<string, StartRead>();
  for (const { system, native_id, record_key, links } of noted) {
    const asking = askers.get(hintKey({ system, native_id })) ?? [];
    const source_id = system === scope.source ? native_id : links?.[scope.source] ?? null;
    const read = {
      from: asking.map(({ index }) => index),
      full: system !== scope.source || asking.some(({ value }) => value.full),
      as_record_key: asking.map(({ value }) => value.as_record_key).find((key) => key !== null) ?? null,
      record_key,
    };
    if (source_id === null) other.set(native_id, { ...read, full: asking.some(({ value }) => value.full), hint: { system, native_id } });
    else own.set(source_id, merged(own.get(source_id), { ...read, hint: { system: scope.source, native_id: source_id } }));
  }
  return { own: [...own.values()], other: [...other.values()] };
}

const hintKey = ({ system, native_id }: Hint): string => JSON.stringify([system, native_id]);

function askersOf(items: readonly ReadItem<Starting>[]): ReadonlyMap<string, readonly ReadItem<Starting>[]> {
  const askers = new Map<string, ReadItem<Starting>[]>();
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
