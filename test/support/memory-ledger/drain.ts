/** Bursts, as in `ledger/sqlite/drain.ts`. */
import type { RunContext } from '../../../core/model';
import type { NoteRequest, NoteResult, TakeRequest, TakeResult } from '../../../ledger/ledger-store';
import { isUnhandled } from '../../../ledger/steps/step';
import { noteHint } from './notes';
import { linkHolder } from './records';
import { addRun } from './runs';
import { distinct, register, notedHint } from './start';
import { keyOf, type StoredNote, type StoredTake } from './state';
import type { Tables } from './tables';

const after = (now: string, seconds: number): string => new Date(Date.parse(now) + seconds * 1000).toISOString();
const takesOf = (tables: Tables, sync: string): readonly (readonly [string, StoredTake])[] => Object.entries(tables.takes.rows).filter(([, taken]) => taken.sync === sync);

export function noteHints(tables: Tables, request: NoteRequest, now: string): NoteResult {
  const { sync } = request;
  register(tables, { ...request, dry_run: false });
  const hints = distinct(request.hints);
  for (const hint of hints) {
    noteHint(tables, sync, hint, null);
    tables.drainSeqs.put(keyOf(sync, hint.system, hint.native_id), { drain_seq: tables.currentNumber });
  }
  const drained = takesOf(tables, sync).some(([, taken]) => taken.taken_by !== null && taken.taken_until > now);
  const order = hints.length > 0 && !drained && (tables.drainOrders.get(keyOf(sync)) ?? '') <= now;
  if (order) tables.drainOrders.put(keyOf(sync), after(now, request.order_seconds));
  return { noted: hints.length, order };
}

export function take(tables: Tables, request: TakeRequest, now: string): TakeResult {
  const { sync, drain, source, target } = request;
  register(tables, { ...request, dry_run: false });
  for (const [key, taken] of takesOf(tables, sync)) {
    if (taken.taken_until <= now) tables.takes.remove(key);
    else if (taken.taken_by === drain) tables.takes.put(key, { ...taken, taken_by: null });
  }
  const others = new Set(takesOf(tables, sync).flatMap(([, taken]) => (taken.taken_by === null ? [] : [taken.taken_by])));
  if (others.size >= request.drains_at_once) return { kind: 'Draining' };
  tables.drainOrders.remove(keyOf(sync));
  const waiting = waitingNotes(tables, request, now);
  const [oldest] = waiting;
  if (oldest === undefined) return { kind: 'NothingLeft' };
  const batch = waiting.filter((note) => note.system === oldest.system).slice(0, request.limit);
  for (const note of batch) tables.takes.put(noteKey(note), { sync, taken_by: drain, taken_seq: note.hint_seq, taken_until: after(now, request.hold_seconds) });
  const direction = oldest.system === source ? { source, target } : { source: target, target: source };
  const run: RunContext = { sync, record_type: request.record_type, ...direction, run_id: tables.newId('run'), read_token: tables.nextNumber(), dry_run: false, attempt: 0 };
  addRun(tables, run, { cause: 'drain', execution_id: request.execution_id }, now);
  return { kind: 'Taken', run, noted: batch.map(({ system, native_id }) => notedHint(tables, sync, system, { system, native_id })) };
}

const noteKey = ({ sync, system, native_id }: StoredNote): string => keyOf(sync, system, native_id);

function waitingNotes(tables: Tables, { sync, source, target }: TakeRequest, now: string): readonly StoredNote[] {
  const notes = Object.values(tables.notes.rows).filter((note) => note.sync === sync);
  const isHeld = (note: StoredNote): boolean => (tables.takes.get(noteKey(note))?.taken_by ?? null) !== null;
  const wasHad = (note: StoredNote): boolean => (tables.takes.get(noteKey(note))?.taken_seq ?? 0) >= note.hint_seq;
  const isForDrain = (note: StoredNote): boolean => isUnhandled(note) && (tables.drainSeqs.get(noteKey(note))?.drain_seq ?? 0) > note.handled_seq;
  const keysOf = (note: StoredNote): readonly (string | null)[] => [linkHolder(tables, sync, note.system, note.native_id), note.record_key];
  const busy = new Set(notes.filter(isHeld).flatMap(keysOf));
  const isBusy = (note: StoredNote): boolean => {
    const key = keysOf(note).find((known) => known !== null) ?? null;
    const row = key === null ? undefined : tables.records.get(keyOf(sync, key));
    return row !== undefined && (busy.has(key) || (row.lease !== null && row.lease.expires_at > now));
  };
  return notes.filter((note) => isForDrain(note) && [source, target].includes(note.system) && !isHeld(note) && !wasHad(note) && !isBusy(note)).sort((a, b) => a.hint_seq - b.hint_seq);
}

/** Whether a drain is at the note: then no sweep takes it up. */
export function isTaken(tables: Tables, note: StoredNote, now: string): boolean {
  const taken = tables.takes.get(noteKey(note));
  return taken !== undefined && taken.taken_by !== null && taken.taken_until > now;
}
