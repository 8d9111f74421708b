/** Conflict Router on the canvas: the form and JSON say the same, impossible rules are refused, a bad item reaches no writer. */
import type { IDataObject, NodeParameterValueType } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../core/model';
import { absent, asJson, contact, runContext } from './contacts';
import { patchesOf } from './ledger-on-canvas';
import { jsonOf, runNode } from './node-run';

const goOn = { onError: 'continueRegularOutput' } as const;
const at = (time: string | null): Partial<Observation> => ({ updated_at: time });
const here = (phone: string, more: Partial<Observation> = {}): Observation => contact('crm', '1', { email: 'ann@example.com', phone }, more);
const there = (phone: string, more: Partial<Observation> = {}): Observation => contact('support', 'T-1', { email: 'ann@example.com', phone }, more);

/** Both known with phone +1; what they hold now is given. */
async function differenceOf(source: Observation, target: Observation): Promise<IDataObject> {
  const snapshot = { presence: 'present', record: here('+1').record, fingerprint: here('+1').fingerprint, mapping_fingerprint: 'v1:m' };
  const row = {
    record_key: 'contact_1', version: 4, committed_version: 3, links: { crm: '1', support: 'T-1' }, intents: [], reviews: [], recent: [], latest: null,
    snapshots: { crm: snapshot, support: snapshot },
  };
  const run = await runNode('diffEngine', {}, [asJson({ sync: runContext(), source, row, record_key: 'contact_1', observation: target })]);
  return jsonOf(run.on['Changed'])[0]!;
}
const rule = (fields: string, decideBy: string, more: object = {}): { [name: string]: NodeParameterValueType } => ({ rules: { rule: [{ fields, decideBy, ...more }] } });

describe('Conflict Router', () => {
  it('places an edit on Write, equal edits on Converged, a collision on Review, and a bad item where nothing is written', async () => {
    const batch = [await differenceOf(here('+2'), there('+1')), { sync: runContext(), difference: { record_key: 'contact_9' } }, await differenceOf(here('+3'), there('+3')), await differenceOf(here('+2'), there('+3'))];
    const run = await runNode('conflictRouter', {}, batch, goOn);
    expect(run.counts).toEqual({ Write: 1, Converged: 1, Review: 2 });
    expect(run.on['Write']?.[0]).toMatchObject({ json: { plan: { patches: [{ system: 'support', fields: { phone: '+2' } }] }, verdict: { kind: 'Write' } }, pairedItem: { item: 0 } });
    const review = new Map(run.on['Review']?.map(({ pairedItem, json }) => [JSON.stringify(pairedItem), json['verdict']]));
    expect(review.get('{"item":3,"input":0}')).toMatchObject({ kind: 'Review' });
    expect(review.get('{"item":1,"input":0}')).toMatchObject({ kind: 'Failed' });
    expect((await runNode('conflictRouter', {}, batch)).error?.message).toContain('Item 1: `difference` is not as');
  });

  it('C4 the owner wins and the loser is corrected', async () => {
    const run = await runNode('conflictRouter', rule('phone, email', 'owner', { owner: 'support' }), [await differenceOf(here('+2'), there('+3'))]);
    expect(patchesOf(jsonOf(run.on['Write'])[0]!)).toMatchObject([{ system: 'crm', fields: { phone: '+3' } }]);
  });

  it('C7 the later edit wins when the timestamps can be trusted', async () => {
    const item = await differenceOf(here('+2', at('2026-01-01T10:00:00Z')), there('+3', at('2026-01-01T11:00:00Z')));
    const run = await runNode('conflictRouter', rule('phone', 'latest'), [item]);
    expect(patchesOf(jsonOf(run.on['Write'])[0]!)).toMatchObject([{ system: 'crm', fields: { phone: '+3' } }]);
  });

  it('D1 deletes follow their rule', async () => {
    const gone = await differenceOf(absent('crm', 'gone', '1'), there('+1'));
    expect((await runNode('conflictRouter', {}, [gone])).counts).toEqual({ Review: 1 });
    const propagate = await runNode('conflictRouter', { deleteUnchanged: 'propagate' }, [gone]);
    expect(patchesOf(jsonOf(propagate.on['Write'])[0]!)).toMatchObject([{ system: 'support', op: 'delete' }]);
    const archive = { deleteUnchanged: 'archive', archiveFields: { field: [{ name: 'city', value: 'archived' }] } };
    expect(patchesOf(jsonOf((await runNode('conflictRouter', archive, [gone])).on['Write'])[0]!)).toMatchObject([{ system: 'support', op: 'update', fields: { city: 'archived' } }]);
  });

  it('G1 makes a new baseline and writes nothing, whatever the rules say', async () => {
    const item = await differenceOf(here('+2'), there('+3'));
    const owned = rule('phone', 'owner', { owner: 'crm' });
    expect((await runNode('conflictRouter', owned, [item])).counts).toEqual({ Write: 1 });
    const run = await runNode('conflictRouter', { ...owned, task: 'rebaseline', differences: 'keep_apart' }, [item]);
    expect(run.counts).toEqual({ Converged: 1 });
    expect(run.on['Converged']?.[0]?.json).toMatchObject({ plan: { patches: [], next: { crm: { record: { phone: '+2' } }, support: { record: { phone: '+3' } } } } });
  });

  it('JSON is judged by the same rules as the form', async () => {
    const item = await differenceOf(here('+2'), there('+3'));
    const set = {
      rules: [{ name: 'phone', fields: ['phone'], decide: { by: 'owner', owner: 'crm', lone_edit: 'accept' }, empties: 'mapping' }],
      otherwise: { by: 'review' }, deletes: { unchanged: 'review', edited: 'edit_wins' }, creates: { allowed_in: [] },
    };
    const json = (rulesJson: unknown): ReturnType<typeof runNode> => runNode('conflictRouter', { defineBy: 'json', rulesJson: typeof rulesJson === 'string' ? rulesJson : JSON.stringify(rulesJson) }, [item]);
    const form = await runNode('conflictRouter', rule('phone', 'owner', { owner: 'crm' }), [item]);
    expect(jsonOf((await json(set)).on['Write'])[0]?.['plan']).toEqual(jsonOf(form.on['Write'])[0]?.['plan']);
    expect((await json('{ "rules": ')).error?.message).toContain('"Rule Set" cannot be used: not JSON');
    expect((await json({ ...set, rules: 'none' })).error?.message).toContain('Conflict rules: rules');
  });

  it.each([
    ['an unknown system', rule('phone', 'owner', { owner: 'billing' }), 'names the system "billing"'],
    ['a field in two rules', { rules: { rule: [{ fields: 'phone', name: 'a', decideBy: 'review' }, { fields: 'phone, city', name: 'b', decideBy: 'review' }] } }, 'stands in rule "a" and in rule "b"'],
    ['a set merge over a group', rule('tags, city', 'merge_set'), 'merges a set, but groups'],
    ['latest without timestamps', rule('phone', 'latest'), 'neither system gives timestamps'],
    ['a rule without a field', rule(' ', 'review'), 'Conflict rules: rules.0.'],
    ['creates in an unknown system', { createIn: 'listed', createInSystems: 'billing' }, 'Creates names the system "billing"'],
  ])('refuses %s before the first item, and then lets nothing through', async (_title, parameters, message) => {
    const item = await differenceOf(here('+2'), there('+1'));
    expect((await runNode('conflictRouter', parameters, [item])).error?.message).toContain(message);
    const run = await runNode('conflictRouter', parameters, [item], goOn);
    expect(run.counts).toEqual({ Review: 1 });
    expect(run.on['Review']?.[0]?.json).toMatchObject({ verdict: { kind: 'Failed' } });
  });

  it('creates only where it is allowed', async () => {
    const fresh = asJson({ sync: runContext(), source: here('+1'), row: null, record_key: 'contact_1', observation: absent('support', 'none', null) });
    const item = jsonOf((await runNode('diffEngine', {}, [fresh])).on['Changed'])[0]!;
    expect(patchesOf(jsonOf((await runNode('conflictRouter', {}, [item])).on['Write'])[0]!)).toMatchObject([{ system: 'support', op: 'create' }]);
    expect((await runNode('conflictRouter', { createIn: 'none' }, [item])).counts).not.toHaveProperty('Write');
    expect((await runNode('conflictRouter', { createIn: 'listed', createInSystems: 'crm' }, [item])).counts).not.toHaveProperty('Write');
  });
});
