/** What an undo of a run promises on every store: what the run wrote is told, and one decision a record is left, once. */
import { describe, expect, it } from 'vitest';
import { canonicalRecord } from '../../core/json/canonical-record';
import type { CanonicalRecord } from '../../core/model';
import type { CommitItem, UndoVerdict, WriteEffect } from '../../ledger/ledger-store';
import { DEFAULT_RETENTION } from '../../ledger/retention';
import { decideUndo, undoDraft, undoDrafts, type UndoState } from '../../core/policies/undo';
import { freshLedger, type MakeStore } from './fresh-ledger';
import { record, scope, snapshot } from './items';

const effect = (before: CanonicalRecord, after: CanonicalRecord): WriteEffect => ({ writes: 1, before: { crm: before, support: before }, after: { crm: after, support: after }, obstacles: {} });
const [OLD, NEW] = [record({ name: 'old' }), record({ name: 'new' })];

export function undoContract(name: string, makeStore: MakeStore): void {
  describe(`${name} ledger: undo`, () => {
    const { store, ledger, later, begin, check, commit, pending } = freshLedger(makeStore);
    /** A run that wrote `after` over `before` in both systems of record `id`. */
    const wrote = async (id: string, version = 0, what: WriteEffect = effect(OLD, NEW), run_over: Partial<CommitItem> = {}): Promise<string> => {
      const run = await begin(`c${id}`);
      const held = what.after['crm'] ?? NEW;
      const verdict = await commit(run, { record_key: `contact_${id}`, version, links: { crm: `c${id}`, support: `s${id}` }, snapshots: { crm: snapshot(held), support: snapshot(held) }, effect: what, written: ['support'], ...run_over });
      expect(verdict.kind).toBe('Committed');
      return run.run_id;
    };
    const states = async (run_id: string): Promise<readonly (readonly [string, UndoState])[]> => (await store().writesOf(scope, run_id)).records.flatMap((written) => [...decideUndo(written)].map(([field, state]) => [`${written.record_key} ${field}`, state] as const));
    const ask = async (run_id: string): Promise<readonly UndoVerdict[]> => await store().undo(scope, undoDrafts((await store().writesOf(scope, run_id)).records, run_id, 'ann'));

    it('G9 tells what a run wrote, by record, with what both systems are remembered to hold by now', async () => {
      const run = await begin('c1', 'c2');
      for (const id of ['2', '1']) await commit(run, { record_key: `contact_${id}`, links: { crm: `c${id}`, support: `s${id}` }, effect: effect(OLD, NEW), written: ['support'] });
      await wrote('3');
      expect(await store().writesOf(scope, run.run_id)).toEqual({ counted: 2, records: ['1', '2'].map((id) => ({ record_key: `contact_${id}`, effect: effect(OLD, NEW), holds: { crm: NEW, support: NEW }, waiting: false })) });
    });

    it('G9 knows nothing of a run that wrote nothing, of one that is not there, and of another sync\'s', async () => {
      const idle = await wrote('1', 0, effect(OLD, NEW), { effect: null, written: [] });
      expect(await store().writesOf(scope, idle)).toEqual({ counted: 0, records: [] });
      expect(await store().writesOf(scope, 'nobody')).toEqual({ counted: null, records: [] });
      const run = await wrote('2');
      expect(await store().writesOf({ ...scope, sync: 'other' }, run)).toEqual({ counted: null, records: [] });
    });

    it('G9 leaves one decision a record and notes both sides, so that a sweep takes them up', async () => {
      const run = await wrote('1');
      expect(await pending()).toEqual([]);
      expect(await ask(run)).toEqual([{ record_key: 'contact_1', asked: true, read: [{ system: 'crm', native_id: 'c1' }, { system: 'support', native_id: 's1' }] }]);
      expect(await pending()).toEqual(['crm:c1', 'support:s1']);
      expect(await check(await begin())).toMatchObject({ kind: 'Changed', row: { reviews: [{
        kind: 'undo', subject: `undo:${run}`, fields: ['name'], status: 'decided', values: { crm: NEW, support: NEW }, base: { crm: OLD, support: OLD }, decision: { kind: 'undo', run_id: run, values: { crm: OLD, support: OLD }, stays: [], by: 'ann' },
      }] } });
      expect(await states(run)).toEqual([['contact_1 name', 'waiting']]);
    });

    it('G9 asked for again leaves the ledger as it is, while it waits and when it is done', async () => {
      const run = await wrote('1');
      const { records } = await store().writesOf(scope, run);
      const drafts = records.map((written) => undoDraft(written, { run_id: run, fields: ['name'], stays: ['zip'], by: 'ann' }));
      await store().undo(scope, drafts);
      const waiting = await ledger().dump();
      expect(await ask(run)).toEqual([]);
      expect(await store().undo(scope, drafts)).toEqual([{ record_key: 'contact_1', asked: false, read: [] }]);
      const decided = (await store().reviews(scope, { limit: 1, offset: 0, id: null })).items;
      expect(JSON.stringify(await ledger().dump())).toBe(JSON.stringify(waiting));
      const undone = await wrote('1', 1, effect(NEW, OLD), { close_reviews: decided.map(({ id }) => id) });
      const done = await ledger().dump();
      expect(await states(run)).toEqual([['contact_1 name', 'undone']]);
      expect(await ask(run)).toEqual([]);
      expect(await ledger().dump()).toEqual(done);
      expect(await states(undone)).toEqual([['contact_1 name', 'asked']]);
    });

    it('G9 asks for nothing that was changed since', async () => {
      const run = await wrote('1');
      await wrote('1', 1, effect(NEW, record({ name: 'newer' })));
      expect(await states(run)).toEqual([['contact_1 name', 'changed']]);
    });

    it('G9 asks for nothing of a record that is gone from one system', async () => {
      const run = await wrote('1');
      await commit(await begin('c1'), { version: 1, snapshots: { crm: snapshot(null) } });
      expect(await states(run)).toEqual([['contact_1 name', 'changed']]);
    });

    it('G9 is left for a thousand records at once, each once, and for none that is not there', async () => {
      const run = await begin();
      const ids = Array.from({ length: 1000 }, (_, index) => String(index).padStart(4, '0'));
      const items = ids.map((id) => ({ record_key: `contact_${id}`, links: { crm: `c${id}`, support: `s${id}` } }));
      for (const item of items.slice(0, 20)) expect((await commit(run, { ...item, effect: effect(OLD, NEW) })).kind).toBe('Committed');
      const drafts = items.map(({ record_key }) => undoDraft({ record_key, effect: effect(OLD, NEW) }, { run_id: run.run_id, fields: ['name'], stays: [], by: 'ann' }));
      const verdicts = await store().undo(scope, drafts);
      expect(verdicts.map(({ record_key }) => record_key)).toEqual(items.map(({ record_key }) => record_key));
      expect(verdicts.map(({ asked }) => asked)).toEqual(ids.map((_, index) => index < 20));
      expect((await store().reviews(scope, { limit: 1, offset: 0, id: null })).total).toBe(20);
      expect(await store().undo(scope, [])).toEqual([]);
    });

    it('G9 keeps field names and values as they are, however odd', async () => {
      const [before, after] = [canonicalRecord([['__proto__', '\u0000 \ud800'], ['ключ 🔑', null]]), canonicalRecord([['__proto__', "'); --"], ['ключ 🔑', [{ a: 1 }]]])];
      const run = await wrote('1', 0, effect(before, after));
      await ask(run);
      const [review] = (await store().reviews(scope, { limit: 1, offset: 0, id: null })).items;
      expect(review).toMatchObject({ fields: ['__proto__', 'ключ 🔑'], values: { crm: after, support: after } });
      expect(JSON.stringify(review?.decision)).toContain(JSON.stringify(before));
      expect((await store().writesOf(scope, run)).records).toMatchObject([{ effect: effect(before, after), holds: { crm: after, support: after }, waiting: true }]);
    });

    it('G9 tells of no values that retention has forgotten, or an erasure', async () => {
      const run = await wrote('1');
      later(200 * 86_400);
      await begin();
      await store().prune(scope, { ...DEFAULT_RETENTION, runs_days: 400 });
      expect(await store().writesOf(scope, run)).toEqual({ counted: 1, records: [] });
      const other = await wrote('2');
      await commit(await begin('c2'), { record_key: 'contact_2', version: 1, links: { crm: 'c2', support: 's2' }, snapshots: { crm: snapshot(null), support: snapshot(null) } });
      await ask(other);
      await store().erase(scope, 'contact_2');
      expect((await store().writesOf(scope, other)).records).toEqual([]);
      expect((await store().reviews(scope, { limit: 1, offset: 0, id: null })).total).toBe(0);
    });

    it('a line of the history that has no tuple says the reason of its commit', async () => {
      const run = await wrote('1');
      await ask(run);
      const { items } = await store().reviews(scope, { limit: 1, offset: 0, id: null });
      await commit(await begin(), { version: 1, journal: [], close_reviews: items.map(({ id }) => id), reason: 'not done, changed since' });
      expect((await store().history(scope, 'contact_1', 1)).entries).toMatchObject([{ cause: 'not done, changed since', fields: [] }]);
    });
  });
}
