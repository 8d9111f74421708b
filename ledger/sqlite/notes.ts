/** Notes: what Start was told and nobody has finished yet. Unhandled means `hint_seq > handled_seq`. */
import { z } from 'zod';
import type { Hint, RecordKey } from '../../core/model';
import type { SqliteConnection } from './driver';
import { hintList, PAIRS } from './pair-list';
import type { Note } from '../steps/step';
import { nextNumber, nextNumbers } from './sequence';

const NOTE = `INSERT INTO sync_notes (sync, system, native_id, hint_seq, handled_seq, record_key) VALUES (?, ?, ?, ?, 0, ?)
  ON CONFLICT (sync, system, native_id) DO UPDATE SET hint_seq = excluded.hint_seq, record_key = coalesce(excluded.record_key, record_key)`;
const UNLINKED = `INSERT INTO sync_notes (sync, system, native_id, hint_seq, handled_seq, unlinked_seq, record_key) VALUES (?, ?, ?, 0, 0, ?, NULL)
  ON CONFLICT (sync, system, native_id) DO UPDATE SET unlinked_seq = excluded.unlinked_seq`;
const HAND_OVER = `UPDATE sync_notes SET record_key = ? WHERE sync = ? AND system = ? AND native_id = ?`;
const CLAIM = `UPDATE sync_notes SET record_key = ?1 WHERE sync = ?2 AND system = ?3 AND native_id = ?4 AND record_key IS NOT ?1`;
const LEAVE = `UPDATE sync_notes SET record_key = ? WHERE sync = ? AND record_key = ?`;
const NOTE_ALL = `INSERT INTO sync_notes (sync, system, native_id, hint_seq, handled_seq, record_key) SELECT ?1, e.system, e.id, ?3 + e.place, 0, NULL FROM ${PAIRS} e WHERE true
  ON CONFLICT (sync, system, native_id) DO UPDATE SET hint_seq = excluded.hint_seq`;
// A difference for >: said as in the index of unhandled notes, all of those would be gone through to find these.
const HANDLE = `UPDATE sync_notes SET handled_seq = hint_seq WHERE sync = ?1 AND (system, native_id) IN (SELECT e.value ->> 0, e.value ->> 1 FROM json_each(?2) e) AND hint_seq <= ?3 AND hint_seq - handled_seq > 0`;
const ONE = `SELECT system, native_id, hint_seq, handled_seq, unlinked_seq FROM sync_notes WHERE sync = ? AND system = ? AND native_id = ?`;
const OF_RECORD = `SELECT system, native_id, hint_seq, handled_seq, unlinked_seq FROM sync_notes WHERE sync = ?1 AND record_key = ?2
  UNION SELECT n.system, n.native_id, n.hint_seq, n.handled_seq, n.unlinked_seq FROM sync_links l
    JOIN sync_notes n ON n.sync = l.sync AND n.system = l.system AND n.native_id = l.native_id WHERE l.sync = ?1 AND l.record_key = ?2
  ORDER BY 1, 2`;

const noteSchema = z.object({ system: z.string(), native_id: z.string(), hint_seq: z.number(), handled_seq: z.number(), unlinked_seq: z.number() });

/** A new, unhandled hint. `record_key`: the row whose Commit must find it, when the native id is not linked to that row. */
export function noteHint(connection: SqliteConnection, sync: string, hint: Hint, record_key: RecordKey | null): void {
  connection.run(NOTE, sync, hint.system, hint.native_id, nextNumber(connection), record_key);
}

/** New, unhandled hints in their order, each once: as `noteHint`, in one statement. */
export function noteHints(connection: SqliteConnection, sync: string, hints: readonly Hint[]): void {
  if (hints.length > 0) connection.run(NOTE_ALL, sync, hintList(hints), nextNumbers(connection, hints.length));
}

/** Busy: the holder of the row's lease takes the note over. Start made it; without Start (a sub-workflow alone) it is made here. */
export function handNoteOver(connection: SqliteConnection, sync: string, hint: Hint, record_key: RecordKey): void {
  if (connection.run(HAND_OVER, record_key, sync, hint.system, hint.native_id) === 0) noteHint(connection, sync, hint, record_key);
}

export function claimNote(connection: SqliteConnection, sync: string, hint: Hint, record_key: RecordKey): void {
  connection.run(CLAIM, record_key, sync, hint.system, hint.native_id);
}

/** The row that had this native id has another one in its place. */
export function noteUnlinked(connection: SqliteConnection, sync: string, hint: Hint): void {
  connection.run(UNLINKED, sync, hint.system, hint.native_id, nextNumber(connection));
}

export function leaveNotes(connection: SqliteConnection, sync: string, record_key: RecordKey, heir: RecordKey): void {
  connection.run(LEAVE, heir, sync, record_key);
}

/** Only notes that are not younger than the run's token: a younger one tells of something this run has not read. */
export function handleNotes(connection: SqliteConnection, sync: string, hints: readonly Hint[], read_token: number): void {
  if (hints.length > 0) connection.run(HANDLE, sync, hintList(hints), read_token);
}

/** Notes of the row's linked native ids, of those handed over to it, and of `also`. */
export function notesOf(connection: SqliteConnection, sync: string, record_key: RecordKey, also: readonly Hint[]): readonly Note[] {
  const found = [
    ...connection.all(OF_RECORD, sync, record_key),
    ...also.map((hint) => connection.get(ONE, sync, hint.system, hint.native_id)).filter((row) => row !== undefined),
  ].map((row) => noteSchema.parse(row));
  return [...new Map(found.map((note) => [JSON.stringify([note.system, note.native_id]), note])).values()];
}
