/** Diff Engine on the canvas: two inputs, pairing, and which output a record leaves by. */
import type { IDataObject } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';
import type { LedgerRow, Observation } from '../../core/model';
import { absent, asJson, contact, runContext } from './contacts';
import { runNode } from './node-run';

const goOn = { onError: 'continueRegularOutput' } as const;
const here = (id: string, phone: string): Observation => contact('crm', id, { email: `${id}@example.com`, phone });
const there = (id: string, phone: string): Observation => contact('support', `T-${id}`, { email: `${id}@example.com`, phone });

const snapshotOf = ({ record, fingerprint, schema }: Observation): LedgerRow['snapshots'][string] =>
  ({ presence: 'present', record, fingerprint, mapping_fingerprint: schema.mapping_fingerprint });

/** A row that knows both sides as they are given. */
const linked = (id: string, source: Observation, target: Observation): LedgerRow => ({
  record_key: `contact_${id}`, version: 4, committed_version: 3, links: { crm: source.native_id, support: target.native_id }, intents: [], reviews: [], recent: [],
  latest: null, snapshots: { crm: snapshotOf(source), support: snapshotOf(target) },
});
const from = (source: Observation, row: LedgerRow | null = null, more: object = {}): IDataObject =>
  asJson({ sync: runContext(), source, row, record_key: row?.record_key ?? source.record_key, full: false, ...more });
const listed = (observation: Observation, more: object = {}): IDataObject => asJson({ observation, ...more });

describe('Diff Engine', () => {
  it('F3 leaves an open create that only the reverse direction can search for to it, and asks for one of the target by the key it was sent with', async () => {
    const create = (system: string): LedgerRow['intents'][number] => ({
      fencing_token: 5, system, op: 'create', to: { phone: '+1' }, from: { phone: '+1' }, echo_fingerprint: null, idempotency_key: 'sent', native_id: null, match_key: 'sent@example.com',
      overrides: [], used: [], superseded: false, may_land: false,
    });
    const known = linked('1', here('1', '+1'), there('1', '+1'));
    const ofSource = await runNode('diffEngine', {}, [from(absent('crm', 'gone', '1'), { ...known, intents: [create('crm')] })], { second: [listed(there('1', '+1 new'))] });
    expect(ofSource.on['Recheck']?.[0]?.json).toMatchObject({ verdict: { reason: 'create_unsearched', claimed_by: 'contact_1', read: [{ system: 'support', native_id: 'T-1' }], from_target: true } });
    const ofTarget = await runNode('diffEngine', {}, [from(here('1', '+1 new'), { ...known, intents: [create('support')] })], { second: [] });
    expect(ofTarget.on['Unread']?.[0]?.json).toMatchObject({ read_request: { native_id: null, match_key: 'sent@example.com' } });
  });

  it('emits what changed, the keys of the writes, and the direction; a bad item in the middle blocks nobody', async () => {
    const [ann, bob] = [linked('1', here('1', '+1'), there('1', '+1')), linked('3', here('3', '+3'), there('3', '+3'))];
    const sources = [from(here('1', '+1 new'), ann), { sync: runContext(), source: asJson(here('2', '+2')), row: 'lost' }, from(here('3', '+3'), bob)];
    const second = [listed(there('3', '+3')), listed(there('1', '+1'))];
    const run = await runNode('diffEngine', {}, sources, { second, ...goOn });
    expect(run.counts).toEqual({ Changed: 1, Unchanged: 2 });
    expect(run.on['Changed']?.[0]).toMatchObject({
      json: {
        record_key: 'contact_1', direction: 'crm-to-support', change_set: { op: 'update', fields: { phone: { from: '+1', to: '+1 new' } } },
        new_hash: here('1', '+1 new').fingerprint, full_record: { phone: '+1 new' }, idempotency_keys: { support: 'crm-to-support-contact_1-v3' },
        target: { native_id: 'T-1' }, difference: { situation: 'linked' },
      },
      pairedItem: [{ item: 0, input: 0 }, { item: 1, input: 1 }],
    });
    const failed = run.on['Unchanged']?.find(({ json }) => (json['verdict'] as { kind: string }).kind === 'Failed');
    expect(failed?.pairedItem).toMatchObject({ item: 1 });
    expect((await runNode('diffEngine', {}, sources, { second })).error?.message).toContain('Item 1: `row` is not as');
  });

  it('takes both sides from one item too, as a reader that keeps its item gives them', async () => {
    const row = linked('1', here('1', '+1'), there('1', '+1'));
    const run = await runNode('diffEngine', {}, [from(here('1', '+9'), row, { observation: there('1', '+1') })]);
    expect(run.counts).toEqual({ Changed: 1 });
  });

  it('finds a linked record by its native ID, even when another has its match key', async () => {
    const row = linked('1', here('1', '+1'), there('1', '+1'));
    const moved = contact('support', 'T-1', { email: 'moved@example.com', phone: '+1' });
    const namesake = contact('support', 'T-8', { email: '1@example.com', phone: '+8' });
    const run = await runNode('diffEngine', {}, [from(here('1', '+1'), row)], { second: [listed(namesake), listed(moved)] });
    expect(run.on['Changed']?.[0]?.json).toMatchObject({ target: { native_id: 'T-1', record: { email: 'moved@example.com' } } });
  });

  it('D6 a listing that does not show a linked record asks for a direct read, never for a delete', async () => {
    const row = linked('1', here('1', '+1'), there('1', '+1'));
    const run = await runNode('diffEngine', { unmatchedTarget: 'absent' }, [from(here('1', '+2'), row, { held_fields: ['phone'] })], { second: [listed(there('3', '+3'))] });
    expect(run.counts).toEqual({ Unread: 1 });
    expect(run.on['Unread']?.[0]?.json).toMatchObject({ read_request: { native_id: 'T-1', match_key: '1@example.com' }, held_fields: ['phone'], verdict: { kind: 'Unread' } });
  });

  it('reads an unmatched record directly, unless the listing is said to be complete', async () => {
    const second = [listed(there('3', '+3'))];
    expect((await runNode('diffEngine', {}, [from(here('1', '+1'))], { second })).counts).toEqual({ Unread: 1 });
    const complete = await runNode('diffEngine', { unmatchedTarget: 'absent' }, [from(here('1', '+1'))], { second });
    expect(complete.on['Changed']?.[0]?.json).toMatchObject({ difference: { situation: 'absent', target: { presence: 'none' } }, change_set: { op: 'create' } });
  });

  it('without anything on Target every record is unread', async () => {
    expect((await runNode('diffEngine', { unmatchedTarget: 'absent' }, [from(here('1', '+1'))])).counts).toEqual({ Unread: 1 });
    expect((await runNode('diffEngine', {}, [from(here('1', '+1'))], { second: [] })).counts).toEqual({ Unread: 1 });
  });

  it('I1 several matches are ambiguous: reported with their candidates, none taken', async () => {
    const twin = contact('support', 'T-8', { email: '1@example.com', phone: '+8' });
    const run = await runNode('diffEngine', {}, [from(here('1', '+1'))], { second: [listed(there('1', '+1')), listed(twin)] });
    expect(run.on['Changed']?.[0]?.json).toMatchObject({ difference: { situation: 'ambiguous', target: { presence: 'ambiguous', candidates: ['T-1', 'T-8'] } } });
  });

  it('one record listed twice, as it moves between pages, is one record', async () => {
    const run = await runNode('diffEngine', {}, [from(here('1', '+1'))], { second: [listed(there('1', '+0')), listed(there('1', '+1'))] });
    expect(run.on['Changed']?.[0]?.json).toMatchObject({ difference: { situation: 'found', target: { record: { phone: '+1' } } } });
  });

  it('a read made for one record answers that record only', async () => {
    const answer = listed(absent('support', 'none', null), { source: asJson(here('1', '+1')), record_key: 'contact_1' });
    const run = await runNode('diffEngine', {}, [from(here('1', '+1')), from(here('2', '+2'))], { second: [answer] });
    expect(run.counts).toEqual({ Changed: 1, Unread: 1 });
    expect(run.on['Changed']?.[0]?.json).toMatchObject({ record_key: 'contact_1', difference: { situation: 'absent' } });
  });

  it('a target item that failed earlier stops, and its source record is unread', async () => {
    const row = linked('1', here('1', '+1'), there('1', '+1'));
    const run = await runNode('diffEngine', {}, [from(here('1', '+2'), row)], { second: [{ verdict: { kind: 'Failed', reason: 'rejected' } }] });
    expect(run.counts).toEqual({ Unchanged: 1, Unread: 1 });
  });

  it.each([
    ['only fields that were named', { fieldSelection: 'only', onlyFields: 'email' }, 'Unchanged'],
    ['all fields but those named', { fieldSelection: 'except', ignoreFields: 'phone , city' }, 'Unchanged'],
    ['all fields', { fieldSelection: 'except', ignoreFields: 'city' }, 'Changed'],
  ])('counts %s', async (_title, parameters, output) => {
    const row = linked('1', here('1', '+1'), there('1', '+1'));
    const run = await runNode('diffEngine', parameters, [from(here('1', '+2'), row)], { second: [listed(there('1', '+1'))] });
    expect(run.counts).toEqual({ [output]: 1 });
  });

  it('detects a delete, or not', async () => {
    const row = linked('1', here('1', '+1'), there('1', '+1'));
    const gone = from(absent('crm', 'gone', '1'), row);
    const second = [listed(there('1', '+1'))];
    expect((await runNode('diffEngine', {}, [gone], { second })).on['Changed']?.[0]?.json).toMatchObject({ change_set: { op: 'delete' } });
    expect((await runNode('diffEngine', { detectDeletes: false }, [gone], { second })).counts).toEqual({ Unchanged: 1 });
  });

  it('refuses "only some" without a name before the first item, and then lets nothing through', async () => {
    const wrong = { fieldSelection: 'only', onlyFields: ' , ' };
    const row = linked('1', here('1', '+1'), there('1', '+1'));
    expect((await runNode('diffEngine', wrong, [from(here('1', '+2'), row)])).error?.message).toContain('names no field');
    expect((await runNode('diffEngine', wrong, [from(here('1', '+2'), row)], goOn)).counts).toEqual({ Unchanged: 1 });
  });
});
