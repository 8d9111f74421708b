/**
 * Which of the target's observations belongs to which source record, for a whole batch at once.
 *
 * A linked record is found by its native id and by nothing else: two contacts may share a match key, and a match key may
 * change. Only a record that exists and has no link is searched by match key. A link that a listing does not show is *not*
 * a delete (filters, permissions, pages that moved while they were read): the record has to be read directly.
 */
import type { LedgerRow, MappingSchema, Observation, RecordKey, RunContext } from '../model';
import { soughtRecord } from './sought-record';

export interface UnpairedSource {
  readonly run: RunContext;
  readonly record_key: RecordKey;
  readonly source: Observation;
  readonly row: LedgerRow | null;
}

export interface TargetRead {
  readonly observation: Observation;
  /** The record this was read for; null when it comes from a listing, which was read for nobody in particular. */
  readonly answers: RecordKey | null;
}

export type PairedTarget =
  | { readonly kind: 'Observed'; readonly target: Observation; readonly position: number | null }
  | { readonly kind: 'Unread'; readonly reason: string };

interface Found {
  readonly observation: Observation;
  readonly position: number;
}

export interface TargetIndex {
  readonly answers: ReadonlyMap<RecordKey, Found>;
  readonly byNativeId: ReadonlyMap<string, Found>;
  readonly byMatchKey: ReadonlyMap<string, readonly Found[]>;
  /** Of any observation: what a record that does not exist yet would be written with. */
  readonly schema: MappingSchema | null;
}

export function indexTargets(reads: readonly TargetRead[]): TargetIndex {
  const answers = new Map<RecordKey, Found>();
  const byNativeId = new Map<string, Found>();
  const byMatchKey = new Map<string, Found[]>();
  for (const [position, { observation, answers: key }] of reads.entries()) {
    const found = { observation, position };
    if (key !== null) answers.set(key, found);
    const { native_id, match_key, presence } = observation;
    if (native_id === null) continue;
    // The same record may be listed twice when it moves between pages: the later read counts, and it is one record.
    const earlier = byNativeId.get(native_id);
    byNativeId.set(native_id, found);
    if (presence !== 'present' || match_key === null) continue;
    const others = (byMatchKey.get(match_key) ?? []).filter((other) => other !== earlier);
    byMatchKey.set(match_key, [...others, found]);
  }
  return { answers, byNativeId, byMatchKey, schema: reads[0]?.observation.schema ?? null };
}

/** @param completeListing whether the reads show every record of the target: only then does absence mean "not there". */
export function pairTarget(index: TargetIndex, item: UnpairedSource, completeListing: boolean): PairedTarget {
  const { run, row, source, record_key } = item;
  const answer = index.answers.get(record_key);
  if (answer !== undefined) return observed(answer);

  const { native_id: link, match_key: searchable } = soughtRecord(row, run.target, source);
  if (link !== null) {
    const linked = index.byNativeId.get(link);
    return linked === undefined ? { kind: 'Unread', reason: 'its linked record was not read' } : observed(linked);
  }

  const matches = searchable === null ? [] : index.byMatchKey.get(searchable) ?? [];
  const [only, ...more] = matches;
  if (only !== undefined && more.length === 0) return observed(only);
  if (only !== undefined) return { kind: 'Observed', target: ambiguous(only.observation, matches), position: null };
  // Without a search key there is nothing a read could find. Without a schema nobody could say what to write.
  if (index.schema !== null && (completeListing || searchable === null)) {
    return { kind: 'Observed', target: nothing(run.target, index.schema), position: null };
  }
  return { kind: 'Unread', reason: 'no record with its match key was read' };
}

const observed = ({ observation, position }: Found): PairedTarget => ({ kind: 'Observed', target: observation, position });

function ambiguous(first: Observation, matches: readonly Found[]): Observation {
  const candidates = matches.map(({ observation }) => observation.native_id).filter((id) => id !== null);
  return { ...nothing(first.system, first.schema), presence: 'ambiguous', match_key: first.match_key, candidates };
}

function nothing(system: string, schema: MappingSchema): Observation {
  return {
    system, schema, presence: 'none', native_id: null, record_key: null, record: {}, fingerprint: null, match_key: null,
    etag: null, stamp: null, holds_stamps: false, updated_at: null, candidates: [],
  };
}
