import { canonicalRecord } from '../../../core/json/canonical-record';
import { directionOf, type RecordKey } from '../../../core/model';
import { decideErasure } from '../../../ledger/erasure';
import type { EraseVerdict, SyncScope } from '../../../ledger/ledger-store';
import { keyOf, type StoredRow } from './state';
import type { Tables } from './tables';

export function erase(tables: Tables, scope: SyncScope, record_key: RecordKey, now: string): EraseVerdict {
  const key = keyOf(scope.sync, record_key);
  const row = tables.records.get(key) ?? null;
  const refusal = decideErasure(row, now);
  if (refusal !== null || row === null) return refusal ?? { kind: 'Unknown' };
  const emptied = withoutValues(row);
  const purged = emptied.purged + eraseAround(tables, scope, row);
  if (purged > 0 || row.lease !== null) tables.records.put(key, { ...emptied.row, version: row.version + 1, changed_seq: tables.nextNumber(), lease: null });
  return { kind: 'Erased', purged };
}

function withoutValues(row: StoredRow): { readonly row: StoredRow; readonly purged: number } {
  const nothing = canonicalRecord([]);
  const isEmpty = (record: object): boolean => Object.keys(record).length === 0;
  const full = Object.values(row.snapshots).filter((snapshot) => !isEmpty(snapshot.record)).length;
  const changed = row.intents.filter((intent) => intent.op !== 'create' || !isEmpty(intent.to) || !isEmpty(intent.from) || intent.overrides.length > 0 || intent.match_key !== null || intent.echo_fingerprint !== null).length;
  return {
    purged: full + changed + row.reviews.length,
    row: {
      ...row,
      reviews: [],
      snapshots: Object.fromEntries(Object.entries(row.snapshots).map(([system, snapshot]) => [system, { ...snapshot, record: nothing }])),
      intents: row.intents.filter(({ op }) => op === 'create').map((intent) => ({ ...intent, to: nothing, from: nothing, overrides: [], match_key: null, echo_fingerprint: null, superseded: true })),
    },
  };
}

/** Journal, history and issues of the record. */
function eraseAround(tables: Tables, scope: SyncScope, row: StoredRow): number {
  const directions = [directionOf(scope.source, scope.target), directionOf(scope.target, scope.source)];
  const [journalKey, historyKey] = [keyOf(row.record_key), keyOf(scope.sync, row.record_key)];
  const tuples = tables.journal.get(journalKey) ?? [];
  const kept = tuples.filter((tuple) => !directions.includes(tuple.direction));
  if (kept.length > 0) tables.journal.put(journalKey, kept);
  else tables.journal.remove(journalKey);
  const lines = tables.history.get(historyKey)?.length ?? 0;
  tables.history.remove(historyKey);
  const issues = Object.entries(tables.issues.rows).filter(([, issue]) => issue.sync === scope.sync && (issue.record_key === row.record_key || (issue.native_id !== null && row.links[issue.system] === issue.native_id)));
  for (const [key] of issues) tables.issues.remove(key);
  return tuples.length - kept.length + lines + issues.length;
}
