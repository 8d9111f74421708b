/** A state of the explored world: the systems, the ledger, the runs under way, the hints on their way, and what may still happen. */
import type { Hint } from '../../../core/model';
import { compileMapping, parseMapping } from '../../../core/mapping';
import { compileRules } from '../../../core/policies/rule-set';
import { emptyLedger, type LedgerState } from '../../support/memory-ledger/state';
import { fakeSystem, mappingOf, type FakeState, type Quirks } from '../fake-system';
import { plainQuirks } from '../fake-system/quirks';
import type { MachineSettings, RunState } from '../run-machine';
import { NO_PAST, type Past } from './past';
import { SYSTEMS, type Budget, type PerSide, type Scope, type Side } from './scope';

/** One run under way, and what it read last: edits by system, native id and field. */
export interface Running {
  readonly state: RunState;
  readonly run_id: string;
  readonly read_token: number;
  readonly seen: { readonly [record: string]: Values };
}

/** The edits whose values a record holds, by field; null when the record is gone. */
export type Values = { readonly [field: string]: number } | null;

export interface World {
  readonly systems: PerSide<FakeState>;
  readonly ledger: LedgerState;
  readonly runs: readonly Running[];
  /** Each record at most once: a webhook that waits is the same webhook. */
  readonly hints: readonly Hint[];
  /** Milliseconds; moves only past a lease. */
  readonly now: number;
  readonly left: Budget;
  readonly past: Past;
  /** The law that the last move broke. */
  readonly broken: string | null;
}

export interface Setting {
  readonly scope: Scope;
  readonly machine: MachineSettings;
}

/** So that its numbers are known from others in a text. */
const FIRST_NUMBER = 1_000_000_000;
export const NOON = Date.parse('2026-03-01T12:00:00.000Z');
/** What the systems say about when a record changed: nothing that a rule of these scopes looks at. */
export const UNTOLD = new Date(NOON).toISOString();

export function settingOf(scope: Scope): Setting {
  const mapping = (side: Side) => compileMapping(parseMapping(fewFields(mappingOf(side, quirksOf(scope, side)), scope)));
  const rule = (name: string) => ({ name, fields: [name], decide: { by: 'owner' as const, owner: scope.rule === 'a wins' ? 'a' : 'b', lone_edit: 'accept' as const }, empties: 'mapping' as const });
  return {
    scope,
    machine: {
      sync: 'sync', record_type: 'contact', now: UNTOLD, mappings: { a: mapping('a'), b: mapping('b') },
      rules: compileRules({
        rules: scope.rule === 'review' ? [] : ['name', 'city'].map(rule), otherwise: { by: 'review' },
        deletes: { unchanged: 'propagate', edited: 'edit_wins', archive_fields: {} }, creates: { allowed_in: ['a', 'b'] },
      }, SYSTEMS),
      echo: { origin_stamp: { on: scope.echoGuard, sentinel: 'n8n-sync' }, write_hash: { on: scope.echoGuard }, suppression_window: { on: false, seconds: 60, alternations: 3 } },
      diff: { only_fields: null, ignore_fields: [], detect_deletes: true },
      lease_seconds: 60, max_attempts: 1000, recent_seconds: 0, list_path: 'data',
    },
  };
}

/** Fields that nobody edits would only be copied from state to state. */
function fewFields(mapping: unknown, { fields }: Scope): unknown {
  if (typeof mapping !== 'object' || mapping === null || !('fields' in mapping) || !Array.isArray(mapping.fields)) throw new Error('The mapping has no fields.');
  const all: readonly { readonly name: string }[] = mapping.fields;
  return { ...mapping, fields: all.filter(({ name }) => name === 'email' || fields.some((field) => field === name)) };
}

export function quirksOf(scope: Scope, side: Side): Quirks {
  const reformats = side === 'a' || scope.reformats === 'no' ? 'nothing' : scope.reformats === 'known' ? 'spelling' : 'value';
  return { ...plainQuirks, conditional: scope.conditional[side], stamps: scope.stamps[side], unique_email: scope.uniqueKey[side], honours_keys: scope.idempotent[side], reformats, answers: scope.answers };
}

export function emptyWorld(scope: Scope): World {
  return {
    systems: { a: fakeSystem('a', quirksOf(scope, 'a')), b: fakeSystem('b', quirksOf(scope, 'b')) },
    ledger: { ...emptyLedger, sequence: FIRST_NUMBER }, runs: [], hints: [], now: NOON, left: scope, past: NO_PAST, broken: null,
  };
}

export function withHints(world: World, hints: readonly Hint[]): World {
  const more = hints.filter((hint) => !world.hints.some((known) => known.system === hint.system && known.native_id === hint.native_id));
  return more.length === 0 ? world : { ...world, hints: [...world.hints, ...more] };
}
