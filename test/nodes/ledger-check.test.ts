/**
 * Sync Ledger Check over a real SQLite ledger: Start notes and hands out reads, Check sorts, sweeps find what waits.
 * A bad item stands in the middle of every batch.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { absent, asJson, contact, SYNC } from './contacts';
import { LedgerOnCanvas } from './ledger-on-canvas';
import { jsonOf } from './node-run';

const ann = contact('crm', '1', { email: 'ann@example.com', phone: '+1' });
const bob = contact('crm', '3', { email: 'bob@example.com', phone: '+3' });
const annThere = contact('support', 'T-1', { email: 'ann@example.com', phone: '+1' });
const bobThere = contact('support', 'T-3', { email: 'bob@example.com', phone: '+3' });
const goOn = { onError: 'continueRegularOutput' } as const;

let ledger: LedgerOnCanvas;
beforeEach(() => { ledger = new LedgerOnCanvas(); });
afterEach(() => { ledger.remove(); });

describe('Start', () => {
  it('gives one read per distinct hint, linked to every item it came from, and keeps nothing else of the item', async () => {
    const run = await ledger.check('start', SYNC, [{ native_id: '1', phone: 'secret' }, { native_id: '2' }, { native_id: '1' }]);
    expect(run.counts).toEqual({ Started: 2 });
    const [first, second] = run.on['Started'] ?? [];
    expect(first?.json).toMatchObject({ sync: { source: 'crm', target: 'support', attempt: 0, dry_run: false }, hint: { system: 'crm', native_id: '1' }, full: false, read_request: { native_id: '1', match_key: null } });
    expect(first?.pairedItem).toMatchObject([{ item: 0 }, { item: 2 }]);
    expect(second?.pairedItem).toMatchObject({ item: 1 });
    expect(JSON.stringify(run.on)).not.toContain('secret');
  });

  it.each([
    ['a path into the item', '={{ $json.event?.id }}'],
    ['the same path without question marks', '={{ $json.event.id }}'],
    ['an expression that n8n has to evaluate', '={{ $json["event"]?.id }}'],
  ])('takes the record ID from %s, and misses it where it is not', async (_title, recordId) => {
    const items = [{ event: { id: 'a' } }, { event: null }, { name: 'no event' }, { event: { name: 'no id' } }, { event: 'text' }, { event: { id: 7 } }];
    const run = await ledger.check('start', { ...SYNC, recordId }, items, goOn);
    expect(jsonOf(run.on['Started']).map(({ hint }) => hint)).toEqual([{ system: 'crm', native_id: 'a' }, { system: 'crm', native_id: '7' }]);
    expect(run.on['Given Up']?.map(({ pairedItem }) => pairedItem)).toMatchObject([{ item: 1 }, { item: 2 }, { item: 3 }, { item: 4 }]);
  });

  it('asks n8n for a record system that is an expression, item by item', async () => {
    const run = await ledger.check('start', { ...SYNC, recordSystem: '={{ $json.system ?? "" }}' }, [{ native_id: '1' }, { native_id: 'T-1', system: 'support' }]);
    expect([...jsonOf(run.on['Started']), ...jsonOf(run.on['Other Direction'])].map(({ hint }) => hint)).toEqual([{ system: 'crm', native_id: '1' }, { system: 'support', native_id: 'T-1' }]);
  });

  it('stops at an item without a record ID, and says which, and what to do', async () => {
    const run = await ledger.check('start', SYNC, [{ native_id: '1' }, { name: 'no id' }, { native_id: '3' }]);
    expect(run.error).toMatchObject({ message: expect.stringContaining('Item 1: The parameter "Record ID" is empty') as string, description: 'Fill in "Record ID".' });
    expect(jsonOf((await ledger.check('listPending', SYNC, [{}])).on['Pending'])).toEqual([]);
  });

  it('goes on without the bad item when it may, and the bad one leads to no read', async () => {
    const run = await ledger.check('start', SYNC, [{ native_id: '1' }, { name: 'no id' }, { native_id: '3' }], goOn);
    expect(run.counts).toEqual({ Started: 2, 'Given Up': 1 });
    expect(run.on['Given Up']?.[0]).toMatchObject({ json: { verdict: { kind: 'Failed' } }, pairedItem: { item: 1 } });
  });

  it.each([
    ['an empty sync name', { syncName: ' ' }, '"Sync Name" is empty'],
    ['two systems with one name', { targetSystem: 'crm' }, 'are both "crm"'],
    ['no attempt at all', { maxAttempts: 0 }, '"Maximum Attempts" cannot be used'],
  ])('refuses %s before the first item', async (_title, wrong, message) => {
    const run = await ledger.check('start', { ...SYNC, ...wrong }, [{ native_id: '1' }]);
    expect(run.error?.message).toContain(message);
    const onward = await ledger.check('start', { ...SYNC, ...wrong }, [{ native_id: '1' }, { native_id: '2' }], goOn);
    expect(onward.error).toBeUndefined();
    expect(onward.counts).toEqual({ 'Given Up': 2 });
  });

  it('refuses a hint about a system that is not of this sync', async () => {
    const run = await ledger.check('start', SYNC, [{ hint: { system: 'billing', native_id: '9' } }]);
    expect(run.error?.message).toContain('"billing" is neither the source');
  });

  it('hands a target record that nothing is linked to over to the reverse direction', async () => {
    const run = await ledger.check('start', SYNC, [{ hint: { system: 'support', native_id: 'T-9' } }, { native_id: '1' }]);
    expect(run.counts).toEqual({ Started: 1, 'Other Direction': 1 });
    expect(run.on['Other Direction']?.[0]?.json).toEqual({ hint: { system: 'support', native_id: 'T-9' }, full: false, as_record_key: null, attempt: 0 });
  });

  it('turns hints about both sides of a linked record into one full read of the source', async () => {
    await ledger.sync([[ann, annThere]]);
    const run = await ledger.check('start', SYNC, [{ hint: { system: 'support', native_id: 'T-1' } }, { native_id: '1' }]);
    expect(run.counts).toEqual({ Started: 1 });
    expect(run.on['Started']?.[0]).toMatchObject({ json: { hint: { system: 'crm', native_id: '1' }, full: true, record_key: 'contact_1' }, pairedItem: [{ item: 0 }, { item: 1 }] });
  });

  it('F3 leaves a Recheck that only the reverse direction can answer to it, with its attempts', async () => {
    await ledger.sync([[ann, annThere]]);
    const [started] = await ledger.read([ann]);
    const recheck = { ...started, verdict: { kind: 'Recheck', reason: 'create_unsearched', claimed_by: 'contact_1', read: [{ system: 'support', native_id: 'T-1' }], from_target: true } };
    const run = await ledger.check('start', SYNC, [asJson(recheck)]);
    expect(run.counts).toEqual({ 'Other Direction': 1 });
    expect(run.on['Other Direction']?.[0]?.json).toEqual({ hint: { system: 'support', native_id: 'T-1' }, full: true, as_record_key: 'contact_1', attempt: 1 });
  });

  it('counts the attempts of a Recheck, and gives up at the bound while the note stays', async () => {
    const [started] = await ledger.read([ann]);
    const recheck = (attempt: number): object => ({ ...started, sync: { ...started!['sync'] as object, attempt }, verdict: { kind: 'Recheck', reason: 'hint', claimed_by: 'contact_7', read: [{ system: 'crm', native_id: '1' }] } });
    const again = await ledger.check('start', { ...SYNC, maxAttempts: 3 }, [asJson(recheck(1))]);
    expect(again.on['Started']?.[0]?.json).toMatchObject({ sync: { attempt: 2 }, full: true, as_record_key: 'contact_7' });
    const last = await ledger.check('start', { ...SYNC, maxAttempts: 3 }, [asJson(recheck(2))]);
    expect(last.counts).toEqual({ 'Given Up': 1 });
    expect(last.on['Given Up']?.[0]?.json).toMatchObject({ verdict: { kind: 'GivenUp' }, hint: { native_id: '1' } });
    expect(jsonOf((await ledger.check('listPending', SYNC, [{}])).on['Pending'])).toEqual([{ hint: { system: 'crm', native_id: '1' } }]);
  });

  it('gives the run alone for a sweep that lists afterwards', async () => {
    const run = await ledger.check('start', { ...SYNC, emitRunOnly: true, cause: 'reconcile' }, [{ any: 1 }, {}]);
    expect(jsonOf(run.on['Started'])).toMatchObject([{ sync: { sync: 'contacts' } }]);
    expect(jsonOf((await ledger.check('listRuns', SYNC, [{}])).on['Runs'])).toMatchObject([{ cause: 'reconcile' }]);
  });

  it('G7 leaves no trace in a dry run', async () => {
    const run = await ledger.check('start', { ...SYNC, dryRun: true }, [{ native_id: '1' }]);
    expect(run.on['Started']?.[0]?.json).toMatchObject({ sync: { dry_run: true } });
    expect((await ledger.check('listPending', SYNC, [{}])).counts).toEqual({});
    expect((await ledger.check('listRuns', SYNC, [{}])).counts).toEqual({});
  });
});

describe('Check', () => {
  it('gives Changed what the target\'s reader needs, and drops the raw read', async () => {
    const run = await ledger.check('check', {}, (await ledger.read([ann])).map((item) => ({ ...item, raw: 'unmapped' })));
    expect(run.counts).toEqual({ Changed: 1 });
    const [item] = jsonOf(run.on['Changed']);
    expect(item).toMatchObject({ source: { native_id: '1' }, row: null, full: false, record_key: 'contact_1', read_request: { native_id: null, match_key: 'ann@example.com' } });
    expect(item).not.toHaveProperty('observation');
    expect(item).not.toHaveProperty('raw');
  });

  it('asks for a linked record by its native ID', async () => {
    await ledger.sync([[ann, annThere]]);
    const edited = contact('crm', '1', { email: 'ann@example.com', phone: '+1 edited' });
    const run = await ledger.check('check', {}, await ledger.read([edited]));
    expect(run.on['Changed']?.[0]?.json).toMatchObject({ row: { links: { support: 'T-1' } }, read_request: { native_id: 'T-1' } });
  });

  it('G3 stops a record that is as it was', async () => {
    await ledger.sync([[ann, annThere]]);
    const run = await ledger.check('check', {}, await ledger.read([ann]));
    expect(run.counts).toEqual({ Unchanged: 1 });
    expect(run.on['Unchanged']?.[0]?.json).toMatchObject({ record_key: 'contact_1', verdict: { reason: 'same' } });
  });

  it('I6 takes a record out of scope neither for changed nor for deleted, and ends its note', async () => {
    await ledger.sync([[ann, annThere]]);
    const run = await ledger.check('check', {}, await ledger.read([absent('crm', 'out_of_scope', '1')]));
    expect(run.counts).toEqual({ Unchanged: 1 });
    expect(run.on['Unchanged']?.[0]?.json).toMatchObject({ verdict: { reason: 'out_of_scope' } });
    expect((await ledger.check('listPending', SYNC, [{}])).counts).toEqual({});
  });

  it('tells a record that another run holds, and one that was committed since it was read', async () => {
    const early = await ledger.read([bob]);
    const planned = await ledger.plan([[ann, absent('support', 'none', null)]]);
    await ledger.commit('reserve', {}, jsonOf(planned.on['Write']));
    await ledger.sync([[bob, bobThere]]);
    const run = await ledger.check('check', {}, [...(await ledger.read([ann])), ...early]);
    expect(run.counts).toEqual({ Busy: 1, Recheck: 1 });
    expect(run.on['Busy']?.[0]?.json).toMatchObject({ record_key: 'contact_1' });
    expect(run.on['Recheck']?.[0]?.json).toMatchObject({ verdict: { kind: 'Recheck', reason: 'committed_since_read', read: [{ system: 'crm', native_id: '3' }] } });
  });

  const spoilt: readonly (readonly [string, (item: object) => object, string])[] = [
    ['no sync', (item) => ({ ...item, sync: undefined }), '`sync` is missing'],
    ['no observation', (item) => ({ ...item, observation: undefined }), '`observation` is missing'],
    ['an observation of the wrong system', (item) => ({ ...item, observation: annThere }), 'of "support"'],
    ['an observation nobody made', (item) => ({ ...item, observation: { phone: 1 } }), '`observation` is not as the nodes'],
    ['a read that found nothing', (item) => ({ ...item, observation: absent('crm', 'none', '9') }), 'read as "none"'],
  ];
  it.each(spoilt)('G11 a bad item in the middle (%s) blocks nobody', async (_title, spoil, message) => {
    const items = await ledger.read([ann, contact('crm', '2', {}), bob]);
    const batch = items.map((item, index) => asJson(index === 1 ? spoil(item) : item));
    const stopped = await ledger.check('check', {}, batch);
    expect(stopped.error?.message).toContain('Item 1');
    expect(stopped.error?.message).toContain(message);
    const run = await ledger.check('check', {}, batch, goOn);
    expect(run.counts).toEqual({ Changed: 2, Failed: 1 });
    expect(run.on['Changed']?.map(({ pairedItem }) => pairedItem)).toMatchObject([{ item: 0 }, { item: 2 }]);
    expect(run.on['Failed']?.[0]).toMatchObject({ json: { verdict: { kind: 'Failed' }, rejected: { retryable: true } }, pairedItem: { item: 1 } });
  });
});

describe('the error output', () => {
  it('takes the failed item, and nothing else', async () => {
    const items = await ledger.read([ann, contact('crm', '2', {}), bob]);
    const batch = items.map((item, index) => asJson(index === 1 ? { ...item, observation: null } : item));
    const run = await ledger.check('check', {}, batch, { onError: 'continueErrorOutput' });
    expect(run.counts).toEqual({ Changed: 2, Error: 1 });
  });
});

describe('an unreachable ledger', () => {
  const broken = { credentials: new Map([['ledger', { store: 'postgres', connectBy: 'connectionString', connectionString: 'postgres://joe:hunter2@127.0.0.1:9/x' }]]) };

  it('F8 fails closed: nothing goes on, and no secret is told', async () => {
    const items = await ledger.read([ann, bob]);
    const stopped = await ledger.check('check', {}, items, broken);
    expect(stopped.error).toBeDefined();
    expect(JSON.stringify([stopped.error?.message, stopped.error])).not.toContain('hunter2');
    const run = await ledger.check('check', {}, items, { ...broken, ...goOn });
    expect(run.counts).toEqual({ Failed: 2 });
    expect(JSON.stringify(run.on)).not.toContain('hunter2');
  });
});

describe('sweeps', () => {
  it('a linked record that a listing does not show is a hint to read it, never more', async () => {
    await ledger.sync([[ann, annThere], [bob, bobThere]]);
    const run = await ledger.check('listMissing', { ...SYNC, system: 'support' }, [{ observation: asJson(bobThere) }, { other: 1 }]);
    expect(jsonOf(run.on['Missing'])).toEqual([{ hint: { system: 'support', native_id: 'T-1' } }]);
  });

  it('D6 a listing that says nothing of the system names no record; one that is empty is a reason to read each, never more', async () => {
    await ledger.sync([[ann, annThere]]);
    expect((await ledger.check('listMissing', { ...SYNC, system: 'support' }, [{}])).counts).toEqual({});
    const run = await ledger.check('listMissing', { ...SYNC, system: 'support' }, [{ observation: asJson({ ...annThere, native_id: null, presence: 'none' }) }]);
    expect(jsonOf(run.on['Missing'])).toEqual([{ hint: { system: 'support', native_id: 'T-1' } }]);
  });

  it('remembers where a system was swept to', async () => {
    const where = { ...SYNC, system: 'crm' };
    expect(jsonOf((await ledger.check('getCursor', where, [{}])).on['Cursor'])).toEqual([{ system: 'crm', cursor: null }]);
    await ledger.commit('saveCursor', { ...where, cursor: '2026-01-01' }, [{}]);
    expect(jsonOf((await ledger.check('getCursor', where, [{}])).on['Cursor'])).toEqual([{ system: 'crm', cursor: '2026-01-01' }]);
  });
});
