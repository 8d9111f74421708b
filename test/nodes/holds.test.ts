/** Guards and holds on the canvas, over a real SQLite ledger: what is held leaves by Held with a reason, and a person lets it go on. */
import type { IDataObject, NodeParameterValueType } from 'n8n-workflow';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { absent, contact, SYNC } from './contacts';
import { LedgerOnCanvas, patchesOf } from './ledger-on-canvas';
import { jsonOf, runNode } from './node-run';

const here = (id: string, phone: string): ReturnType<typeof contact> => contact('crm', id, { email: `${id}@example.com`, phone });
const there = (id: string, phone: string): ReturnType<typeof contact> => contact('support', `T-${id}`, { email: `${id}@example.com`, phone });
const goOn = { onError: 'continueRegularOutput' } as const;
const IDS = ['1', '2', '3'];
const ANN = { by: 'ann' };
const strict = (limits: IDataObject): Readonly<Record<string, NodeParameterValueType>> => ({ guardLimits: limits as NodeParameterValueType });

let ledger: LedgerOnCanvas;
beforeEach(async () => {
  ledger = new LedgerOnCanvas();
  await ledger.sync(IDS.map((id) => [here(id, `+${id}`), there(id, `+${id}`)] as const));
});
afterEach(() => { ledger.remove(); });

const edits = async (parameters = {}): Promise<IDataObject[]> => jsonOf((await ledger.plan(IDS.map((id) => [here(id, `+${id} new`), there(id, `+${id}`)] as const), {}, parameters)).on['Write']);
const deletes = async (): Promise<IDataObject[]> => jsonOf((await ledger.plan(IDS.map((id) => [absent('crm', 'gone', id), there(id, `+${id}`)] as const), { deleteUnchanged: 'propagate' })).on['Write']);
const holds = async (): Promise<IDataObject[]> => jsonOf((await ledger.check('listHolds', SYNC, [{}])).on['Holds']);

describe('a guard that trips', () => {
  it('D5 holds the whole batch: every item leaves by Held with the reason, nothing is reserved, one alert', async () => {
    const run = await ledger.commit('reserve', strict({ deletes: 2 }), await deletes());
    expect(run.counts).toEqual({ Held: 3 });
    expect(run.on['Held']?.[1]).toMatchObject({ json: { record_key: 'contact_2', verdict: { kind: 'Held', reason: expect.stringContaining('3 records would be deleted') as string, hint: expect.stringContaining('release') as string } }, pairedItem: { item: 1 } });
    const told = await ledger.commit('tellHolds', SYNC, jsonOf(run.on['Held']));
    expect(jsonOf(told.on['New'])).toMatchObject([{ guard: 'mass_delete', counted: 3, allowed: 2, reason: expect.stringContaining('deleted') as string }]);
    expect((await ledger.commit('tellHolds', SYNC, jsonOf(run.on['Held']))).counts).toEqual({});
    expect(await holds()).toHaveLength(1);
  });

  it('lets go when a person releases it as it was shown; the old items then go through (F11)', async () => {
    const items = await deletes();
    await ledger.commit('reserve', strict({ deletes: 2 }), items);
    const [hold] = await holds();
    expect((await ledger.commit('release', { ...SYNC, ...ANN }, [{ ...hold, counted: 1 }])).counts).toEqual({ Changed: 1 });
    expect((await ledger.commit('release', { ...SYNC, ...ANN }, [hold!])).counts).toEqual({ Released: 1 });
    expect((await ledger.commit('release', { ...SYNC, ...ANN }, [hold!])).counts).toEqual({ 'Not Found': 1 });
    expect((await ledger.commit('reserve', strict({ deletes: 2 }), items)).counts).toEqual({ Reserved: 3 });
  });

  it('lets everything pass when it is switched off, one by one or all together', async () => {
    const items = await deletes();
    expect((await ledger.commit('previewGuards', strict({ deletes: 0, deletesPercent: 0 }), items)).on['Preview']?.[0]?.json).toEqual({ would_hold: false, holds: [] });
    expect((await ledger.commit('reserve', { guards: false, ...strict({ deletes: 1 }) }, items)).counts).toEqual({ Reserved: 3 });
  });

  it('G11 a bad item in the middle of a held batch reaches no writer either', async () => {
    const [one, two, three] = await edits();
    const run = await ledger.commit('reserve', strict({ writes: 1 }), [one!, { ...two, plan: 'none' }, three!], goOn);
    expect(run.counts).toEqual({ Held: 2, Failed: 1 });
    expect(run.first).toEqual([]);
  });

  it('refuses limits that cannot be, before the first item', async () => {
    for (const limits of [{ deletes: -1 }, { writtenPercent: 101 }, { writes: 'many' }]) {
      const run = await ledger.commit('reserve', strict(limits), await edits());
      expect(run.error?.message).toMatch(/Limits|Guards/u);
    }
  });
});

describe('a preview of the guards', () => {
  it('G7 says what would be held and holds nothing', async () => {
    const planned = await edits({ dryRun: true });
    const run = await ledger.commit('previewGuards', strict({ writes: 2 }), planned);
    expect(jsonOf(run.on['Preview'])).toMatchObject([{ would_hold: true, holds: [{ guard: 'writes_per_sync', counted: 3, allowed: 2, reason: expect.stringContaining('3 writes') as string }] }]);
    expect(await holds()).toEqual([]);
    expect((await ledger.commit('tellHolds', SYNC, planned)).counts).toEqual({});
  });

  it('G11 of nothing says that nothing would be held', async () => {
    expect(jsonOf((await ledger.commit('previewGuards', {}, [{ verdict: { kind: 'Failed', reason: 'x' } }])).on['Preview'])).toEqual([{ would_hold: false, holds: [] }]);
  });
});

describe('a person', () => {
  it('G10 pauses and resumes: what both sides changed meanwhile is merged', async () => {
    const paused = await ledger.commit('pause', { ...SYNC, ...ANN, reason: 'moving house' }, [{}, {}]);
    expect(jsonOf(paused.on['Paused'])).toMatchObject([{ guard: 'paused', by: 'ann', reason: 'Paused by ann: moving house' }]);
    expect((await ledger.commit('reserve', {}, await edits())).counts).toEqual({ Held: 3 });
    const [hold] = await holds();
    await ledger.commit('release', { ...SYNC, ...ANN }, [hold!]);
    const mine = contact('crm', '1', { email: '1@example.com', phone: '+1 new' });
    const theirs = contact('support', 'T-1', { email: '1@example.com', phone: '+1', city: 'Oslo' });
    const [planned] = jsonOf((await ledger.plan([[mine, theirs]])).on['Write']);
    expect(patchesOf(planned!).map(({ system, fields }) => [system, fields])).toEqual([['support', { phone: '+1 new' }], ['crm', { city: 'Oslo' }]]);
    expect((await ledger.commit('reserve', {}, [planned!])).counts).toEqual({ Reserved: 1 });
  });

  it('must say who it is', async () => {
    expect((await ledger.commit('pause', { ...SYNC, by: ' ' }, [{}])).error?.message).toContain('"Paused or Released By" is empty');
  });
});

describe('a credential that expires in the middle of a run', () => {
  it('F12 pauses the sync at the write that was refused, and is told once', async () => {
    const reserved = jsonOf((await ledger.commit('reserve', {}, await edits())).on['Reserved']);
    const outcome = (index: number): object => (index === 0 ? { kind: 'written', observation: null } : { kind: 'postponed', reason: 'support: update 401', retry_after_seconds: 60, unauthorized: true });
    const run = await ledger.commit('commit', {}, reserved.map((item, index) => ({ ...item, writes: [{ system: 'support', outcome: outcome(index) }] })));
    expect(run.counts).toEqual({ Committed: 1, Recheck: 2 });
    const told = jsonOf((await ledger.commit('tellHolds', SYNC, [{}])).on['New']);
    expect(told).toMatchObject([{ guard: 'credentials', subject: 'support', reason: expect.stringContaining('refuses the credential') as string }]);
    expect((await ledger.commit('tellHolds', SYNC, [{}])).counts).toEqual({});
    expect((await ledger.commit('reserve', {}, await edits())).counts).toEqual({ Held: 2 });
  });

  it('F12 pauses the sync at the read that was refused', async () => {
    const [item] = await ledger.read([here('1', '+1')]);
    const answer = { statusCode: 401, headers: {}, body: { message: 'token expired' } };
    const mapping = JSON.stringify({ system: 'crm', record_type: 'contact', record_key: { path: 'id' }, native_id_path: 'id', fields: [{ name: 'phone', path: 'phone', type: 'text' }] });
    const read = await runNode('normalize', { operation: 'normalize', itemHolds: 'response', defineBy: 'json', mappingJson: mapping, recordPath: '', listPath: '' }, [{ ...answer, sync: item!['sync'], hint: item!['hint'] }]);
    expect(jsonOf(read.on['Rejected'])).toMatchObject([{ rejected: { code: 'unauthorized', retryable: true } }]);
    await ledger.commit('reportIssue', {}, jsonOf(read.on['Rejected']));
    expect(await holds()).toMatchObject([{ guard: 'credentials', subject: 'crm', said: expect.stringContaining('401') as string }]);
  });
});
