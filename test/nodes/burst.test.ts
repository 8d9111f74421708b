/** Sync Ledger Check, operations Note and Take: a webhook notes and is done, a drain takes batches. A bad item stands in the middle. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SYNC } from './contacts';
import { LedgerOnCanvas } from './ledger-on-canvas';
import { jsonOf } from './node-run';

const goOn = { onError: 'continueRegularOutput' } as const;
const NAMED = { ...SYNC, recordIds: '={{ $json.ids }}' };

let ledger: LedgerOnCanvas;
beforeEach(() => { ledger = new LedgerOnCanvas(); });
afterEach(() => { ledger.remove(); });

describe('Note', () => {
  it('notes every record that the batch names, once, and orders one drain', async () => {
    const run = await ledger.check('note', { ...NAMED, waitSeconds: 5 }, [{ ids: ['1', 2], phone: 'secret' }, { ids: [] }, { ids: '2, 3' }]);
    expect(run.counts).toEqual({ Noted: 1, 'Drain Now': 1, Refused: 1 });
    expect(run.on['Noted']?.[0]).toMatchObject({ json: { noted: 3 }, pairedItem: [{ item: 0 }, { item: 2 }] });
    expect(run.on['Drain Now']?.[0]).toMatchObject({ json: { wait_seconds: 5 } });
    expect(run.on['Refused']?.[0]).toMatchObject({ json: { verdict: { kind: 'Refused', reason: 'it names no record' } }, pairedItem: { item: 1 } });
    expect(JSON.stringify(run.on)).not.toContain('secret');
    expect((await ledger.check('note', NAMED, [{ ids: '4' }])).counts).toEqual({ Noted: 1 });
    expect((await ledger.check('listPending', SYNC, [{}])).counts).toEqual({ Pending: 4 });
  });

  it('refuses a system that is not of this sync, and notes the others', async () => {
    const run = await ledger.check('note', { ...NAMED, recordSystem: '={{ $json.system }}' }, [{ ids: '1', system: '' }, { ids: '2', system: 'billing' }, { ids: '3', system: 'support' }], goOn);
    expect(run.counts).toEqual({ Noted: 1, 'Drain Now': 1, Refused: 1 });
    expect(jsonOf(run.on['Refused'])[0]).toMatchObject({ verdict: { kind: 'Failed', reason: expect.stringContaining('"billing" is neither the source') as string } });
    expect(jsonOf((await ledger.check('listPending', SYNC, [{}])).on['Pending'])).toEqual([{ hint: { system: 'crm', native_id: '1' } }, { hint: { system: 'support', native_id: '3' } }]);
  });

  it.each([[301], [-1]])('refuses to wait %i seconds', async (waitSeconds) => {
    const run = await ledger.check('note', { ...NAMED, waitSeconds }, [{ ids: '1' }]);
    expect(run.error?.message).toContain('"Wait for More (Seconds)" cannot be used');
  });
});

describe('Take', () => {
  const HINTS = [{ ids: ['1', '2'] }];

  it('gives what Start would give, from the ledger, and says that it was taken', async () => {
    await ledger.check('note', NAMED, HINTS);
    const run = await ledger.check('take', { ...SYNC, drainName: 'a' }, [{}]);
    expect(run.counts).toEqual({ Taken: 2 });
    expect(jsonOf(run.on['Taken'])[0]).toMatchObject({
      sync: { source: 'crm', target: 'support', attempt: 0, dry_run: false }, hint: { system: 'crm', native_id: '1' }, full: false, as_record_key: null, record_key: null,
      read_request: { native_id: '1', match_key: null }, taken: true,
    });
  });

  it('of the other system: the reverse direction', async () => {
    await ledger.check('note', { ...NAMED, recordSystem: 'support' }, HINTS);
    const run = await ledger.check('take', { ...SYNC, drainName: 'a' }, [{}]);
    expect(run.counts).toEqual({ 'Taken in Reverse': 2 });
    expect(jsonOf(run.on['Taken in Reverse'])[0]).toMatchObject({ sync: { source: 'support', target: 'crm' }, hint: { system: 'support', native_id: '1' } });
  });

  it('batches, one after the other, and then nothing is left; another drain meanwhile leaves again', async () => {
    await ledger.check('note', NAMED, HINTS);
    const batch = { ...SYNC, drainName: 'a', batchSize: 1 };
    expect(jsonOf((await ledger.check('take', batch, [{}])).on['Taken'])).toMatchObject([{ hint: { native_id: '1' } }]);
    expect((await ledger.check('take', { ...batch, drainName: 'b' }, [{}, {}, {}])).counts).toEqual({ Draining: 1 });
    expect(jsonOf((await ledger.check('take', { ...batch, drainName: 'b', drainsAtOnce: 2 }, [{}])).on['Taken'])).toMatchObject([{ hint: { native_id: '2' } }]);
    expect((await ledger.check('take', { ...batch, drainsAtOnce: 2 }, [{}, {}, {}])).counts).toEqual({ 'Nothing Left': 1 });
  });

  it('without a name every execution is a drain of its own', async () => {
    await ledger.check('note', NAMED, HINTS);
    expect((await ledger.check('take', { ...SYNC, batchSize: 1 }, [{}])).counts).toEqual({ Taken: 1 });
    expect((await ledger.check('take', { ...SYNC, batchSize: 1 }, [{}])).counts).toEqual({ Draining: 1 });
  });

  it('what was taken goes through Check with its own token, and is handled when its run ends', async () => {
    await ledger.check('note', NAMED, [{ ids: '1' }]);
    const [taken] = jsonOf((await ledger.check('take', SYNC, [{}])).on['Taken']);
    await ledger.commit('finish', {}, [{ ...taken, verdict: { kind: 'Unchanged', reason: 'same' } }]);
    expect((await ledger.check('listPending', SYNC, [{}])).counts).toEqual({});
  });
});
