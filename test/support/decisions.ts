import { canonicalRecord } from '../../core/json/canonical-record';
import { fingerprint } from '../../core/json/fingerprint';
import type { Intent, JsonValue, LedgerRow, MappingSchema, Observation, Plan, ReviewItem, RunContext, Snapshot } from '../../core/model';
import { compileRules, type RuleSet } from '../../core/policies/rule-set';
import { decideRoute, type RouteVerdict } from '../../core/stages/conflict-router';
import { computeDifference, type DiffVerdict } from '../../core/stages/diff-engine';
import type { DiffSettings } from '../../core/stages/stage-settings';

/** The pure stages on hand-made values: two systems `a` (source) and `b`, one record. */
export const RUN: RunContext = { sync: 'test', record_type: 'contact', source: 'a', target: 'b', run_id: 'run-1', read_token: 10, dry_run: false, attempt: 0 };
export const ALL_FIELDS: DiffSettings = { only_fields: null, ignore_fields: [], detect_deletes: true };
export const NOW = '2026-01-02T00:00:00.000Z';

type Fields = { readonly [field: string]: JsonValue };

const FIELDS = ['name', 'phone', 'city', 'zip', 'tags', 'constructor', '__proto__'];

export function schema(over: Partial<MappingSchema> = {}): MappingSchema {
  return { mapping_fingerprint: 'v1:map', clearable: [], sets: ['tags'], writable: FIELDS, creates_once: true, ...over };
}

export function present(system: 'a' | 'b', fields: Fields, over: Partial<Observation> = {}): Observation {
  const record = canonicalRecord(Object.entries(fields));
  return {
    system, presence: 'present', native_id: `${system}1`, record_key: 'contact_1', record, fingerprint: fingerprint(record), match_key: 'x@example.org',
    etag: '"1"', stamp: null, holds_stamps: true, updated_at: null, candidates: [], schema: schema(), ...over,
  };
}

export function gone(system: 'a' | 'b'): Observation {
  return present(system, {}, { presence: 'gone', fingerprint: null, match_key: null, etag: null });
}

export function none(system: 'a' | 'b'): Observation {
  return present(system, {}, { presence: 'none', native_id: null, fingerprint: null, match_key: null, etag: null });
}

export function snapshot(fields: Fields, presence: 'present' | 'gone' = 'present'): Snapshot {
  const record = canonicalRecord(Object.entries(fields));
  return { presence, record, fingerprint: presence === 'gone' ? null : fingerprint(record), mapping_fingerprint: 'v1:map' };
}

export function row(a: Snapshot | null, b: Snapshot | null, over: Partial<LedgerRow> = {}): LedgerRow {
  return {
    record_key: 'contact_1', version: 3, committed_version: 2, links: { a: a === null ? null : 'a1', b: b === null ? null : 'b1' },
    snapshots: { a, b }, intents: [], reviews: [], latest: null, recent: [], ...over,
  };
}

export function intent(system: 'a' | 'b', token: number, to: Fields, from: Fields, over: Partial<Intent> = {}): Intent {
  return {
    fencing_token: token, system, op: 'update', to: canonicalRecord(Object.entries(to)), from: canonicalRecord(Object.entries(from)),
    echo_fingerprint: null, idempotency_key: `key-${token}`, native_id: `${system}1`, match_key: null, used: [], overrides: [], superseded: false, may_land: false, ...over,
  };
}

export function review(over: Partial<ReviewItem>): ReviewItem {
  return { id: 'r1', record_key: 'contact_1', kind: 'conflict', subject: 'phone', fields: ['phone'], reason: '', values: { a: {}, b: {} }, base: { a: {}, b: {} }, status: 'open', decision: null, ...over };
}

export type RuleDraft = RuleSet['rules'][number];

export function rule(name: string, decide: RuleDraft['decide'], over: Partial<RuleDraft> = {}): RuleDraft {
  return { name, fields: [name], decide, empties: 'mapping', ...over };
}

export function rules(drafts: readonly RuleDraft[] = [], over: Partial<RuleSet> = {}): RuleSet {
  return { rules: [...drafts], otherwise: { by: 'review' }, deletes: { unchanged: 'propagate', edited: 'edit_wins', archive_fields: {} }, creates: { allowed_in: ['a', 'b'] }, ...over };
}

export interface Sides {
  readonly a: Observation;
  readonly b: Observation;
  readonly row: LedgerRow | null;
  readonly run?: RunContext;
  /** What else the batch read of the source system. */
  readonly also?: readonly Observation[];
}

export function diff({ a, b, row: known, run = RUN, also = [] }: Sides): DiffVerdict {
  const [source, target] = run.source === 'a' ? [a, b] : [b, a];
  return computeDifference(ALL_FIELDS, run, { record_key: 'contact_1', source, target, row: known, held_fields: [], sources: new Map([source, ...also].map((side) => [side.native_id, side])) });
}

/** Diff and route together; null when the diff found nothing to do. */
export function route(sides: Sides, set: RuleSet = rules()): RouteVerdict | null {
  const verdict = diff(sides);
  if (verdict.kind !== 'Changed') return null;
  return decideRoute(compileRules(set, ['a', 'b']), sides.run ?? RUN, verdict.difference, { now: NOW, bulk_touched: [] });
}

/** What a plan writes: system, operation and fields. */
export function writes(verdict: RouteVerdict | null): readonly (readonly [string, string, Fields])[] {
  return (verdict?.plan.patches ?? []).map(({ system, op, fields }) => [system, op, { ...fields }]);
}

export function planOf(verdict: RouteVerdict | null): Plan {
  if (verdict === null) throw new Error('The diff found nothing to do.');
  return verdict.plan;
}
