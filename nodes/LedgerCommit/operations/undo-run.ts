/** Undo of a run: leaves the decisions, tells what stays and why. Whoever is given a record of "To Undo" reads it at once; else the next sweep does. */
import type { IDataObject } from 'n8n-workflow';
import { z } from 'zod';
import { decideUndo, undoDrafts, undoSentence, type WrittenRecord } from '../../../core/policies/undo';
import type { LedgerStore, RunWrites, SyncScope, UndoVerdict } from '../../../ledger/ledger-store';
import type { ItemLoop } from '../../shared/item-loop';
import { ledgerOperation } from '../../shared/ledger-operation';
import { parameter } from '../../shared/parameters';
import { readSyncScope, requiredText } from '../../shared/sync-scope-properties';

const OUTPUTS = ['To Undo', 'Not Undone', 'Not Found', 'Failed'] as const;
type Loop = ItemLoop<(typeof OUTPUTS)[number]>;

interface Asked {
  readonly run_id: string;
  readonly by: string;
  readonly dry_run: boolean;
}

export const undoRun = ledgerOperation(OUTPUTS, 'Failed', async (loop, context, store) => {
  const scope = readSyncScope(context);
  const dry_run = parameter(context, 'dryRun', 'Dry Run', z.boolean());
  const asked = loop.read((_json, index): Asked => ({ run_id: requiredText(context, 'runId', 'Run ID', index), by: requiredText(context, 'decidedBy', 'Decided By', index), dry_run }));
  for (const { index, value } of asked) {
    const answer = await loop.together([index], async () => await leave(await store(), scope, value));
    if (answer !== null) place(loop, index, value, answer);
  }
});

interface Answer extends RunWrites {
  readonly verdicts: readonly UndoVerdict[];
}

async function leave(store: LedgerStore, scope: SyncScope, { run_id, by, dry_run }: Asked): Promise<Answer> {
  const writes = await store.writesOf(scope, run_id);
  const drafts = undoDrafts(writes.records, run_id, by);
  if (dry_run) return { ...writes, verdicts: drafts.map(({ record_key }) => ({ record_key, asked: true, read: [] })) };
  return { ...writes, verdicts: drafts.length === 0 ? [] : await store.undo(scope, drafts) };
}

function place(loop: Loop, index: number, { run_id, dry_run }: Asked, { counted, records, verdicts }: Answer): void {
  const stays = (record_key: string | null, reason: string, fields: IDataObject = {}): void => { loop.place('Not Undone', index, { record_key, run_id, fields, verdict: { kind: 'NotUndone', reason } }); };
  if (counted === null && records.length === 0) {
    loop.place('Not Found', index, { run_id, verdict: { kind: 'NotFound', reason: 'the ledger knows of no such run of this sync, or has forgotten it' } });
    return;
  }
  const verdictOf = new Map(verdicts.map((verdict) => [verdict.record_key, verdict]));
  for (const record of records) {
    const { record_key } = record;
    const verdict = verdictOf.get(record_key);
    const fields = sentences(record);
    if (verdict?.asked !== true) stays(record_key, [...new Set(Object.values(fields))].join('; '), fields);
    else if (dry_run) loop.place('To Undo', index, { record_key, run_id, fields, verdict: { kind: 'Preview' } });
    // As a Recheck names what to read, so that Start can take this item as it is.
    else loop.place('To Undo', index, { record_key, run_id, fields, verdict: { kind: 'Decided', claimed_by: null, read: verdict.read, retry_after_seconds: null } });
  }
  const unknown = (counted ?? 0) - records.reduce((sum, { effect }) => sum + effect.writes, 0);
  if (unknown > 0) stays(null, `${unknown} more ${unknown === 1 ? 'write' : 'writes'} of this run cannot be undone: the history does not know them. They did not go through, their outcome was never told, or retention has forgotten them.`);
  else if (records.length === 0) stays(null, 'this run wrote nothing');
}

const sentences = (record: WrittenRecord): Record<string, string> => Object.fromEntries([...decideUndo(record)].map(([field, state]) => [field, undoSentence(state)]));
