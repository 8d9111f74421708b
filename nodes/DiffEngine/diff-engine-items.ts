import { z } from 'zod';
import type { LedgerRow, Observation, RunContext } from '../../core/model';
import type { TargetRead } from '../../core/stages/pair-targets';
import { SyncError } from '../../core/sync-error';
import { observationIfAny, recordKeyOf, rowOf, runOf, sourceOf, type IncomingJson } from '../shared/envelope';

export interface SourceItem {
  readonly run: RunContext;
  readonly record_key: string;
  readonly source: Observation;
  readonly row: LedgerRow | null;
  readonly held_fields: readonly string[];
  /** When the target's reader kept the source's item, one item carries both sides. */
  readonly target: Observation | null;
}

const names = z.array(z.string());

export function readSourceItem(json: IncomingJson): SourceItem {
  const run = runOf(json);
  const source = sourceOf(json);
  if (source.system !== run.source) throw new SyncError('bad_item', `\`source\` is of "${source.system}", but this run's source is "${run.source}".`, 'Connect Echo Guard to the input Source.');
  const row = rowOf(json);
  const record_key = row?.record_key ?? recordKeyOf(json) ?? source.record_key;
  if (record_key === null) throw new SyncError('bad_item', '`record_key` is missing.', 'Connect this node behind Sync Ledger Check, operation Check.');
  const held = names.safeParse(json['held_fields'] ?? []);
  if (!held.success) throw new SyncError('bad_item', '`held_fields` is no list of field names.', 'Leave it as Echo Guard made it.');
  const target = observationIfAny(json);
  return { run, record_key, source, row, held_fields: held.data, target: target?.system === run.target ? target : null };
}

/** A reader that was asked for one record keeps that record's key; a listing has none. */
export function readTargetItem(json: IncomingJson): TargetRead {
  const observation = observationIfAny(json);
  if (observation === null) throw new SyncError('bad_item', '`observation` is missing.', 'Connect Normalize of the target system to the input Target.');
  const asked = json['source'] !== undefined && json['source'] !== null;
  return { observation, answers: asked ? rowOf(json)?.record_key ?? recordKeyOf(json) : null };
}

