/** What Note and Take promise on every store: no hint is lost, none is worked on twice at once, and N hints of a record are one piece of work. */
import { describe, expect, it } from 'vitest';
import type { Hint } from '../../core/model';
import type { NoteResult, TakeRequest, TakeResult } from '../../ledger/ledger-store';
import { freshLedger, type MakeStore } from './fresh-ledger';
import { scope } from './items';

type Taken = Extract<TakeResult, { kind: 'Taken' }>;

export function drainContract(name: string, makeStore: MakeStore): void {
  describe(`${name} ledger: note and take`, () => {
    const { store, ledger, later, begin, check, reserve, commit, pending } = freshLedger(makeStore);
    const hint = (name: string): Hint => ({ system: name.startsWith('s') ? 'support' : 'crm', native_id: name });
    const note = (...names: string[]): Promise<NoteResult> => store().note({ ...scope, hints: names.map(hint), order_seconds: 30 });
    const take = (drain = 'one', over: Partial<TakeRequest> = {}): Promise<TakeResult> => store().take({ ...scope, drain, limit: 100, hold_seconds: 120, drains_at_once: 2, execution_id: 'execution-1', ...over });
    const taken = async (drain = 'one', over: Partial<TakeRequest> = {}): Promise<Taken> => {
      const result = await take(drain, over);
      if (result.kind !== 'Taken') throw new Error(`nothing was taken: ${result.kind}`);
      return result;
    };
    const ids = ({ noted }: Taken): readonly string[] => noted.map(({ native_id }) => native_id);
    const finish = ({ run, noted }: Taken): Promise<void> => store().finish(run, noted.map(({ system, native_id, record_key }) => ({ record_key, hints: [{ system, native_id }], outcome: 'unchanged', issues: [] })));
    /** contact_1 with c1 and s1, both sides settled. */
    const settle = async (): Promise<void> => { expect((await commit(await begin('c1'))).kind).toBe('Committed'); };

    it('the first hint orders a drain, and nobody else does until it should have begun', async () => {
      expect(await note('c1', 'c2', 'c1')).toEqual({ noted: 2, order: true });
      expect(await note('c3')).toEqual({ noted: 1, order: false });
      later(31);
      expect(await note('c3')).toEqual({ noted: 1, order: true });
    });

    it('no hint, no order', async () => {
      expect(await note()).toEqual({ noted: 0, order: false });
      expect(await note('c1')).toMatchObject({ order: true });
    });

    it('while a drain is at work it sees to new hints itself; when it found nothing left, the next hint orders one', async () => {
      await note('c1');
      const first = await taken();
      expect(await note('c2')).toMatchObject({ order: false });
      await finish(first);
      const second = await taken();
      expect(ids(second)).toEqual(['c2']);
      await finish(second);
      expect(await take()).toEqual({ kind: 'NothingLeft' });
      expect(await note('c3')).toMatchObject({ order: true });
    });

    it('N hints for a record are one piece of work', async () => {
      for (let count = 0; count < 5; count += 1) await note('c1', 'c2');
      expect(ids(await taken())).toEqual(['c1', 'c2']);
    });

    it('oldest first, as many as asked for, and of one system: that of the oldest', async () => {
      await note('c2');
      await note('c1', 's9');
      await note('c3');
      const first = await taken('one', { limit: 2 });
      expect(first.run).toMatchObject({ source: 'crm', target: 'support', attempt: 0, dry_run: false });
      expect(ids(first)).toEqual(['c2', 'c1']);
      await finish(first);
      const second = await taken('one', { limit: 2 });
      expect(second.run).toMatchObject({ source: 'support', target: 'crm' });
      expect(ids(second)).toEqual(['s9']);
      await finish(second);
      expect(ids(await taken())).toEqual(['c3']);
    });

    it('the token is younger than every hint it stands for, so the run that ends clears them [F15]', async () => {
      await note('c1');
      const batch = await taken();
      await finish(batch);
      expect(await pending()).toEqual([]);
    });

    it('Take clears no note, and a hint that comes after it stays for the next batch, whatever the run does [F15]', async () => {
      await settle();
      await note('c1');
      const batch = await taken();
      await note('c1');
      expect(await commit(batch.run, { version: 1 })).toMatchObject({ kind: 'Recheck', reason: 'hint' });
      expect(ids(await taken())).toEqual(['c1']);
    });

    it('a batch tells what the ledger knows of its records', async () => {
      await settle();
      await note('c1', 'c7');
      expect((await taken()).noted).toEqual([
        { system: 'crm', native_id: 'c1', record_key: 'contact_1', source_id: 'c1' },
        { system: 'crm', native_id: 'c7', record_key: null, source_id: 'c7' },
      ]);
    });

    it('what one drain is at, another does not take, and no sweep takes it up', async () => {
      await note('c1', 'c2', 'c3');
      expect(ids(await taken('one', { limit: 2 }))).toEqual(['c1', 'c2']);
      expect(ids(await taken('two'))).toEqual(['c3']);
      expect(await pending()).toEqual([]);
    });

    it('a record is taken with both of its notes: whoever is at one is at the record', async () => {
      await settle();
      await note('c1');
      const batch = await taken('one');
      await note('s1', 's2');
      expect(ids(await taken('two'))).toEqual(['s2']);
      await finish(batch);
      expect(ids(await taken('one'))).toEqual(['s1']);
    });

    it('a note that was handed over to a record waits for the drain that is at the record', async () => {
      await settle();
      expect((await reserve(await begin(), { version: 1, lease_seconds: 5 })).kind).toBe('Reserved');
      await note('c1b');
      expect((await check(await begin(), { native_id: 'c1b' })).kind).toBe('Busy');
      expect(await take()).toEqual({ kind: 'NothingLeft' });
      later(6);
      await note('c1');
      expect(ids(await taken('one', { limit: 1 }))).toEqual(['c1b']);
      expect(await take('two')).toEqual({ kind: 'NothingLeft' });
    });

    it('a record that another run holds is left out until its lease is over', async () => {
      await settle();
      const holder = await begin();
      expect((await reserve(holder, { version: 1, lease_seconds: 60 })).kind).toBe('Reserved');
      await note('c1');
      expect(await take()).toEqual({ kind: 'NothingLeft' });
      later(61);
      expect(ids(await taken())).toEqual(['c1']);
    });

    it('more drains than may be at once leave again', async () => {
      await note('c1', 'c2', 'c3');
      await taken('one', { limit: 1 });
      expect(await take('two', { drains_at_once: 1 })).toEqual({ kind: 'Draining' });
      expect(ids(await taken('two', { limit: 1 }))).toEqual(['c2']);
      expect(await take('three')).toEqual({ kind: 'Draining' });
      expect(ids(await taken('one', { drains_at_once: 2 }))).toEqual(['c3']);
    });

    it('a drain that died leaves its batch when its hold is over, and orders are given again', async () => {
      await note('c1', 'c2');
      await taken('one', { hold_seconds: 120 });
      later(119);
      expect(await take('two')).toEqual({ kind: 'NothingLeft' });
      expect(await note('c3')).toMatchObject({ order: false });
      later(2);
      expect(await note('c3')).toMatchObject({ order: true });
      expect(await pending()).toEqual(['crm:c1', 'crm:c2', 'crm:c3']);
      expect(ids(await taken('two'))).toEqual(['c1', 'c2', 'c3']);
    });

    it('what a drain could not finish does not come again in its next batch, but when its hold is over', async () => {
      await note('c1', 'c2');
      const batch = await taken();
      await finish({ ...batch, noted: batch.noted.slice(1) });
      expect(await take()).toEqual({ kind: 'NothingLeft' });
      expect(await take('two')).toEqual({ kind: 'NothingLeft' });
      expect(await pending()).toEqual(['crm:c1']);
      later(121);
      expect(ids(await taken('two'))).toEqual(['c1']);
    });

    it('what a drain could not finish comes at once when there is a new hint', async () => {
      await note('c1');
      await taken();
      expect(await take()).toEqual({ kind: 'NothingLeft' });
      await note('c1');
      expect(ids(await taken())).toEqual(['c1']);
    });

    it('a drain leaves nothing of its own behind', async () => {
      await settle();
      const dump = async (): Promise<string> => JSON.stringify(await ledger().dump()).replaceAll(/"(hint_seq|handled_seq|drain_seq|value|last_value)":\d+/gu, '"$1":0');
      await note('c1');
      await finish(await taken());
      await take();
      later(121);
      await take();
      const before = await dump();
      await note('c1');
      await finish(await taken());
      later(121);
      await take();
      expect(await dump()).toBe(before);
    });

    it('hints that a run has noted itself are that run\'s, before, after and beside a burst', async () => {
      await begin('c1');
      expect(await take()).toEqual({ kind: 'NothingLeft' });
      await note('c1');
      await begin('c1');
      const batch = await taken();
      expect(ids(batch)).toEqual(['c1']);
      await finish(batch);
      await begin('c1');
      expect(await take()).toEqual({ kind: 'NothingLeft' });
      expect(await pending()).toEqual(['crm:c1']);
    });

    it('syncs are apart: order, notes and drains', async () => {
      const other = { ...scope, sync: 'tickets', record_type: 'ticket' };
      await note('c1');
      await taken('one');
      expect(await store().note({ ...other, hints: [hint('c1')], order_seconds: 30 })).toEqual({ noted: 1, order: true });
      expect(await take('one', { ...other, drains_at_once: 1 })).toMatchObject({ kind: 'Taken', noted: [{ native_id: 'c1' }] });
    });

    it('a second sync of the same pair is refused, as by Start', async () => {
      await note('c1');
      const second = { ...scope, sync: 'contacts again' };
      await expect(store().note({ ...second, hints: [hint('c1')], order_seconds: 30 })).rejects.toMatchObject({ code: 'sync_conflict' });
      await expect(take('one', second)).rejects.toMatchObject({ code: 'sync_conflict' });
      await expect(take('one', { target: 'billing' })).rejects.toMatchObject({ code: 'sync_conflict' });
    });

    it('a run of a drain stands in the log of runs', async () => {
      await note('s1');
      const { run } = await taken();
      expect(await store().runs(scope, 1)).toMatchObject([{ run_id: run.run_id, cause: 'drain', direction: 'support-to-crm' }]);
    });

    it('odd native ids are themselves', async () => {
      const odd = ['c\u0000', "c'; --", 'ç"\\'];
      await note(...odd);
      expect(new Set(ids(await taken()))).toEqual(new Set(odd));
      expect(await take('ö\u0000')).toEqual({ kind: 'NothingLeft' });
    });
  });
}
