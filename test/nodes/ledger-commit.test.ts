/**
 * Sync Ledger Commit over a real SQLite ledger: what may be written, what was stored, what a person is asked, what is kept
 * for later. A bad item stands in the middle of every batch.
 */
import type { IDataObject } from 'n8n-workflow';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { absent, asJson, contact, SYNC } from './contacts';
import { LedgerOnCanvas, patchesOf } from './ledger-on-canvas';
import { jsonOf } from './node-run';

const here = (id: string, phone: string): ReturnType<typeof contact> => contact('crm', id, { email: `${id}@example.com`, phone });
const there = (id: string, phone: string): ReturnType<typeof contact> => contact('support', `T-${id}`, { email: `${id}@example.com`, phone });
const goOn = { onError: 'continueRegularOutput' } as const;
const BOTH = [[here('1', '+1'), there('1', '+1')], [here('2', '+2'), there('2', '+2')], [here('3', '+3'), there('3', '+3')]] as const;
const written = (item: IDataObject): IDataObject => ({ ...item, writes: patchesOf(item).map(({ system }) => ({ system, outcome: { kind: 'written', observation: null } })) });
const withOutcome = (item: IDataObject, outcome: object): IDataObject => ({ ...item, writes: patchesOf(item).map(({ system }) => ({ system, outcome })) });

let ledger: LedgerOnCanvas;
beforeEach(async () => {
  ledger = new LedgerOnCanvas();
  await ledger.sync(BOTH);
});
afterEach(() => { ledger.remove(); });

/** Plans of an edit of each phone in the CRM. */
const edits = async (ids: readonly string[], parameters = {}): Promise<IDataObject[]> =>
  jsonOf((await ledger.plan(ids.map((id) => [here(id, `+${id} new`), there(id, `+${id}`)] as const), {}, parameters)).on['Write']);
const pending = async (): Promise<IDataObject[]> => jsonOf((await ledger.check('listPending', SYNC, [{}])).on['Pending']);
const issues = async (): Promise<IDataObject[]> => jsonOf((await ledger.check('listIssues', SYNC, [{}])).on['Issues']);

describe('Reserve and Commit', () => {
  it('carry an edit through: reserved, written, remembered', async () => {
    const reserved = await ledger.commit('reserve', { leaseSeconds: 60 }, await edits(['1']));
    expect(reserved.counts).toEqual({ Reserved: 1 });
    const [item] = jsonOf(reserved.on['Reserved']);
    expect(item).toMatchObject({ plan: { patches: [{ system: 'support', fields: { phone: '+1 new' } }] }, reservation: { fencing_token: expect.any(Number) as number } });
    const committed = await ledger.commit('commit', {}, [written(item!)]);
    expect(committed.counts).toEqual({ Committed: 1 });
    expect(committed.on['Committed']?.[0]?.json).toMatchObject({ record_key: 'contact_1', verdict: { kind: 'Committed' }, reviews: [] });
    const seen = await ledger.check('check', {}, await ledger.read([here('1', '+1 new')]));
    expect(seen.counts).toEqual({ Unchanged: 1 });
  });

  it('F11 are idempotent: run again with the old items, they answer the same', async () => {
    const planned = await edits(['1']);
    const [first] = jsonOf((await ledger.commit('reserve', {}, planned)).on['Reserved']);
    const [again] = jsonOf((await ledger.commit('reserve', {}, planned)).on['Reserved']);
    expect(again?.['reservation']).toEqual(first?.['reservation']);
    await ledger.commit('commit', {}, [written(first!)]);
    expect((await ledger.commit('commit', {}, [written(first!)])).counts).toEqual({ Committed: 1 });
  });

  it('F6 send the loser of a race back, with what it must read', async () => {
    const [mine, theirs] = [await edits(['1']), await edits(['1'])];
    await ledger.commit('reserve', {}, theirs);
    const lost = await ledger.commit('reserve', {}, mine);
    expect(lost.counts).toEqual({ Recheck: 1 });
    expect(lost.on['Recheck']?.[0]?.json).toMatchObject({ verdict: { kind: 'Recheck', claimed_by: null, read: [{ system: 'crm', native_id: '1' }, { system: 'support', native_id: 'T-1' }] } });
    const restarted = await ledger.check('start', SYNC, jsonOf(lost.on['Recheck']));
    expect(restarted.on['Started']?.[0]?.json).toMatchObject({ sync: { attempt: 1 }, full: true, hint: { native_id: '1' } });
  });

  it('G11 a bad item in the middle of a Reserve reaches no writer', async () => {
    const [one, two, three] = await edits(['1', '2', '3']);
    const batch = [one!, { ...two, plan: { patches: 'all' } }, three!];
    const stopped = await ledger.commit('reserve', {}, batch);
    expect(stopped.error?.message).toContain('Item 1 (contact_2): `plan` is not as');
    const run = await ledger.commit('reserve', {}, batch, goOn);
    expect(run.counts).toEqual({ Reserved: 2, Failed: 1 });
    expect(run.on['Failed']?.[0]).toMatchObject({ json: { record_key: 'contact_2', verdict: { kind: 'Failed' } }, pairedItem: { item: 1 } });
  });

  it('a failed item is no way round: Reserve and Commit hand it on as failed', async () => {
    const [one] = await edits(['1']);
    const failed = { ...one, verdict: { kind: 'Failed', reason: 'earlier' } };
    expect((await ledger.commit('reserve', {}, [failed])).counts).toEqual({ Failed: 1 });
    expect((await ledger.commit('commit', {}, [failed])).counts).toEqual({ Failed: 1 });
  });

  it('refuse a setting that cannot be right before the first item, and then nothing is reserved', async () => {
    const run = await ledger.commit('reserve', { leaseSeconds: 0 }, await edits(['1']), goOn);
    expect(run.counts).toEqual({ Failed: 1 });
    expect(run.first).toEqual([]);
    expect((await ledger.commit('reserve', { leaseSeconds: 0 }, await edits(['1']))).error?.message).toContain('"Lease (Seconds)"');
  });

  it('a plan with writes that was never reserved is not committed', async () => {
    const run = await ledger.commit('commit', {}, (await edits(['1'])).map(written));
    expect(run.error?.message).toContain('`reservation` is missing');
  });

  it('G7 in a dry run nothing gets past Reserve or Commit but the plan', async () => {
    const planned = await edits(['1'], { dryRun: true });
    const run = await ledger.commit('reserve', {}, planned);
    expect(run.counts).toEqual({ 'Dry Run': 1 });
    expect(run.on['Dry Run']?.[0]?.json).toMatchObject({ plan: { patches: [{ system: 'support' }] }, verdict: { kind: 'DryRun' } });
    expect((await ledger.commit('commit', {}, planned)).counts).toEqual({ 'Dry Run': 1 });
  });
});

describe('writes that did not go through', () => {
  const outcome = async (result: object): ReturnType<LedgerOnCanvas['commit']> => {
    const reserved = jsonOf((await ledger.commit('reserve', {}, await edits(['1', '2', '3']))).on['Reserved']);
    return await ledger.commit('commit', {}, reserved.map((item, index) => (index === 1 ? withOutcome(item, result) : written(item))));
  };

  it('F5 a rejected value leaves by Failed with the reason, after the ledger stored the issue', async () => {
    const run = await outcome({ kind: 'rejected', reason: 'phone is not valid' });
    expect(run.on['Failed']?.[0]).toMatchObject({ json: { record_key: 'contact_2', verdict: { kind: 'Failed', reason: 'support: phone is not valid' }, rejected: { reported: true } }, pairedItem: { item: 1 } });
    expect(run.on['Committed']?.map(({ pairedItem }) => pairedItem)).toEqual(expect.arrayContaining([expect.objectContaining({ item: 0 }), expect.objectContaining({ item: 2 })]));
    expect(await issues()).toMatchObject([{ record_key: 'contact_2', system: 'support' }]);
    const reported = await ledger.commit('reportIssue', {}, jsonOf(run.on['Failed']));
    expect(reported.counts).toEqual({ Reported: 1 });
    expect(await issues()).toHaveLength(1);
  });

  it('F4 a postponed write is read again, after the wait the system asked for', async () => {
    const run = await outcome({ kind: 'postponed', reason: 'rate limit', retry_after_seconds: 7 });
    expect(run.counts).toEqual({ Committed: 2, Recheck: 1 });
    expect(run.on['Recheck']?.[0]?.json).toMatchObject({ verdict: { reason: 'postponed', retry_after_seconds: 7, read: expect.arrayContaining([{ system: 'crm', native_id: '2' }]) as object } });
  });

  it('F3 an unknown outcome is read again and keeps its intent', async () => {
    const run = await outcome({ kind: 'unknown', reason: 'timeout' });
    expect(run.on['Recheck']?.[0]?.json).toMatchObject({ record_key: 'contact_2', verdict: { reason: 'unknown' } });
    const seen = await ledger.check('check', {}, await ledger.read([here('2', '+2 new')]));
    expect(seen.on['Changed']?.[0]?.json).toMatchObject({ row: { intents: [{ system: 'support', to: { phone: '+2 new' } }] } });
  });
});

describe('Queue Review and Decide Review', () => {
  const conflict = async (): Promise<IDataObject> => {
    const [item] = jsonOf((await ledger.plan([[here('1', '+1 crm'), there('1', '+1 support')]])).on['Review']);
    return item!;
  };

  it('store a question, and refuse an answer to values that nobody holds any more', async () => {
    const queued = await ledger.commit('queueReview', {}, [await conflict()]);
    expect(queued.counts).toEqual({ Queued: 1 });
    expect(queued.on['Queued']?.[0]?.json).toMatchObject({ reviews: [{ subject: 'phone', values: { crm: { phone: '+1 crm' }, support: { phone: '+1 support' } } }] });
    const [review] = jsonOf((await ledger.check('listReviews', SYNC, [{}])).on['Reviews']);
    const decide = { ...SYNC, decision: 'winner', winner: 'crm', decidedBy: 'ann' };
    const stale = await ledger.commit('decideReview', decide, [{ ...review, values: { crm: { phone: 'old' }, support: {} } }]);
    expect(stale.counts).toEqual({ Changed: 1 });
    const unknown = await ledger.commit('decideReview', decide, [{ ...review, id: 'no such review' }]);
    expect(unknown.counts).toEqual({ 'Not Found': 1 });
    const decided = await ledger.commit('decideReview', decide, [review!]);
    expect(decided.on['Decided']?.[0]?.json).toMatchObject({ review: { decision: { kind: 'winner', system: 'crm', by: 'ann' } } });
    const again = await ledger.check('start', SYNC, jsonOf(decided.on['Decided']));
    expect(again.on['Started']?.[0]?.json).toMatchObject({ hint: { system: 'crm', native_id: '1' }, full: true, sync: { attempt: 0 } });
  });

  it('D2 refuse a value as the answer to a deletion, naming the question and what answers it', async () => {
    const asked = await conflict();
    const plan = asked['plan'] as IDataObject;
    const drafts = (plan['open_reviews'] as IDataObject[]).map((draft) => ({ ...draft, kind: 'delete', subject: '*' }));
    await ledger.commit('queueReview', {}, [{ ...asked, plan: { ...plan, open_reviews: drafts } }]);
    const [review] = jsonOf((await ledger.check('listReviews', SYNC, [{}])).on['Reviews']);
    const id = JSON.stringify(review!['id']).slice(1, -1);
    const answer = { ...SYNC, decision: 'value', value: { phone: '+1' }, decidedBy: 'ann' };
    expect((await ledger.commit('decideReview', answer, [review!])).error?.message).toContain(`review ${id} (contact_1, *) cannot be answered with "value", only with: winner, keep_apart`);
    const run = await ledger.commit('decideReview', answer, [review!], goOn);
    expect(run.counts).toEqual({ Failed: 1 });
    expect(jsonOf((await ledger.check('listReviews', SYNC, [{}])).on['Reviews'])).toEqual([review]);
  });

  it('pass a record on whose questions were committed with its writes', async () => {
    const item = { ...(await conflict()), verdict: { kind: 'Committed', version: 2 }, reviews: [] };
    expect(jsonOf((await ledger.commit('queueReview', {}, [item])).on['Queued'])).toEqual([item]);
  });

  it('a plan with writes is refused here: they would be lost', async () => {
    expect((await ledger.commit('queueReview', {}, await edits(['1']))).error?.message).toContain('it has writes');
  });

  it('G11 one decision that cannot be read blocks no other', async () => {
    await ledger.commit('queueReview', {}, [await conflict()]);
    const [review] = jsonOf((await ledger.check('listReviews', SYNC, [{}])).on['Reviews']);
    const decide = { ...SYNC, decision: 'winner', winner: '={{ $json.winner }}', decidedBy: 'ann' };
    const run = await ledger.commit('decideReview', decide, [{ ...review, winner: 'billing' }, { ...review, winner: 'crm' }], goOn);
    expect(run.counts).toEqual({ Decided: 1, Failed: 1 });
    expect(run.on['Failed']?.[0]?.pairedItem).toMatchObject({ item: 0 });
  });
});

describe('Finish and Report Issue', () => {
  it('end the note of what was read, and of nothing else', async () => {
    const items = await ledger.read([here('1', '+1'), here('2', '+2')]);
    const [one] = items.map((item) => ({ ...item, source: item['observation'], verdict: { kind: 'Echo', proof: 'write_hash' } }));
    const run = await ledger.commit('finish', {}, [one!]);
    expect(run.on['Finished']?.[0]?.json).toMatchObject({ outcome: 'echo' });
    expect(await pending()).toEqual([{ hint: { system: 'crm', native_id: '2' } }]);
  });

  it('a failed item keeps its note and becomes an issue, even when it is finished by mistake', async () => {
    const [item] = await ledger.read([here('1', '+1')]);
    const failed = (await ledger.check('check', {}, [{ ...item, observation: { broken: true } }], goOn)).on['Failed'];
    await ledger.commit('finish', {}, jsonOf(failed));
    expect(await pending()).toEqual([{ hint: { system: 'crm', native_id: '1' } }]);
    expect(await issues()).toMatchObject([{ system: 'crm', native_id: '1', code: 'failed_item' }]);
  });

  it('a rejected record is an issue with every reason; its note ends unless trying again may help', async () => {
    const items = await ledger.read([here('1', '+1'), here('2', '+2')]);
    const rejected = { code: 'rejected_record', reasons: ['email: not an address', 'phone: too short'], system: 'crm' };
    const run = await ledger.commit('reportIssue', {}, items.map((item, index) => asJson({ sync: item['sync'], hint: item['hint'], rejected: { ...rejected, retryable: index === 1 } })));
    expect(run.counts).toEqual({ Reported: 2 });
    expect(await issues()).toEqual(expect.arrayContaining([expect.objectContaining({ native_id: '1', reasons: rejected.reasons })]));
    expect(await pending()).toEqual([{ hint: { system: 'crm', native_id: '2' } }]);
  });

  it('a step outside this package that failed is reported in its own words', async () => {
    const [item] = await ledger.read([here('1', '+1')]);
    await ledger.commit('reportIssue', { reason: '={{ $json.why }}' }, [{ sync: item!['sync'], hint: item!['hint'], why: 'reader timed out' }]);
    expect(await issues()).toMatchObject([{ code: 'failed_step', reasons: ['reader timed out'] }]);
    expect(await pending()).toHaveLength(1);
    const silent = await ledger.commit('reportIssue', {}, [{ sync: item!['sync'], hint: item!['hint'] }]);
    expect(silent.error?.message).toContain('no `rejected`');
  });

  it('a new record that was created and reserved twice is created once', async () => {
    const create = [here('9', '+9'), absent('support', 'none', null)] as const;
    const [first, second] = [await ledger.plan([create]), await ledger.plan([create])];
    expect((await ledger.commit('reserve', {}, jsonOf(second.on['Write']))).counts).toEqual({ Reserved: 1 });
    expect((await ledger.commit('reserve', {}, jsonOf(first.on['Write']))).counts).toEqual({ Recheck: 1 });
  });
});

describe('pruning', () => {
  it('happens once whatever the number of items, and never in a dry run', async () => {
    const pruned = await ledger.commit('prune', { ...SYNC, keep: { runsDays: 7 } }, [{}, {}, {}]);
    expect(jsonOf(pruned.on['Pruned'])).toEqual([{ pruned: { history: 0, journal: 0, runs: 0, notes: 0, intents: 0, tombstones: 0 } }]);
    expect(jsonOf((await ledger.commit('prune', { ...SYNC, keep: {} }, [{ dry_run: true }])).on['Pruned'])).toEqual([{ pruned: null }]);
  });

  it('is refused below the floor, by an expression too', async () => {
    for (const keep of [{ tombstonesDays: 1 }, { historyDays: '90' }]) {
      expect((await ledger.commit('prune', { ...SYNC, keep }, [{}])).error?.message).toMatch(/tombstones_days|Keep \(Days\)/);
    }
  });
});
