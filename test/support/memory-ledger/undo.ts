import type { CanonicalRecord, Hint, Pair, RecordKey } from '../../../core/model';
import { undoSubject, type UndoDraft } from '../../../core/policies/undo';
import { decisionSchema } from '../../../ledger/json-column';
import type { RunWrites, SyncScope, UndoVerdict } from '../../../ledger/ledger-store';
import { keptJson, keptRecords } from './kept';
import { noteHint } from './notes';
import { changeRow, linksOf, loadRow } from './records';
import { keyOf } from './state';
import type { Tables } from './tables';

export function writesOf(tables: Tables, { sync }: SyncScope, run_id: string): RunWrites {
  const rows = Object.values(tables.records.rows).filter((row) => row.sync === sync).sort((a, b) => (a.record_key < b.record_key ? -1 : 1));
  const run = tables.runs.get(run_id);
  return {
    counted: run?.sync === sync ? run.counts['write'] ?? 0 : null,
    records: rows.flatMap(({ record_key, reviews }) => {
      const effect = tables.history.get(keyOf(sync, record_key))?.findLast((line) => line.run_id === run_id && line.effect !== null)?.effect ?? null;
      return effect === null ? [] : [{ record_key, effect, waiting: reviews.some(({ subject }) => subject === undoSubject(run_id)), holds: heldBy(tables, sync, record_key) }];
    }),
  };
}

function heldBy(tables: Tables, sync: string, record_key: RecordKey): Pair<CanonicalRecord> {
  const snapshots = Object.entries(loadRow(tables, sync, record_key)?.snapshots ?? {});
  return Object.fromEntries(snapshots.filter(([, { presence }]) => presence === 'present').map(([system, { record }]) => [system, record]));
}

export function undo(tables: Tables, scope: SyncScope, drafts: readonly UndoDraft[]): readonly UndoVerdict[] {
  return drafts.map((draft) => leave(tables, scope, draft));
}

function leave(tables: Tables, { sync, source }: SyncScope, { record_key, ...draft }: UndoDraft): UndoVerdict {
  const row = loadRow(tables, sync, record_key);
  const seq = tables.nextNumber();
  if (row === null || row.reviews.some(({ subject }) => subject === draft.subject)) return { record_key, asked: false, read: [] };
  const links = linksOf(tables, sync, record_key);
  changeRow(tables, sync, record_key, {
    reviews: [...row.reviews, {
      ...draft, record_key, id: tables.newId('review'), seq, fields: [...draft.fields], values: keptRecords(draft.values), base: keptRecords(draft.base),
      status: 'decided', decision: decisionSchema.parse(keptJson(draft.decision)), source: { system: source, native_id: links[source] ?? null },
    }],
  });
  const read = Object.entries(links).map(([system, native_id]): Hint => ({ system, native_id }));
  for (const hint of read) noteHint(tables, sync, hint, record_key);
  return { record_key, asked: true, read };
}
