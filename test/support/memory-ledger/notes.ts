import type { Hint, RecordKey } from '../../../core/model';
import { isUnhandled } from '../../../ledger/steps/step';
import { keyOf, type StoredNote } from './state';
import type { Tables } from './tables';

const noteKey = (sync: string, hint: Hint): string => keyOf(sync, hint.system, hint.native_id);

export function noteHint(tables: Tables, sync: string, { system, native_id }: Hint, record_key: RecordKey | null): void {
  const key = noteKey(sync, { system, native_id });
  const present = tables.notes.get(key);
  tables.notes.put(key, { sync, system, native_id, hint_seq: tables.nextNumber(), handled_seq: present?.handled_seq ?? 0, unlinked_seq: present?.unlinked_seq ?? 0, record_key: record_key ?? present?.record_key ?? null });
}

export function handNoteOver(tables: Tables, sync: string, hint: Hint, record_key: RecordKey): void {
  if (tables.notes.get(noteKey(sync, hint)) === undefined) noteHint(tables, sync, hint, record_key);
  else claimNote(tables, sync, hint, record_key);
}

export function claimNote(tables: Tables, sync: string, hint: Hint, record_key: RecordKey): void {
  const key = noteKey(sync, hint);
  const note = tables.notes.get(key);
  if (note !== undefined && note.record_key !== record_key) tables.notes.put(key, { ...note, record_key });
}

export function noteUnlinked(tables: Tables, sync: string, { system, native_id }: Hint): void {
  const key = noteKey(sync, { system, native_id });
  const present = tables.notes.get(key) ?? { sync, system, native_id, hint_seq: 0, handled_seq: 0, record_key: null };
  tables.notes.put(key, { ...present, unlinked_seq: tables.nextNumber() });
}

export function leaveNotes(tables: Tables, sync: string, record_key: RecordKey, heir: RecordKey): void {
  for (const note of Object.values(tables.notes.rows)) if (note.sync === sync && note.record_key === record_key) claimNote(tables, sync, note, heir);
}

/** Only a note that is not younger than the run's token: a younger one tells of something this run has not read. */
export function handleNote(tables: Tables, sync: string, hint: Hint, read_token: number): void {
  const key = noteKey(sync, hint);
  const note = tables.notes.get(key);
  if (note !== undefined && note.hint_seq <= read_token && isUnhandled(note)) tables.notes.put(key, { ...note, handled_seq: note.hint_seq });
}

/** Notes of the row's linked native ids, of those handed over to it, and of `also`. */
export function notesOf(tables: Tables, sync: string, record_key: RecordKey, also: readonly Hint[]): readonly StoredNote[] {
  const links = tables.records.get(keyOf(sync, record_key))?.links ?? {};
  const ofRecord = Object.values(tables.notes.rows)
    .filter((note) => note.sync === sync && (note.record_key === record_key || links[note.system] === note.native_id))
    .sort((a, b) => (keyOf(a.system, a.native_id) < keyOf(b.system, b.native_id) ? -1 : 1));
  const named = also.map((hint) => tables.notes.get(noteKey(sync, hint))).filter((note) => note !== undefined);
  return [...new Set([...ofRecord, ...named])];
}
