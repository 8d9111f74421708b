import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalRecord, withFields } from '../../../core/json/canonical-record';
import { fingerprint } from '../../../core/json/fingerprint';
import type { JsonValue, LedgerRow, RunContext } from '../../../core/model';
import { compileRules, type RuleSet } from '../../../core/policies/rule-set';
import { runPipeline, type PipelineVerdict } from '../../../core/stages/pipeline';
import { ALL_FIELDS, NOW, present, row, rule, rules, RUN, snapshot } from '../../support/decisions';
import { deepFreeze } from '../../support/json-values';

type Fields = Record<string, JsonValue>;
interface World {
  readonly a: Fields;
  readonly b: Fields;
  readonly row: LedgerRow;
}

const ECHO = { origin_stamp: { on: true, sentinel: 'n8n-sync' }, write_hash: { on: true }, suppression_window: { on: false, seconds: 60, alternations: 3 } };
const OWNERS = rules([
  rule('name', { by: 'owner', owner: 'a', lone_edit: 'accept' }), rule('phone', { by: 'owner', owner: 'b', lone_edit: 'accept' }),
  rule('address', { by: 'owner', owner: 'a', lone_edit: 'accept' }, { fields: ['city', 'zip'] }), rule('tags', { by: 'merge_set' }),
]);
const REVERSE: RunContext = { ...RUN, source: 'b', target: 'a' };

const word = fc.constantFrom('', 'p', 'q', 'r');
const fields = fc.record({ name: word, phone: fc.option(word), city: word, zip: word, tags: fc.uniqueArray(fc.constantFrom('x', 'y', 'z')).map((tags) => tags.sort()) });
const edit = fc.record({ name: word, phone: fc.option(word), city: word, zip: word, tags: fc.uniqueArray(fc.constantFrom('x', 'y', 'z')).map((tags) => tags.sort()) }, { requiredKeys: [] });

/** A record that was in step, then edited on both sides. */
const worlds = fc.tuple(fields, edit, edit).map(([old, a, b]): World => ({ a: { ...old, ...a }, b: { ...old, ...b }, row: row(snapshot(old), snapshot(old)) }));

function pass(world: World, run: RunContext, set: RuleSet, full = false, echo: typeof ECHO = ECHO): PipelineVerdict {
  const input = deepFreeze({ record_key: 'contact_1', source: present(run.source === 'a' ? 'a' : 'b', run.source === 'a' ? world.a : world.b), target: present(run.target === 'a' ? 'a' : 'b', run.target === 'a' ? world.a : world.b), row: world.row, full });
  return runPipeline({ echo, diff: ALL_FIELDS, rules: compileRules(set, ['a', 'b']), lease_seconds: 60 }, run, input, { now: NOW, bulk_touched: [] });
}

/** Both systems after the plan's writes, and the row after its commit. */
function applied(world: World, verdict: PipelineVerdict): World {
  if (!('plan' in verdict)) return world;
  const after = { a: { ...world.a }, b: { ...world.b } };
  for (const { system, fields: patch } of verdict.plan.patches) after[system as 'a' | 'b'] = { ...withFields(after[system as 'a' | 'b'], patch) };
  const commit = verdict.commit(7, verdict.plan.patches.map(({ system }) => ({ system, outcome: { kind: 'written', observation: present(system as 'a' | 'b', after[system as 'a' | 'b']) } })));
  const opened = commit.open_reviews.map((draft, index) => ({ ...draft, id: `new-${index}`, record_key: 'contact_1', status: 'open' as const, decision: null }));
  const asked = new Set(opened.map(({ subject }) => subject));
  const kept = world.row.reviews.filter(({ id, subject }) => !commit.close_reviews.includes(id) && !asked.has(subject));
  return { ...after, row: { ...row(commit.snapshots['a'] ?? null, commit.snapshots['b'] ?? null), reviews: [...kept, ...opened] } };
}

const patchesOf = (verdict: PipelineVerdict) => ('plan' in verdict ? verdict.plan.patches.map(({ system, fields: patch }) => ({ system, fields: { ...patch } })).sort((x, y) => (x.system < y.system ? -1 : 1)) : []);
const questionsOf = (verdict: PipelineVerdict) => ('plan' in verdict ? verdict.plan.open_reviews : []);

describe('the pipeline, one record perturbed twice', () => {
  it.each([['owners', OWNERS], ['no rules', rules()]])('with %s: a second pass writes and asks nothing, in either direction', (_name, set) => {
    fc.assert(fc.property(worlds, (world) => {
      const after = applied(world, pass(world, RUN, set));
      for (const run of [RUN, REVERSE]) {
        const second = pass(after, run, set, true);
        expect(patchesOf(second)).toEqual([]);
        expect(questionsOf(second)).toEqual([]);
      }
    }), { numRuns: 500 });
  });

  it('converges where rules decide: what still differs is an empty value that may not erase', () => {
    fc.assert(fc.property(worlds, (world) => {
      const after = applied(world, pass(world, RUN, OWNERS));
      for (const field of ['name', 'phone', 'city', 'zip']) {
        const [x, y] = [after.a[field], after.b[field]];
        if (x !== y) expect([x, y].some((value) => value === null || value === '')).toBe(true);
      }
      expect(after.a['tags']).toEqual(after.b['tags']);
    }), { numRuns: 500 });
  });

  it('without rules nothing that only one side changed is lost, and what both changed is a question', () => {
    fc.assert(fc.property(worlds, (world) => {
      const verdict = pass(world, RUN, rules());
      const after = applied(world, verdict);
      for (const field of ['name', 'phone', 'city', 'zip']) {
        const old = world.row.snapshots['a']?.record[field];
        const lone = world.b[field] === old ? world.a[field] : world.a[field] === old ? world.b[field] : undefined;
        if (lone !== undefined && lone !== null && lone !== '' && lone !== old) expect([after.a[field], after.b[field]]).toEqual([lone, lone]);
      }
      for (const { subject } of questionsOf(verdict)) expect(world.a[subject]).not.toEqual(world.b[subject]);
    }), { numRuns: 500 });
  });

  it('swapping source and target swaps nothing but the direction', () => {
    fc.assert(fc.property(worlds, (world) => {
      const [there, back] = [pass(world, RUN, OWNERS, true), pass(world, REVERSE, OWNERS, true)];
      expect(patchesOf(back)).toEqual(patchesOf(there));
    }), { numRuns: 500 });
  });

  it('law 14: with the Echo Guard out of the way the outcome is the same', () => {
    fc.assert(fc.property(worlds, (world) => {
      expect(patchesOf(pass(world, RUN, OWNERS, true))).toEqual(patchesOf(pass(world, RUN, OWNERS)));
    }), { numRuns: 500 });
  });
});

describe('Echo Guard is a saving [law 14]', () => {
  const OFF: typeof ECHO = { ...ECHO, origin_stamp: { on: false, sentinel: 'n8n-sync' }, write_hash: { on: false } };

  it.each([['a system answers a write with one form and keeps another', '(v1)'], ['a user of the other system makes it exactly what was synced', 'V1']])('E3 E5 %s: the next edit meets no change that nobody made, with or without it', (_title, snapshotOfB) => {
    const known = row(snapshot({ name: 'v1' }), snapshot({ name: snapshotOfB }), { latest: { direction: 'a-to-b', field_hash: fingerprint(canonicalRecord([['name', 'v1']])) } });
    for (const echo of [ECHO, OFF]) {
      const told = applied({ a: { name: 'v1' }, b: { name: 'v1' }, row: known }, pass({ a: { name: 'v1' }, b: { name: 'v1' }, row: known }, REVERSE, rules(), false, echo));
      const next = pass({ ...told, a: { name: 'v2' } }, RUN, rules(), false, echo);
      expect([patchesOf(next), questionsOf(next)]).toEqual([[{ system: 'b', fields: { name: 'v2' } }], []]);
    }
  });
});
