/** What pruning promises on every store: bounded growth, and nothing forgotten that a law needs. */
import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../core/json/fingerprint';
import type { CanonicalRecord } from '../../core/model';
import { DEFAULT_RETENTION, type Retention } from '../../ledger/retention';
import type { CheckItem, CheckVerdict, CommitItem, Pruned, ReserveItem } from '../../ledger/ledger-store';
import { freshLedger, type MakeStore } from './fresh-ledger';
import { checkItem, commitItem, intent, record, scope, snapshot, startRequest } from './items';

const NOTHING: Pruned = { history: 0, journal: 0, runs: 0, notes: 0, intents: 0, tombstones: 0 };
const DAY = 86_400;

export function retentionContract(name: string, makeStore: MakeStore): void {
  describe(`${name} ledger: retention`, () => {
    const { store, ledger, now, later, begin, check, reserve, commit, pending } = freshLedger(makeStore);
    const days = (count: number): void => { later(count * DAY); };
    const prune = (over: Partial<Retention> = {}): Promise<Pruned> => store().prune(scope, { ...DEFAULT_RETENTION, ...over });
    const tuple = (fields: CanonicalRecord): CommitItem['journal'] => commitItem().journal.map((one) => ({ ...one, field_hash: fingerprint(fields) }));
    const gone = { crm: snapshot(null), support: snapshot(null) };
    const row = async (over: Partial<CheckItem> = {}): Promise<NonNullable<Extract<CheckVerdict, { kind: 'Changed' }>['row']> | null> => {
      const verdict = await check(await begin(), { full: true, ...over });
      if (verdict.kind !== 'Changed') throw new Error(verdict.kind);
      return verdict.row;
    };
    /** A hold whose write may have landed, and that nobody committed. */
    const abandoned = async (version: number, over: Partial<ReserveItem> = {}): Promise<void> => {
      expect((await reserve(await begin(), { version, ...over })).kind).toBe('Reserved');
      days(1);
    };

    it('G6 grows with the number of records, not with the number of edits', async () => {
      const RECORDS = 5;
      const year = async (): Promise<{ readonly [table: string]: number }> => {
        for (let week = 0; week < 52; week += 1) {
          for (let id = 0; id < RECORDS; id += 1) {
            const edited = record({ name: `${now().toISOString()} ${id}` });
            const run = (await store().start({ ...startRequest(), hints: [{ system: 'crm', native_id: `c${id}` }, { system: 'support', native_id: `s${id}` }] })).run;
            const present = await check(run, { native_id: `c${id}`, proposed_key: `contact_${id}`, fingerprint: fingerprint(edited), full: true });
            const version = present.kind === 'Changed' ? present.row?.version ?? 0 : 0;
            const moved = { version, record_key: `contact_${id}`, links: { crm: `c${id}`, support: `s${id}` }, snapshots: { crm: snapshot(edited), support: snapshot(edited) }, journal: tuple(edited) };
            expect((await commit(run, moved)).kind).toBe('Committed');
          }
          days(7);
          await prune();
        }
        return await ledger().sizes();
      };
      const first = await year();
      expect(first).toMatchObject({ sync_records: RECORDS, sync_links: 2 * RECORDS, sync_snapshots: 2 * RECORDS, sync_intents: 0, sync_notes: 2 * RECORDS });
      expect(first['sync_ledger']).toBeLessThanOrEqual(RECORDS * (DEFAULT_RETENTION.journal_days / 7 + 1));
      expect(first['sync_history']).toBeLessThanOrEqual(RECORDS * (DEFAULT_RETENTION.history_days / 7 + 1));
      expect(first['sync_runs']).toBeLessThanOrEqual(RECORDS * (DEFAULT_RETENTION.runs_days / 7 + 1));
      expect(await year()).toEqual(first);
    }, 60_000);

    it('a ledger that was pruned is left as it is by the next pruning', async () => {
      await commit(await begin('c1'));
      days(400);
      await begin();
      expect(await prune()).toMatchObject({ history: 1, runs: 1, notes: 1, journal: 0 });
      const dump = await ledger().dump();
      expect(await prune()).toEqual(NOTHING);
      expect(await ledger().dump()).toEqual(dump);
    });

    it('nothing of a young ledger is old: a note that was handled an hour ago stays', async () => {
      await commit(await begin('c1'));
      await begin();
      expect(await prune({ runs_days: 7 })).toEqual(NOTHING);
      expect((await ledger().sizes())['sync_notes']).toBe(1);
    });

    it('refuses to keep anything for less than the time in which a webhook may still be delivered', async () => {
      await commit(await begin('c1'));
      const dump = await ledger().dump();
      for (const short of [{ tombstones_days: 6 }, { runs_days: 0 }, { journal_days: -1 }, { history_days: Number.NaN }, { intents_days: 1e9 }]) {
        await expect(prune(short)).rejects.toMatchObject({ code: 'bad_setting' });
      }
      expect(await ledger().dump()).toEqual(dump);
    });

    it('E1 the newest journal tuple stays however old it is, and only that: a value set back is still an edit, the echo still an echo', async () => {
      const [v0, v1] = [record({ name: 'v0' }), record({ name: 'v1' })];
      await commit(await begin(), { snapshots: { crm: snapshot(v0), support: snapshot(v0) }, journal: tuple(v0) });
      await commit(await begin(), { version: 1, snapshots: { crm: snapshot(v1), support: snapshot(v1) }, journal: tuple(v1) });
      days(1000);
      expect(await prune()).toMatchObject({ journal: 1 });
      expect((await ledger().sizes())['sync_ledger']).toBe(1);
      expect(await row()).toMatchObject({ version: 2, snapshots: { crm: snapshot(v1), support: snapshot(v1) }, latest: { field_hash: fingerprint(v1) } });
    });

    it('what waits stays for ever: unhandled notes, open intents, open and decided questions, issues', async () => {
      const question = { kind: 'conflict' as const, subject: 'name', fields: ['name'], reason: 'both', values: { crm: record({ name: 'a' }) }, base: {} };
      await commit(await begin(), { open_reviews: [question, { ...question, subject: 'phone' }] });
      const asked = (await store().reviews(scope, { limit: 10, offset: 0, id: null })).items;
      await store().decide({ ...scope, review_id: asked[0]?.id ?? '', decision: { kind: 'keep_apart', by: 'ann' }, shown: asked[0]?.values ?? {} });
      await reserve(await begin(), { record_key: 'contact_2', links: { crm: 'c2' }, intents: [intent({ native_id: 's2' })] });
      const run = await begin('c9');
      await store().finish(run, [{ record_key: null, hints: [], outcome: 'rejected', issues: [{ record_key: null, system: 'crm', native_id: 'c9', code: 'rejected_record', reasons: ['no name'] }] }]);
      days(1000);
      await begin();
      const waiting = await pending();
      expect(waiting).toEqual(['crm:c1', 'support:s1', 'crm:c2', 'crm:c9'].sort((a, b) => waiting.indexOf(a) - waiting.indexOf(b)));
      await prune();
      expect(await pending()).toEqual(waiting);
      expect((await store().reviews(scope, { limit: 10, offset: 0, id: null })).total).toBe(2);
      expect(await store().issues(scope, 10)).toHaveLength(1);
      expect((await ledger().sizes())['sync_intents']).toBe(1);
    });

    it('a tombstone outlives the horizon of webhooks; after it, the record is unknown and stays deleted', async () => {
      await commit(await begin('c1'), { snapshots: gone });
      days(89);
      expect(await prune()).toMatchObject({ tombstones: 0 });
      expect(await row({ fingerprint: null })).toMatchObject({ links: { crm: 'c1', support: 's1' }, snapshots: { crm: { presence: 'gone' } } });
      days(2);
      expect(await prune()).toMatchObject({ tombstones: 1 });
      expect(await ledger().sizes()).toMatchObject({ sync_records: 0, sync_links: 0, sync_snapshots: 0, sync_ledger: 0 });
      expect(await check(await begin('c1'), { fingerprint: null, proposed_key: null })).toMatchObject({ kind: 'Unchanged', reason: 'unknown_and_gone' });
    });

    it('a record that is gone on one side only is no tombstone', async () => {
      await commit(await begin('c1'), { snapshots: { crm: snapshot(null), support: snapshot(record({ name: 'x' })) } });
      days(1000);
      expect(await prune()).toMatchObject({ tombstones: 0 });
      expect(await row({ fingerprint: null })).toMatchObject({ links: { crm: 'c1', support: 's1' } });
    });

    it('a tombstone stays while something waits for it: a note, a question, a hold', async () => {
      await commit(await begin(), { snapshots: gone });
      await commit(await begin(), { record_key: 'contact_2', links: { crm: 'c2' }, snapshots: { crm: snapshot(null) }, open_reviews: [{ kind: 'delete', subject: '*', fields: [], reason: 'gone', values: {}, base: {} }] });
      days(200);
      await begin('c1');
      expect(await prune()).toMatchObject({ tombstones: 0 });
      await store().finish(await begin(), [{ record_key: null, hints: [{ system: 'crm', native_id: 'c1' }], outcome: 'unchanged', issues: [] }]);
      expect((await reserve(await begin(), { version: 1, intents: [], lease_seconds: 60 })).kind).toBe('Reserved');
      expect(await prune()).toMatchObject({ tombstones: 0 });
      days(1);
      expect(await prune()).toMatchObject({ tombstones: 1 });
    });

    it('[22] an open create is remembered past the tombstone, superseded or not', async () => {
      const create = { links: { crm: 'c1' }, intents: [intent({ op: 'create', native_id: null, match_key: 'a@b.c' })] };
      await abandoned(0, create);
      await commit(await begin(), { version: 1, links: { crm: 'c1' }, snapshots: { crm: snapshot(null) }, journal: [] });
      await abandoned(0, { ...create, record_key: 'contact_2', links: { crm: 'c2' }, intents: [intent({ op: 'create', native_id: null, match_key: 'd@e.f' })] });
      for (let month = 0; month < 12; month += 1) {
        days(30);
        await begin();
        expect(await prune()).toMatchObject({ intents: 0, tombstones: 0 });
      }
      expect(await row({ fingerprint: null })).toMatchObject({ intents: [{ op: 'create', superseded: true, match_key: 'a@b.c' }] });
      expect(await row({ native_id: 'c2' })).toMatchObject({ intents: [{ op: 'create', superseded: false }] });
    });

    it('a superseded intent goes once its write can no longer land and the sync has looked since; not while it may, nor after a pause, nor while a write planned upon it is open', async () => {
      await abandoned(0);
      await abandoned(1);
      days(27);
      expect(await prune()).toMatchObject({ intents: 0 });
      days(200);
      await begin();
      // Nobody has run for months: whether the write landed has not been looked at yet.
      expect(await prune()).toMatchObject({ intents: 0 });
      days(8);
      await begin();
      // What the second took into account of the first is said by whoever settles both.
      expect(await prune()).toMatchObject({ intents: 0 });
      expect(await row()).toMatchObject({ intents: [{ superseded: false }, { superseded: true }] });
      await commit(await begin(), { version: 2 });
      expect(await prune()).toMatchObject({ intents: 2 });
      expect(await row()).toMatchObject({ intents: [] });
    });

    it('law 15: a run older than what was forgotten is sent back, also for a record that looks new', async () => {
      await commit(await begin('c1'));
      const ancient = await begin();
      // A user sets the old value back; somebody sees that nothing changed and handles the note.
      expect((await check(await begin('c1'))).kind).toBe('Unchanged');
      const deleted = await begin();
      await commit(deleted, { record_key: 'contact_7', links: { crm: 'c7' }, snapshots: { crm: snapshot(null) }, journal: [] });
      days(100);
      await begin();
      expect(await prune()).toMatchObject({ notes: 1, tombstones: 1 });
      expect(await reserve(ancient, { version: 1 })).toMatchObject({ kind: 'Recheck', reason: 'hint' });
      expect(await reserve(ancient, { record_key: 'contact_7', links: { crm: 'c7' } })).toMatchObject({ kind: 'Recheck', reason: 'hint' });
      expect(await commit(ancient, { version: 1, snapshots: { crm: snapshot(record({ name: 'old' })) } })).toMatchObject({ kind: 'Recheck', reason: 'hint' });
      expect((await reserve(await begin(), { version: 1 })).kind).toBe('Reserved');
    });

    it('law 15: that a row gave a native id up is remembered as long as a run that read it before may be under way', async () => {
      await commit(await begin('c1'));
      const ancient = await begin();
      await commit(await begin(), { version: 1, links: { crm: 'c2', support: 's1' } });
      const stale = { record_key: 'contact_9', links: { crm: 'c1' } };
      expect(await prune({ runs_days: 7 })).toEqual(NOTHING);
      expect(await reserve(ancient, stale)).toMatchObject({ kind: 'Recheck', reason: 'hint' });
      await begin();
      days(400);
      expect(await prune()).toMatchObject({ notes: 1 });
      expect(await reserve(ancient, stale)).toMatchObject({ kind: 'Recheck', reason: 'hint' });
      expect((await reserve(await begin(), stale)).kind).toBe('Reserved');
    });

    it('another sync of the same ledger keeps all it has', async () => {
      await commit(await begin('c1'));
      const other = { ...startRequest('c1'), sync: 'companies', record_type: 'company' };
      const { run } = await store().start(other);
      await store().commit(run, [commitItem({ record_key: 'company_1', snapshots: gone })]);
      days(400);
      await begin();
      await prune();
      expect(await store().runs(other, 10)).toHaveLength(1);
      expect((await store().history(other, 'company_1', 10)).entries).toHaveLength(1);
      expect(await store().check((await store().start(other)).run, [checkItem({ proposed_key: null, fingerprint: null, full: true })])).toMatchObject([{ kind: 'Changed', row: { record_key: 'company_1' } }]);
    });
  });
}
