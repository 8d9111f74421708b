import type { CommitItem, ReserveItem } from '../ledger-request';
import type { LedgerRow, Observation, Plan, RecordKey, RunContext, WriteResult } from '../model';
import type { BatchFacts } from '../policies/field-rules';
import type { CompiledRules } from '../policies/rule-set';
import { decideRoute, type RouteVerdict } from './conflict-router';
import { computeDifference } from './diff-engine';
import { decideEcho } from './echo-guard';
import { commitItem } from './ledger-commit';
import { reserveItem } from './reserve-item';
import type { DiffSettings, EchoGuardSettings } from './stage-settings';

export interface PipelineSettings {
  readonly echo: EchoGuardSettings;
  readonly diff: DiffSettings;
  readonly rules: CompiledRules;
  readonly lease_seconds: number;
}

/** What was read of one record: both sides normalized, and the row as Check gave it. */
export interface PipelineInput {
  readonly record_key: RecordKey;
  readonly source: Observation;
  readonly target: Observation;
  readonly row: LedgerRow | null;
  /** True after a Recheck. */
  readonly full: boolean;
}

export type PipelineVerdict =
  | { readonly kind: 'Echo' | 'Unchanged'; readonly reason: string }
  | { readonly kind: 'Recheck'; readonly read: readonly { readonly system: string; readonly native_id: string }[]; readonly from_target: boolean }
  | { readonly kind: RouteVerdict['kind']; readonly plan: Plan; readonly reserve: ReserveItem; commit(fencingToken: number | null, writes: readonly WriteResult[]): CommitItem };

/**
 * The stages after Check in the order of the canvas, as one function over values that were already read: Echo Guard, Diff
 * Engine, Conflict Router, then what Reserve and Commit are asked to store.
 */
export function runPipeline(settings: PipelineSettings, run: RunContext, input: PipelineInput, facts: BatchFacts): PipelineVerdict {
  const { record_key, source, target, row, full } = input;
  const echo = decideEcho(settings.echo, run, { observation: source, row, full });
  if (echo.kind === 'Echo') return { kind: 'Echo', reason: echo.reason };
  const held_fields = echo.kind === 'Held' ? echo.held_fields : [];
  const difference = computeDifference(settings.diff, run, { record_key, source, target, row, held_fields, sources: new Map() });
  if (difference.kind === 'Unchanged') return { kind: 'Unchanged', reason: difference.reason };
  if (difference.kind === 'Recheck') return { kind: 'Recheck', read: difference.read, from_target: difference.from_target };
  const { kind, plan } = decideRoute(settings.rules, run, difference.difference, facts);
  return {
    kind,
    plan,
    reserve: reserveItem({ lease_seconds: settings.lease_seconds, sentinel: settings.echo.origin_stamp.sentinel }, run, plan, row, [source, target]),
    commit: (fencingToken, writes) => commitItem(run, plan, row, fencingToken === null ? null : { fencing_token: fencingToken }, writes),
  };
}
