import type { IDataObject } from 'n8n-workflow';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contact, SYNC } from './contacts';
import { LedgerOnCanvas } from './ledger-on-canvas';
import { jsonOf } from './node-run';

let ledger: LedgerOnCanvas;
beforeEach(() => { ledger = new LedgerOnCanvas(); });
afterEach(() => { ledger.remove(); });

const here = (id: string, phone: string) => contact('crm', id, { email: `p${id}@example.org`, phone });
const there = (id: string, phone: string) => contact('support', `T-${id}`, { email: `p${id}@example.org`, phone });
const goOn = { onError: 'continueRegularOutput' } as const;
const undo = { ...SYNC, decidedBy: 'ann' };

/** Both systems hold two contacts; then a run carries two edits over. */
async function edited(): Promise<string> {
  await ledger.sync([[here('1', '+1'), there('1', '+1')], [here('2', '+2'), there('2', '+2')]]);
  const committed = await ledger.sync([[here('1', '+1 new'), there('1', '+1')], [here('2', '+2 new'), there('2', '+2')]]);
  expect(committed.counts).toEqual({ Committed: 2 });
  const [newest] = jsonOf((await ledger.check('listHistory', { ...SYNC, recordKey: 'contact_1' }, [{}])).on['History']);
  return newest?.['run_id'] as string;
}

describe('Undo Run', () => {
  it('G9 leaves decisions that Start takes as they are, and a run carries out', async () => {
    const run_id = await edited();
    const asked = await ledger.commit('undoRun', undo, [{ run_id }]);
    expect(asked.counts).toEqual({ 'To Undo': 2 });
    expect(asked.on['To Undo']?.[0]?.json).toMatchObject({ record_key: 'contact_1', run_id, fields: { phone: expect.stringContaining('is put back') as string }, verdict: { kind: 'Decided', read: [{ system: 'crm', native_id: '1' }, { native_id: expect.any(String) as string }] } });
    const started = await ledger.check('start', SYNC, jsonOf(asked.on['To Undo']));
    expect(started.on['Started']?.[0]?.json).toMatchObject({ hint: { system: 'crm', native_id: '1' }, full: true });
    const planned = await ledger.plan([[here('1', '+1 new'), there('1', '+1 new')]]);
    const plan = planned.on['Write']?.[0]?.json['plan'] as IDataObject;
    expect(plan['reasons']).toEqual({ phone: `undo of run ${run_id} by ann` });
    expect((plan['patches'] as IDataObject[]).map(({ system, fields }) => [system, fields])).toEqual([['crm', { phone: '+1' }], ['support', { phone: '+1' }]]);
  });

  it('G9 a second time asks for nothing, and says that it waits', async () => {
    const run_id = await edited();
    await ledger.commit('undoRun', undo, [{ run_id }]);
    const again = await ledger.commit('undoRun', undo, [{ run_id }]);
    expect(again.counts).toEqual({ 'Not Undone': 2 });
    expect(again.on['Not Undone']?.[0]?.json).toMatchObject({ verdict: { kind: 'NotUndone', reason: expect.stringContaining('waits for the next run') as string } });
  });

  it('G7 G9 a dry run shows the same and leaves nothing', async () => {
    const run_id = await edited();
    const preview = await ledger.commit('undoRun', { ...undo, dryRun: true }, [{ run_id }]);
    expect(preview.counts).toEqual({ 'To Undo': 2 });
    expect(preview.on['To Undo']?.[0]?.json).toMatchObject({ fields: { phone: expect.stringContaining('is put back') as string }, verdict: { kind: 'Preview' } });
    expect((await ledger.check('listReviews', SYNC, [{}])).counts).toEqual({});
    expect((await ledger.check('start', SYNC, jsonOf(preview.on['To Undo']), goOn)).counts).toEqual({ 'Given Up': 2 });
  });

  it('G9 G11 answers for each run: one that wrote nothing, one that is unknown, one without a name', async () => {
    const run_id = await edited();
    const idle = jsonOf((await ledger.check('start', { ...SYNC, emitRunOnly: true }, [{}])).on['Started'])[0]?.['sync'] as IDataObject;
    const run = await ledger.commit('undoRun', undo, [{ run_id: idle['run_id'] ?? null }, { run_id: '' }, { run_id: 'nobody' }, { run_id }], goOn);
    expect(run.counts).toEqual({ 'Not Undone': 1, 'Not Found': 1, 'Failed': 1, 'To Undo': 2 });
    expect(run.on['Not Undone']?.[0]?.json).toMatchObject({ record_key: null, verdict: { reason: 'this run wrote nothing' } });
    expect(run.on['Failed']?.[0]?.pairedItem).toMatchObject({ item: 1 });
  });

  it('G9 tells of writes that no history knows', async () => {
    await ledger.sync([[here('1', '+1'), there('1', '+1')]]);
    const planned = await ledger.plan([[here('1', '+1 new'), there('1', '+1')]]);
    const reserved = jsonOf((await ledger.commit('reserve', {}, jsonOf(planned.on['Write']))).on['Reserved']);
    await ledger.commit('commit', {}, reserved.map((item) => ({ ...item, writes: [{ system: 'support', outcome: { kind: 'unknown', reason: 'timeout' } }] })));
    const { run_id } = reserved[0]?.['sync'] as IDataObject;
    const run = await ledger.commit('undoRun', undo, [{ run_id: run_id ?? null }]);
    expect(run.on['Not Undone']?.map(({ json }) => json)).toMatchObject([{ record_key: null, verdict: { reason: expect.stringContaining('1 more write of this run cannot be undone') as string } }]);
  });
});
