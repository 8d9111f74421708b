/** A sealed field travels like any other, and what the ledger is given holds its value nowhere. */
import { describe, expect, it } from 'vitest';
import { isSealed, sealWith, withoutPlain } from '../../core/json/seal';
import { compileMapping, parseMapping, type CompiledMapping } from '../../core/mapping';
import type { LedgerRow, Observation, ReviewItem, WriteResult } from '../../core/model';
import { compileRules, type RuleSet } from '../../core/policies/rule-set';
import { renderReviewPage } from '../../core/review-page';
import { checkBatch } from '../../core/stages/conflict-router';
import { denormalizePatch, type Denormalized } from '../../core/stages/denormalize';
import { normalizeRecord } from '../../core/stages/normalize';
import { runPipeline, type PipelineVerdict } from '../../core/stages/pipeline';
import { ALL_FIELDS, diff, NOW, row as rowWith, RUN, rule, rules } from '../support/decisions';

const SSN = '123-45-6789';
const OTHER = '987-65-4321';
const KEY = 'a long random text, made once';
const FIELDS = [{ name: 'name', path: 'name', type: 'text' }, { name: 'ssn', path: 'private.ssn', type: 'text', sealed: true }] as const;

const mapping = (system: string, more: object = {}, key = KEY): CompiledMapping =>
  compileMapping(parseMapping({ system, record_type: 'contact', record_key: { path: 'id' }, native_id_path: 'id', stamp_path: 'origin', fields: FIELDS, ...more }), sealWith(key));
const [A, B] = [mapping('a'), mapping('b')];

function read(compiled: CompiledMapping, id: string, name: string, ssn: string | null): Observation {
  const normalized = normalizeRecord(compiled, { id, name, private: { ssn } }, { etag: null });
  if (normalized.kind !== 'Valid') throw new Error(normalized.reasons.join());
  return normalized.observation;
}
const missing = (): Observation => ({ ...read(B, 'b1', '', null), presence: 'none', native_id: null, record: {}, fingerprint: null });
const a = (name: string, ssn: string | null): Observation => read(A, 'a1', name, ssn);
const b = (name: string, ssn: string | null): Observation => read(B, 'b1', name, ssn);

function pass(source: Observation, target: Observation, row: LedgerRow | null, set: RuleSet = rules()): PipelineVerdict {
  const off = { origin_stamp: { on: false, sentinel: 'n8n-sync' }, write_hash: { on: false }, suppression_window: { on: false, seconds: 60, alternations: 3 } };
  return runPipeline({ echo: off, diff: ALL_FIELDS, rules: compileRules(set, ['a', 'b']), lease_seconds: 60 }, RUN, { record_key: 'contact_a1', source, target, row, full: false }, { now: NOW, bulk_touched: [] });
}
type Planned = Extract<PipelineVerdict, { readonly plan: unknown }>;
function planned(verdict: PipelineVerdict): Planned {
  if (!('plan' in verdict)) throw new Error(`no plan: ${verdict.kind}`);
  return verdict;
}
const known = (name: string, ssn: string): LedgerRow => {
  const snapshot = (side: Observation) => ({ presence: 'present' as const, record: side.record, fingerprint: side.fingerprint, mapping_fingerprint: side.schema.mapping_fingerprint });
  return { ...rowWith(snapshot(a(name, ssn)), snapshot(b(name, ssn))), record_key: 'contact_a1' };
};
const written = (observation: Observation | null): WriteResult[] => [{ system: 'b', outcome: { kind: 'written', observation } }];
const bodyOf = (denormalized: Denormalized | undefined): unknown => (denormalized?.kind === 'Valid' ? denormalized.request.body : denormalized?.reasons);
const stored = (verdict: Planned, writes: readonly WriteResult[]): string => JSON.stringify([verdict.reserve, verdict.commit(7, writes)]);

describe('a sealed field', () => {
  it('is written in the clear to the other system, and sealed in everything that the ledger is given', () => {
    const verdict = planned(pass(a('Ann', SSN), missing(), null));
    const [patch] = verdict.plan.patches;
    expect(bodyOf(denormalizePatch(B, patch!, null))).toEqual({ name: 'Ann', private: { ssn: SSN } });
    const ledger = stored(verdict, written(b('Ann', SSN)));
    expect(ledger).not.toContain(SSN);
    expect(ledger).toContain('sealed:v1:');
    expect(isSealed(a('Ann', SSN).record['ssn'])).toBe(true);
  });

  it('is the same in both systems, and differs between keys and between fields', () => {
    expect(a('Ann', SSN).record).toEqual(b('Ann', SSN).record);
    expect(read(mapping('a', {}, `${KEY}!`), 'a1', 'Ann', SSN).record).not.toEqual(a('Ann', SSN).record);
    expect(sealWith(KEY)('x', SSN)).not.toBe(sealWith(KEY)('y', SSN));
  });

  it('that nobody changed costs nothing, and a change of it is one patch of that field', () => {
    expect(pass(a('Ann', SSN), b('Ann', SSN), known('Ann', SSN)).kind).toBe('Unchanged');
    const verdict = planned(pass(a('Ann', OTHER), b('Ann', SSN), known('Ann', SSN)));
    expect(verdict.plan.patches.map((patch) => bodyOf(denormalizePatch(B, patch, null)))).toEqual([{ private: { ssn: OTHER } }]);
    expect(stored(verdict, written(null))).not.toMatch(new RegExp(`${SSN}|${OTHER}`, 'u'));
  });

  it('that lost is on record by its seal only', () => {
    const set = rules([rule('ssn', { by: 'owner', owner: 'a', lone_edit: 'accept' })]);
    const verdict = planned(pass(a('Ann', SSN), b('Ann', OTHER), known('Ann', '000-00-0000'), set));
    expect(verdict.plan.overrides).toMatchObject([{ field: 'ssn', lost: b('', OTHER).record['ssn'], won: a('', SSN).record['ssn'] }]);
    expect(stored(verdict, written(b('Ann', SSN)))).not.toMatch(new RegExp(`${SSN}|${OTHER}`, 'u'));
  });

  it('empty is not sealed: an empty value erases only where it may', () => {
    expect(a('Ann', null).record['ssn']).toBeNull();
    expect(planned(pass(a('Ann', null), b('Ann', SSN), known('Ann', SSN))).plan.patches).toEqual([]);
  });

  it('in conflict is a question that shows no value, and the side that a person chose is written', () => {
    const [ours, theirs] = [a('Ann', SSN), b('Ann', OTHER)];
    const asked = planned(pass(ours, theirs, known('Ann', '000-00-0000')));
    const [draft] = asked.plan.open_reviews;
    expect(JSON.stringify(draft)).not.toMatch(new RegExp(`${SSN}|${OTHER}`, 'u'));
    const review: ReviewItem = { ...draft!, id: 'r1', record_key: 'contact_a1', status: 'open', decision: null };
    const html = renderReviewPage({ title: 'contacts', systems: ['a', 'b'], items: [review], total: 1, limit: 25, offset: 0, notices: [], holds: [] });
    expect(html.match(/hidden \([0-9a-f]{6}\)/gu)).toHaveLength(4);
    const decided: LedgerRow = { ...known('Ann', '000-00-0000'), reviews: [{ ...review, status: 'decided', decision: { kind: 'winner', system: 'b', by: 'ann' } }] };
    const [patch] = planned(pass(ours, theirs, decided)).plan.patches;
    expect(patch?.system).toBe('a');
    expect(bodyOf(denormalizePatch(A, patch!, null))).toEqual({ private: { ssn: OTHER } });
  });

  it('of a landed write that was never committed is adopted by its seal', () => {
    const intent = { fencing_token: 7, system: 'b', op: 'update' as const, to: { ssn: a('', OTHER).record['ssn']! }, from: { ssn: a('', OTHER).record['ssn']! }, echo_fingerprint: null, idempotency_key: 'k', native_id: 'b1', match_key: null, used: [], overrides: [], superseded: false, may_land: false };
    const verdict = planned(pass(a('Ann', OTHER), { ...b('Ann', OTHER), holds_stamps: false }, { ...known('Ann', SSN), intents: [intent] }));
    expect(verdict.plan.patches).toEqual([]);
    expect(verdict.plan.used_intents).toEqual(['7:b']);
  });

  describe('of an open create', () => {
    const open = (): LedgerRow => {
      const first = planned(pass(a('Ann', SSN), missing(), null)).reserve.intents[0]!;
      return { ...rowWith(null, null), record_key: 'contact_a1', links: { a: 'a1', b: null }, intents: [{ ...first, fencing_token: 7, superseded: false, may_land: false }] };
    };

    it('is sent again as it was, when the source still holds the value', () => {
      const [patch] = planned(pass(a('Ann', SSN), missing(), open())).plan.patches;
      expect(bodyOf(denormalizePatch(B, patch!, null))).toEqual({ name: 'Ann', private: { ssn: SSN } });
      expect(patch?.idempotency_key).toBe(open().intents[0]?.idempotency_key);
    });

    it('is left out when nobody holds the value any more, and the new one follows as an update', () => {
      const verdict = planned(pass(a('Ann', OTHER), missing(), open()));
      expect(verdict.plan.patches.map((patch) => bodyOf(denormalizePatch(B, patch, null)))).toEqual([{ name: 'Ann' }]);
      expect(verdict.plan.look_again).toBe(true);
      const { snapshots } = verdict.commit(8, written(b('Ann', null)));
      const after = { ...rowWith(snapshots['a'] ?? null, snapshots['b'] ?? null), record_key: 'contact_a1' };
      const [update] = planned(pass(a('Ann', OTHER), b('Ann', null), after)).plan.patches;
      expect(bodyOf(denormalizePatch(B, update!, null))).toEqual({ private: { ssn: OTHER } });
    });
  });

  it('of another key is compared anew: nothing is written where both sides agree', () => {
    const verdict = planned(pass(read(mapping('a', {}, 'another long random text'), 'a1', 'Ann', SSN), read(mapping('b', {}, 'another long random text'), 'b1', 'Ann', SSN), known('Ann', SSN)));
    expect(verdict.plan.patches).toEqual([]);
    expect(mapping('a').schema.mapping_fingerprint).not.toBe(mapping('a', {}, 'another long random text').schema.mapping_fingerprint);
  });

  it('is in no reason for a refusal, of ours or of the system', () => {
    const strict = mapping('a', { fields: [{ name: 'ssn', path: 'private.ssn', type: 'number', sealed: true }] });
    const refused = [normalizeRecord(strict, { id: '1', private: { ssn: SSN } }, { etag: null }), normalizeRecord(strict, { id: '1', private: SSN }, { etag: null })];
    expect(JSON.stringify(refused)).not.toContain(SSN);
    expect(JSON.stringify(refused)).toContain('hidden value');
    expect(withoutPlain(`ssn "${SSN}" is taken (field ssn)`, { ssn: SSN })).toBe('ssn "***" is taken (field ssn)');
    const [patch] = planned(pass(a('Ann', SSN), missing(), null)).plan.patches;
    const { plain: _plain, ...without } = patch!;
    expect(denormalizePatch(B, without, null)).toMatchObject({ kind: 'Rejected', reasons: [expect.stringContaining('has not read its value')] });
    expect(denormalizePatch(B, { ...patch!, plain: { ssn: OTHER } }, null)).toMatchObject({ kind: 'Rejected' });
  });
});

describe('what cannot be sealed is refused before the first item', () => {
  it.each([
    ['the match field', { match_field: 'ssn' }, 'match field'],
    ['a set', { fields: [{ name: 'ssn', path: 'tags', type: 'set', sealed: true }] }, 'merged'],
    ['an id', { fields: [{ name: 'ssn', path: 'id', type: 'text', sealed: true }] }, 'id cannot be sealed'],
  ])('%s', (_title, more, problem) => {
    expect(() => mapping('a', more)).toThrow(problem);
  });

  it('any field without a key', () => {
    expect(() => compileMapping(parseMapping({ system: 'a', record_type: 'contact', record_key: { path: 'id' }, native_id_path: 'id', fields: FIELDS }))).toThrow(/seal key/u);
  });

  it.each([
    ['a field that only one mapping seals', { ...b('Ann', OTHER), schema: { ...B.schema, sealed: [] } }, rules(), 'not in that of "b"'],
    ['a merge rule', b('Ann', OTHER), rules([rule('ssn', { by: 'merge_set' })]), 'sealed'],
    ['an archive by it', b('Ann', OTHER), rules([], { deletes: { unchanged: 'archive', edited: 'edit_wins', archive_fields: { ssn: 'x' } } }), 'sealed'],
  ])('%s', (_title, target, set, problem) => {
    const verdict = diff({ a: a('Ann', SSN), b: target, row: known('Ann', '000-00-0000') });
    if (verdict.kind !== 'Changed') throw new Error(verdict.kind);
    expect(() => checkBatch(compileRules(set, ['a', 'b']), [verdict.difference], new Date(NOW))).toThrow(problem);
  });
});
