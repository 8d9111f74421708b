/** One run of the sync as plain JSON: what has been read, what waits to be asked. Dropping it is a crash. */
import type { CheckItem, CheckVerdict, CommitItem, CommitVerdict, FinishItem, ReserveItem, ReserveVerdict, StartRequest, StartResult } from '../../../ledger/ledger-store';
import type { CompiledMapping } from '../../../core/mapping';
import type { LedgerRow, Observation, Pair, Plan, RecordKey, RunContext, SystemName, WriteResult } from '../../../core/model';
import type { CompiledRules } from '../../../core/policies/rule-set';
import type { WriteRequest } from '../../../core/stages/denormalize';
import type { Asked } from '../../../core/stages/read-response';
import type { DiffSettings, EchoGuardSettings } from '../../../core/stages/stage-settings';
import type { StartRead, Starting } from '../../../core/stages/start-reads';

export interface MachineSettings {
  readonly sync: string;
  readonly record_type: string;
  readonly mappings: Pair<CompiledMapping>;
  readonly rules: CompiledRules;
  readonly echo: EchoGuardSettings;
  readonly diff: DiffSettings;
  readonly lease_seconds: number;
  /** Passes of one record before its note is left to a sweep. */
  readonly max_attempts: number;
  readonly recent_seconds: number;
  /** ISO 8601; only `latest, guarded` looks at it. */
  readonly now: string;
  /** Where a search's hits lie in the body. */
  readonly list_path: string;
}

export type Effect =
  | { readonly kind: 'start'; readonly request: StartRequest }
  | { readonly kind: 'read'; readonly system: SystemName; readonly asked: Asked }
  | { readonly kind: 'check'; readonly run: RunContext; readonly items: readonly CheckItem[] }
  | { readonly kind: 'reserve'; readonly run: RunContext; readonly items: readonly ReserveItem[] }
  | { readonly kind: 'write'; readonly system: SystemName; readonly request: WriteRequest }
  | { readonly kind: 'commit'; readonly run: RunContext; readonly items: readonly CommitItem[] }
  | { readonly kind: 'finish'; readonly run: RunContext; readonly items: readonly FinishItem[] };

/** `failed`: the ledger did not answer. A system's broken connection is a response, `{ error }`. */
export type Answer =
  | { readonly kind: 'start'; readonly result: StartResult }
  | { readonly kind: 'check'; readonly verdicts: readonly CheckVerdict[] }
  | { readonly kind: 'reserve'; readonly verdicts: readonly ReserveVerdict[] }
  | { readonly kind: 'commit'; readonly verdicts: readonly CommitVerdict[] }
  | { readonly kind: 'finish' }
  | { readonly kind: 'response'; readonly response: unknown }
  | { readonly kind: 'failed'; readonly reason: string };

/** A pass to come: the first one, a Recheck, or what only the other direction can read. */
export interface Job {
  readonly source: SystemName;
  readonly target: SystemName;
  readonly cause: string;
  readonly items: readonly Starting[];
  /** What a system asked for before it is spoken to again. */
  readonly wait_seconds: number;
}

/** A source record on its way to the target's reader. */
export interface Compared {
  readonly record_key: RecordKey;
  readonly source: Observation;
  readonly row: LedgerRow | null;
  readonly full: boolean;
  readonly held_fields: readonly string[];
}

/** A plan on its way to the ledger and to the writers. */
export interface Planned {
  readonly plan: Plan;
  readonly row: LedgerRow | null;
  readonly source: Observation;
  readonly target: Observation;
  readonly fencing_token: number | null;
  readonly writes: readonly WriteResult[];
}

/** One pass over a batch. Each list is a queue in front of one step; what is done leaves its queue. */
export interface Pass {
  readonly run: RunContext;
  readonly reads: readonly StartRead[];
  /** Answers to the present read that asked for a short pause. */
  readonly tries: number;
  readonly read: readonly { readonly read: StartRead; readonly source: Observation }[];
  readonly target_reads: readonly Compared[];
  readonly target_read: readonly { readonly item: Compared; readonly target: Observation | null }[];
  readonly questions: readonly Planned[];
  readonly to_reserve: readonly Planned[];
  readonly reserved: readonly Planned[];
  readonly converged: readonly Planned[];
  readonly ended: readonly FinishItem[];
  readonly again: readonly Starting[];
  readonly wait_seconds: number;
}

/** `wait_seconds`: how long the driver should let pass before it answers the wanted effect. */
export interface RunState {
  readonly pass: Pass | null;
  readonly jobs: readonly Job[];
  readonly wait_seconds: number;
}

export function passOf(run: RunContext, reads: readonly StartRead[]): Pass {
  return { run, reads, tries: 0, read: [], target_reads: [], target_read: [], questions: [], to_reserve: [], reserved: [], converged: [], ended: [], again: [], wait_seconds: 0 };
}
