/** Two systems and a ledger row as plain values, driven by the real stages: what a run reads, plans, writes and commits. */
import { canonicalRecord, sameValue, withFields } from '../../../core/json/canonical-record';
import { fingerprint } from '../../../core/json/fingerprint';
import { intentId, type Intent, type JsonValue, type LedgerRow, type Observation, type Override, type Pair, type Patch, type ReviewDraft, type RunContext, type Snapshot, type WriteOutcome } from '../../../core/model';
import type { CommitItem, ReserveItem, WriteEffect } from '../../../core/ledger-request';
import { formatStamp } from '../../../core/origin-stamp';
import { compileRules } from '../../../core/policies/rule-set';
import { runPipeline, type PipelineVerdict } from '../../../core/stages/pipeline';
import { mustBeSearched } from '../../../core/stages/sought-record';
import { ALL_FIELDS, NOW, present, RUN, schema, snapshot } from '../../support/decisions';
import { deepFreeze } from '../../support/json-values';
import { other, SIDES, type Fields, type Perturbation, type Side } from './perturbed-records';

export const ECHO = { origin_stamp: { on: true, sentinel: 'n8n-sync' }, write_hash: { on: true }, suppression_window: { on: false, seconds: 60, alternations: 3 } };
export const FACTS = { now: NOW, bulk_touched: [] };

export interface World {
  readonly given: Perturbation;
  readonly holds: { readonly [side in Side]: Fields | null };
  readonly stamps: { readonly [side in Side]: string | null };
  readonly row: LedgerRow | null;
  /** Everything that a commit recorded as overwritten. */
  readonly overrides: readonly Override[];
  /** What the last commit that wrote kept for an undo. */
  readonly effect: WriteEffect | null;
}

export function worldOf(given: Perturbation): World {
  const known = SIDES.some((side) => given.sides[side].past !== null);
  const snapshots = pairOf((side) => { const { past } = given.sides[side]; return past === null ? null : snapshot(past.fields, past.gone ? 'gone' : 'present'); });
  const row: LedgerRow = {
    record_key: 'contact_1', version: 3, committed_version: 2, links: pairOf((side) => (given.sides[side].past === null ? null : `${side}1`)), snapshots,
    intents: [], reviews: [], latest: { direction: 'a-to-b', field_hash: snapshots['a']?.fingerprint ?? '' }, recent: [],
  };
  return { given, holds: { a: given.sides.a.now, b: given.sides.b.now }, stamps: { a: null, b: null }, row: known ? row : null, overrides: [], effect: null };
}

export const pairOf = <T>(of: (side: Side) => T): { readonly [side in Side]: T } => ({ a: of('a'), b: of('b') });
export const directed = (source: Side): RunContext => ({ ...RUN, source, target: other(source) });

/** @param searched by match key: found or not, nothing is proven gone */
export function observe({ given, holds, stamps, row }: World, side: Side, searched = false): Observation {
  const about = { schema: schema({ clearable: given.clearable[side], writable: given.writable[side] }), updated_at: given.updated_at[side], stamp: stamps[side] };
  const record = holds[side];
  if (record !== null) return present(side, record, about);
  // Only a record that was linked can be called gone; a search proves nothing.
  const linked = searched ? null : row?.links[side] ?? null;
  return present(side, {}, { ...about, presence: linked === null ? 'none' : 'gone', native_id: linked, fingerprint: null, match_key: null, etag: null, stamp: null });
}

export function pass(world: World, source: Side, full: boolean): PipelineVerdict {
  const read = observe(world, source);
  const target = observe(world, other(source), mustBeSearched(world.row, other(source), read));
  const input = deepFreeze({ record_key: 'contact_1', source: read, target, row: world.row, full });
  const rules = compileRules(deepFreeze(world.given.rules), ['a', 'b']);
  const verdict = runPipeline(deepFreeze({ echo: ECHO, diff: ALL_FIELDS, rules: { ...rules, set: deepFreeze(rules.set) }, lease_seconds: 60 }), deepFreeze(directed(source)), input, FACTS);
  return verdict.kind === 'Recheck' && verdict.from_target ? pass(world, other(source), full) : verdict;
}

/** `landed` is what the system did, `outcome` what the writer was told: a time-out may hide either. */
export type Fate = 'answered' | 'silent' | 'refused' | 'rejected' | 'postponed' | 'timeout_before' | 'timeout_after';
export const ALWAYS_ANSWERED = (): Fate => 'answered';

/** The plan's writes, then its commit. */
export function carryOut(world: World, verdict: PipelineVerdict, fateOf: (patch: Patch) => Fate = ALWAYS_ANSWERED): World {
  if (!('plan' in verdict)) return world;
  const token = 10 + (world.row?.version ?? 0);
  const fates = new Map(verdict.plan.patches.map((patch) => [patch, fateOf(patch)]));
  let written = world;
  for (const [patch, fate] of fates) if (['answered', 'silent', 'timeout_after'].includes(fate)) written = store(written, patch, token);
  const results = [...fates].map(([patch, fate]) => ({ system: patch.system, outcome: outcomeOf(written, patch, fate) }));
  const item = deepFreeze(verdict.commit(verdict.plan.patches.length === 0 ? null : token, results));
  return { ...written, row: committed(world.row, verdict.reserve, item, token), overrides: [...world.overrides, ...item.overrides], effect: item.effect ?? world.effect };
}

/** How a system that reformats keeps a text: the mapping does not know. */
export const reformatted = (value: JsonValue): JsonValue => (typeof value === 'string' && value !== '' ? `<${value.replace(/[<>]/gu, '')}>` : value);

function store(world: World, patch: Patch, token: number): World {
  const side: Side = patch.system === 'a' ? 'a' : 'b';
  if (patch.op === 'delete') return { ...world, holds: { ...world.holds, [side]: null }, stamps: { ...world.stamps, [side]: null } };
  const kept = world.given.reformats[side] ? canonicalRecord(Object.entries(patch.fields).map(([field, value]) => [field, reformatted(value)])) : patch.fields;
  const stamp = formatStamp({ sync: RUN.sync, record_key: 'contact_1', fencing_token: token, value_hash: fingerprint(patch.fields) });
  const before = patch.op === 'create' ? {} : world.holds[side] ?? {};
  return { ...world, holds: { ...world.holds, [side]: withFields(before, kept) }, stamps: { ...world.stamps, [side]: stamp } };
}

function outcomeOf(after: World, patch: Patch, fate: Fate): WriteOutcome {
  const side: Side = patch.system === 'a' ? 'a' : 'b';
  switch (fate) {
    case 'answered':
      return { kind: 'written', observation: { ...observe(after, side), native_id: `${side}1` } };
    case 'silent':
      // An empty answer to a create names no record, so the next read has to find it.
      return patch.op === 'create' ? outcomeOf(after, patch, 'answered') : { kind: 'written', observation: null };
    case 'refused':
      return { kind: 'refused', reason: '412' };
    case 'rejected':
      return { kind: 'rejected', reason: '422' };
    case 'postponed':
      return { kind: 'postponed', reason: '429', retry_after_seconds: 1 };
    case 'timeout_before':
    case 'timeout_after':
      return { kind: 'unknown', reason: 'timeout' };
  }
}

/** The row as a store leaves it after Reserve and Commit. */
function committed(row: LedgerRow | null, reserve: ReserveItem, item: CommitItem, token: number): LedgerRow | null {
  const drafts = item.open_reviews.filter((draft) => row?.reviews.some((review) => review.subject === draft.subject && sameValue(review.values, draft.values)) !== true);
  const nothing = item.fencing_token === null && row === null && Object.values(item.snapshots).every((kept) => kept === null) && drafts.length === 0;
  if (nothing) return null;
  const own: readonly Intent[] = item.fencing_token === null ? [] : reserve.intents.map((draft) => ({ ...draft, fencing_token: token, superseded: false, may_land: false }));
  const older = (row?.intents ?? []).map((intent): Intent => ({ ...intent, superseded: true }));
  const open = [...own.filter((intent) => item.keep_intents.includes(intent.system)), ...older.filter((intent) => !item.used_intents.includes(intentId(intent)))];
  const tuple = item.journal.at(-1);
  const version = (row?.version ?? 0) + 1;
  // A write whose outcome is unknown keeps its key: the same write tried again is the same to the provider.
  const advances = item.keep_intents.length === 0 || item.journal.length > 0;
  return {
    record_key: 'contact_1', version, committed_version: (row?.committed_version ?? 0) + (advances ? 1 : 0), intents: open,
    links: { ...row?.links, ...Object.fromEntries(Object.entries(item.links).filter(([, id]) => id !== null)) },
    snapshots: { ...row?.snapshots, ...item.snapshots },
    reviews: reviewsAfter(row, item, drafts),
    latest: tuple === undefined ? row?.latest ?? null : { direction: tuple.direction, field_hash: tuple.field_hash },
    recent: [],
  };
}

function reviewsAfter(row: LedgerRow | null, item: CommitItem, drafts: readonly ReviewDraft[]): LedgerRow['reviews'] {
  const asked = new Set(drafts.map(({ subject }) => subject));
  const kept = (row?.reviews ?? []).filter(({ id, subject }) => !item.close_reviews.includes(id) && !asked.has(subject));
  return [...kept, ...drafts.map((draft) => ({ ...draft, id: `review-${draft.subject}`, record_key: 'contact_1', status: 'open' as const, decision: null }))];
}

/** What a plan would still change: patches, questions, and what its commit would store. Empty: everything is at rest. */
export function leftToDo(world: World, verdict: PipelineVerdict): readonly string[] {
  if (!('plan' in verdict)) return [];
  const { plan } = verdict;
  const item = verdict.commit(null, []);
  const moved = SIDES.filter((side) => !sameSnapshot(item.snapshots, world.row?.snapshots ?? {}, side));
  return [
    ...plan.patches.map((patch) => `${patch.op} in ${patch.system}: ${JSON.stringify(patch.fields)}`), ...plan.open_reviews.map((review) => `asks about ${review.subject}`),
    ...plan.close_reviews.map((id) => `closes ${id}`), ...moved.map((side) => `snapshot of ${side}`), ...plan.used_intents.map((id) => `adopts ${id}`),
  ];
}

function sameSnapshot(next: Pair<Snapshot | null>, past: Pair<Snapshot | null>, side: Side): boolean {
  const [a, b] = [next[side] ?? null, past[side] ?? null];
  return a === null || b === null ? a === b : a.presence === b.presence && sameValue(a.record, b.record);
}
