/** What every ledger promises, whichever database keeps it. A title is a promise; PROTOCOL's rules are named where they apply. */
import { describe, expect, it } from 'vitest';
import { canonicalRecord } from '../../core/json/canonical-record';
import { fingerprint } from '../../core/json/fingerprint';
import type { CanonicalRecord, ReviewDraft, ReviewItem, RunContext } from '../../core/model';
import type { CheckVerdict, CommitItem, CommitVerdict, ReserveVerdict } from '../../ledger/ledger-store';
import { freshLedger, type MakeStore } from './fresh-ledger';
import { checkItem, commitItem, intent, record, reserveItem, scope, snapshot, startRequest } from './items';
import { only } from './one-at-a-time';
import { drainContract } from './drain-contract';
import { erasureContract } from './erasure-contract';
import { holdContract } from './hold-contract';
import { retentionContract } from './retention-contract';
import { undoContract } from './undo-contract';

/** The tables that grow. */
export const LEDGER_TABLES = [
  'sync_records', 'sync_links', 'sync_snapshots', 'sync_intents', 'sync_reviews', 'sync_ledger', 'sync_history', 'sync_notes', 'sync_issues', 'sync_runs',
] as const;

const question = (value: string): CommitItem['open_reviews'][number] => ({
  kind: 'conflict', subject: 'name', fields: ['name'], reason: 'both sides changed', values: { crm: record({ name: value }), support: record({ name: 'other' }) }, base: { crm: record({}), support: record({}) },
});

function held(verdict: ReserveVerdict): Extract<ReserveVerdict, { kind: 'Reserved' }> {
  if (verdict.kind !== 'Reserved') throw new Error(`not reserved: ${JSON.stringify(verdict)}`);
  return verdict;
}

function rowOf(verdict: CheckVerdict): NonNullable<Extract<CheckVerdict, { kind: 'Changed' }>['row']> {
  if (verdict.kind !== 'Changed' || verdict.row === null) throw new Error(`no row: ${JSON.stringify(verdict)}`);
  return verdict.row;
}

export function ledgerContract(name: string, makeStore: MakeStore): void {
  retentionContract(name, makeStore);
  erasureContract(name, makeStore);
  drainContract(name, makeStore);
  holdContract(name, makeStore);
  undoContract(name, makeStore);
  describe(`${name} ledger`, () => {
    const { store, ledger, later, begin, check, reserve, commit, pending } = freshLedger(makeStore);
    const dryRun = async (...ids: string[]): Promise<RunContext> => (await store().start({ ...startRequest(...ids), dry_run: true })).run;
    /** A record both sides of which hold `{ name: new }`, at version 2. */
    const settled = async (): Promise<RunContext> => {
      const run = await begin('c1');
      const { fencing_token } = held(await reserve(run));
      expect((await commit(run, { fencing_token, written: ['support'] })).kind).toBe('Committed');
      return run;
    };

    describe('one run', () => {
      it('goes from a hint to a commit, and leaves nothing waiting', async () => {
        const run = await begin('c1');
        expect(await pending()).toEqual(['crm:c1']);
        expect(await check(run)).toEqual({ kind: 'Changed', row: null, full: false });
        const reservation = held(await reserve(run));
        expect(reservation).toMatchObject({ version: 1, lease_expires_at: '2026-03-01T10:01:00.000Z' });
        expect(reservation.fencing_token).toBeGreaterThan(run.read_token);
        expect(await commit(run, { fencing_token: reservation.fencing_token, written: ['support'] })).toEqual({ kind: 'Committed', record_key: 'contact_1', version: 2, opened_reviews: [] });
        expect(await pending()).toEqual([]);
      });

      it('reads back exactly what it stored', async () => {
        await settled();
        const row = rowOf(await check(await begin('c1'), { full: true }));
        expect(row).toMatchObject({
          record_key: 'contact_1', version: 2, committed_version: 1, links: { crm: 'c1', support: 's1' }, intents: [], reviews: [],
          snapshots: { crm: snapshot(record({ name: 'new' })), support: snapshot(record({ name: 'new' })) },
          latest: { direction: 'crm-to-support', field_hash: fingerprint(record({ name: 'new' })) },
          recent: [{ direction: 'crm-to-support', fields: ['name'], at: '2026-03-01T10:00:00.000Z' }],
        });
      });

      it('keeps field names like __proto__, NUL characters, lone surrogates, big numbers and emoji as they are', async () => {
        const odd = canonicalRecord([['__proto__', 'p'], ['constructor', null], ['ключ 🔑', '\u0000 \ud800 ü 𝄞'], ['n', 1e21], ['m', 0.1], ['z', [{ a: 1, '10': 2, '9': 3 }]]]);
        const run = await begin('c1');
        const { fencing_token } = held(await reserve(run, { intents: [intent({ to: odd, from: odd })] }));
        const keptIntent = rowOf(await check(await begin('other'), { native_id: 'c1', as_record_key: 'contact_1', full: true }).then(async (verdict) => {
          expect(verdict.kind).toBe('Busy');
          later(61);
          return await check(await begin('other'), { full: true });
        })).intents[0];
        expect(keptIntent?.to).toEqual(odd);
        expect(Object.keys(keptIntent?.to ?? {})).toContain('__proto__');
        await commit(run, { fencing_token, snapshots: { crm: snapshot(odd) } });
        const row = rowOf(await check(await begin('other'), { full: true }));
        expect(JSON.stringify(row.snapshots['crm'])).toBe(JSON.stringify(snapshot(canonicalRecord(Object.entries(odd).sort(([a], [b]) => (a < b ? -1 : 1))))));
      });

      it('answers in the order of the items, and the second item for one record sees what the first did', async () => {
        const run = await begin('c1', 'c2');
        const verdicts = await store().reserve(run, [reserveItem({ record_key: 'b', links: { crm: 'c2' }, intents: [intent({ native_id: null })] }), reserveItem({ record_key: 'a', links: { crm: 'c1' } }), reserveItem({ record_key: 'b', links: { crm: 'c2' } })]);
        expect(verdicts.map((verdict) => [verdict.record_key, verdict.kind])).toEqual([['b', 'Reserved'], ['a', 'Reserved'], ['b', 'Recheck']]);
      });

      it('a node run again with its old items gets the reservation it has, and its commit is stored once', async () => {
        const run = await begin('c1');
        const first = held(await reserve(run));
        expect(await reserve(run)).toEqual(first);
        const item = { fencing_token: first.fencing_token };
        const once = await commit(run, item);
        const dump = await ledger().dump();
        expect(await commit(run, item)).toEqual(once);
        expect(await ledger().dump()).toEqual(dump);
      });

      it('knows which rows the hints belong to, each hint once', async () => {
        await settled();
        const of = (system: string, native_id: string): { readonly system: string; readonly native_id: string } => ({ system, native_id });
        const { noted } = await store().start({ ...startRequest(), hints: [of('crm', 'c1'), of('support', 's9'), of('crm', 'c9'), of('support', 's1'), of('crm', 'c1')] });
        expect(noted).toEqual([
          { ...of('crm', 'c1'), record_key: 'contact_1', source_id: 'c1' },
          { ...of('support', 's9'), record_key: null, source_id: null },
          { ...of('crm', 'c9'), record_key: null, source_id: 'c9' },
          { ...of('support', 's1'), record_key: 'contact_1', source_id: 'c1' },
        ]);
      });
    });

    describe('Check, in its order', () => {
      it('Recheck when the row was committed after the reading began, even if another run holds it now', async () => {
        const early = await begin('c1');
        await settled();
        expect(await check(early)).toMatchObject({ kind: 'Recheck', record_key: 'contact_1' });
        await reserve(await begin(), { version: 2 });
        expect((await check(early)).kind).toBe('Recheck');
      });

      it('Busy before Unchanged: a held record is not called the same [F2]', async () => {
        const holder = await settled();
        await reserve({ ...holder, run_id: 'holder', read_token: holder.read_token + 50 }, { version: 2, intents: [intent({ to: record({ name: 'x' }), echo_fingerprint: 'v1:x' })] });
        const run = await begin('c1');
        expect(await check(run)).toEqual({ kind: 'Busy', record_key: 'contact_1', lease_expires_at: '2026-03-01T10:01:00.000Z' });
        expect(await pending()).toEqual(['crm:c1']);
      });

      it("the echo of the holder's own write is Unchanged and its note handled, but only if the whole record is the echo [F10]", async () => {
        await reserve(await begin());
        const run = (await store().start({ ...startRequest(), hints: [{ system: 'support', native_id: 's1' }] })).run;
        const echo = { system: 'support', native_id: 's1', fingerprint: fingerprint(record({ name: 'new' })) };
        expect((await check(run, { ...echo, fingerprint: fingerprint(record({ name: 'new', phone: '1' })) })).kind).toBe('Busy');
        expect(await pending()).toEqual(['support:s1']);
        expect(await check(run, echo)).toEqual({ kind: 'Unchanged', record_key: 'contact_1', reason: 'echo_in_flight' });
        expect(await pending()).toEqual([]);
        expect((await check(run, { ...echo, full: true })).kind).toBe('Busy');
      });

      it('Changed while an intent is open, a decision waits or a Recheck asks, though the record is the same [F11]', async () => {
        await settled();
        expect((await check(await begin(), { full: true })).kind).toBe('Changed');
        await reserve(await begin(), { version: 2 });
        later(61);
        const row = rowOf(await check(await begin()));
        expect(row.intents).toMatchObject([{ system: 'support', superseded: false, may_land: false }]);
      });

      it('[L3] a write whose outcome is unknown may land until the lease it was made under is over', async () => {
        const run = await begin('c1');
        await commit(run, { fencing_token: held(await reserve(run)).fencing_token, keep_intents: ['support'], snapshots: {}, journal: [] });
        expect(rowOf(await check(await begin('c1'))).intents).toMatchObject([{ may_land: true }]);
        later(61);
        expect(rowOf(await check(await begin('c1'))).intents).toMatchObject([{ may_land: false }]);
      });

      it('[L3] a search of a run that drew its token before that may not show it', async () => {
        const run = await begin('c1');
        await commit(run, { fencing_token: held(await reserve(run)).fencing_token, keep_intents: ['support'], snapshots: {}, journal: [] });
        const early = await begin('c1');
        later(61);
        expect(rowOf(await check(early)).intents).toMatchObject([{ may_land: true }]);
      });

      it('F1 an intent remembers what its write overwrites, also once it is superseded', async () => {
        const overrides = [{ system: 'support', field: 'name', lost: 'theirs', won: 'new', rule: 'crm wins' }, { system: 'support', field: 'phone', lost: '1', won: undefined, rule: 'crm wins' }];
        await reserve(await begin('c1'), { intents: [intent({ overrides })] });
        later(61);
        const row = rowOf(await check(await begin('c1')));
        expect(row.intents.map((open) => open.overrides)).toEqual([overrides]);
        await reserve(await begin('c1'), { version: row.version });
        later(61);
        expect(rowOf(await check(await begin('c1'))).intents.map((open) => [open.superseded, open.overrides])).toEqual([[false, []], [true, overrides]]);
      });

      it('Unchanged when the record is what its own snapshot says; the note is handled', async () => {
        await settled();
        const run = await begin('c1');
        expect(await check(run)).toEqual({ kind: 'Unchanged', record_key: 'contact_1', reason: 'same' });
        expect(await pending()).toEqual([]);
      });

      it('a younger note outlives an Unchanged', async () => {
        await settled();
        const run = await begin('c1');
        await begin('c1');
        expect((await check(run)).kind).toBe('Unchanged');
        expect(await pending()).toEqual(['crm:c1']);
      });

      it('a record that is gone and was never known is Unchanged', async () => {
        expect(await check(await begin('c1'), { fingerprint: null, proposed_key: null })).toEqual({ kind: 'Unchanged', record_key: null, reason: 'unknown_and_gone' });
      });

      it("a create's early echo is tied to its row by its stamp [L2]", async () => {
        const { fencing_token } = held(await reserve(await begin(), { links: { crm: 'c1' }, intents: [intent({ op: 'create', native_id: null, match_key: 'a@b.c' })] }));
        const echo = { system: 'support', native_id: 's77', proposed_key: 'contact_other', fingerprint: 'v1:foreign' };
        expect((await check(await begin(), { ...echo, stamp: { record_key: 'contact_1', fencing_token } })).kind).toBe('Busy');
        expect(await check(await begin(), { ...echo, stamp: { record_key: 'contact_1', fencing_token: fencing_token + 1 } })).toMatchObject({ kind: 'Changed', row: null });
      });
    });

    describe('Reserve', () => {
      it('leaves the notes standing: a run that dies after it is not the last to know of them [F15]', async () => {
        const run = await begin('c1');
        await check(run);
        held(await reserve(run));
        expect(await pending()).toEqual(['crm:c1']);
      });

      it('refuses a version that moved', async () => {
        await settled();
        expect(await reserve(await begin(), { version: 1 })).toMatchObject({ kind: 'Recheck', reason: 'version' });
        expect(await reserve(await begin(), { version: 0 })).toMatchObject({ kind: 'Recheck', reason: 'version' });
      });

      it("refuses another run's live lease", async () => {
        await reserve(await begin());
        expect(await reserve(await begin(), { version: 1 })).toMatchObject({ kind: 'Recheck', reason: 'lease' });
      });

      it('refuses when either side was hinted after the reading began', async () => {
        const run = await begin('c1');
        await store().start({ ...startRequest(), hints: [{ system: 'support', native_id: 's1' }] });
        expect(await reserve(run)).toMatchObject({ kind: 'Recheck', reason: 'hint' });
      });

      it('refuses a younger hint even when it was handled meanwhile', async () => {
        await settled();
        const early = await begin('c1');
        expect((await check(await begin('c1'))).kind).toBe('Unchanged');
        expect(await pending()).toEqual([]);
        expect(await reserve(early, { version: 2 })).toMatchObject({ kind: 'Recheck', reason: 'hint' });
      });

      describe('law 15 when the row of a native id has had another one in its place since', () => {
        const replaced = { version: 2, links: { crm: 'c2', support: 's1' } };
        const own = { record_key: 'contact_9', links: { crm: 'c1' }, intents: [intent({ op: 'create', native_id: null })] };
        const ways: readonly [string, (run: RunContext, over?: Partial<CommitItem>) => Promise<unknown>][] = [
          ['a Reserve', async (run) => held(await reserve(run, replaced))],
          ['a Commit without a write', async (run, over) => await commit(run, { ...replaced, journal: [], ...over })],
          ['the Commit of a create', async (run, over) => {
            const { fencing_token } = held(await reserve(run, { version: 2, intents: [intent({ system: 'crm', op: 'create', native_id: null })] }));
            return await commit(run, { ...replaced, fencing_token, written: ['crm'], ...over });
          }],
        ];

        it.each(ways)('refuses who read before, and nobody later: %s', async (_how, replace) => {
          await settled();
          const early = await begin();
          await replace(await begin());
          expect(await check(early, { proposed_key: 'contact_9', fingerprint: 'v1:old' })).toEqual({ kind: 'Changed', row: null, full: false });
          expect(await reserve(early, own)).toMatchObject({ kind: 'Recheck', reason: 'hint', claimed_by: null });
          expect(await reserve(early, { ...own, links: { crm: 'c1', support: 's9' } })).toMatchObject({ kind: 'Recheck', reason: 'hint' });
          expect(await commit(early, { record_key: 'contact_9', links: { crm: 'c1' }, snapshots: {} })).toMatchObject({ kind: 'Recheck', reason: 'hint' });
          expect(await pending()).toEqual([]);
          held(await reserve(await begin(), own));
        });

        it.each(ways)('lets the run end that has put it there, and makes nobody wait: %s', async (_how, replace) => {
          await settled();
          await replace(await begin());
          later(61);
          const run = await begin('c2');
          const { version } = rowOf(await check(run, { native_id: 'c2', full: true }));
          expect((await commit(run, { version, links: replaced.links })).kind).toBe('Committed');
          expect(await pending()).toEqual([]);
        });

        it.each(ways)('leaves a hint of it waiting, where the run has not ended [F15]: %s', async (_how, replace) => {
          await settled();
          await begin('c1');
          await replace(await begin(), { recheck: 'look_again' });
          expect(await pending()).toEqual(['crm:c1']);
        });

        it('says so of no native id that stays, and in a dry run of none', async () => {
          await settled();
          const early = await begin();
          const dump = await ledger().dump();
          const dry = await dryRun();
          await reserve(dry, replaced);
          await commit(dry, replaced);
          expect(await ledger().dump()).toEqual(dump);
          expect(await commit(await begin(), { ...replaced, journal: [] })).toMatchObject({ kind: 'Committed' });
          expect(await reserve(early, { ...own, links: { crm: 'c9', support: 's9' } })).toMatchObject({ kind: 'Reserved' });
        });
      });

      it('names the row that a native id belongs to [L1]', async () => {
        await settled();
        expect(await reserve(await begin(), { record_key: 'contact_2', links: { crm: 'c2', support: 's1' } })).toEqual({ kind: 'Recheck', record_key: 'contact_2', reason: 'link_claimed', claimed_by: 'contact_1' });
      });

      it('lets one of two rows with the same match key create, and sends the holder back to the other [L8]', async () => {
        const create = intent({ op: 'create', native_id: null, match_key: 'a@b.c' });
        const run = await begin('c1', 'c2');
        const { fencing_token } = held(await reserve(run, { links: { crm: 'c1' }, intents: [create] }));
        expect(await reserve(run, { record_key: 'contact_2', links: { crm: 'c2' }, intents: [create] })).toMatchObject({ kind: 'Recheck', reason: 'match_key_claimed', claimed_by: 'contact_1' });
        expect(await commit(run, { fencing_token, written: ['support'] })).toMatchObject({ kind: 'Recheck', reason: 'newer_hints', read: [{ system: 'crm', native_id: 'c1' }, { system: 'support', native_id: 's1' }, { system: 'crm', native_id: 'c2' }] });
      });

      it('lets the other row create once the first gave its create up and can send it no more', async () => {
        const create = intent({ op: 'create', native_id: null, match_key: 'a@b.c' });
        held(await reserve(await begin(), { links: { crm: 'c1' }, intents: [create] }));
        later(61);
        const other = { record_key: 'contact_2', links: { crm: 'c2' }, intents: [create] };
        expect(await reserve(await begin(), other)).toMatchObject({ kind: 'Recheck', reason: 'match_key_claimed' });
        expect(await commit(await begin(), { version: 1, links: { crm: 'c1' }, snapshots: {}, journal: [] })).toMatchObject({ kind: 'Committed' });
        expect(await reserve(await begin(), other)).toMatchObject({ kind: 'Reserved' });
      });

      it("keeps an expired holder's intents as superseded [21]", async () => {
        const first = held(await reserve(await begin(), { intents: [intent({ idempotency_key: 'late' })] }));
        later(61);
        const second = held(await reserve(await begin(), { version: 1 }));
        later(61);
        expect(rowOf(await check(await begin())).intents.map((kept) => [kept.fencing_token, kept.superseded, kept.idempotency_key])).toEqual([[second.fencing_token, false, 'key-1'], [first.fencing_token, true, 'late']]);
      });
    });

    describe('Commit', () => {
      it('of two writes of one plan, the one that was not found landed stays an intent [24]', async () => {
        const { fencing_token } = held(await reserve(await begin(), { intents: [intent({ system: 'crm', native_id: 'c1', idempotency_key: 'key-2' }), intent()] }));
        later(61);
        await commit(await begin(), { version: 1, used_intents: [`${fencing_token}:support`] });
        expect(rowOf(await check(await begin(), { full: true })).intents.map(({ system, superseded }) => [system, superseded])).toEqual([['crm', true]]);
      });

      it('an expired lease that nobody took is still good', async () => {
        const run = await begin('c1');
        const { fencing_token } = held(await reserve(run));
        later(3600);
        expect((await commit(run, { fencing_token })).kind).toBe('Committed');
      });

      it('a lease that was taken over makes it stale: nothing moves, and what was written is hinted', async () => {
        const run = await begin();
        const { fencing_token } = held(await reserve(run));
        later(61);
        await reserve(await begin(), { version: 1 });
        expect(await commit(run, { fencing_token, written: ['support'] })).toEqual({ kind: 'Recheck', record_key: 'contact_1', reason: 'stale', claimed_by: null, read: [{ system: 'crm', native_id: 'c1' }, { system: 'support', native_id: 's1' }] });
        expect(await pending()).toEqual(['support:s1']);
        later(61);
        expect(rowOf(await check(await begin())).snapshots).toEqual({ crm: null, support: null });
      });

      it('notes younger than the token stay, and send the run back [F15]', async () => {
        const run = await begin('c1');
        const { fencing_token } = held(await reserve(run));
        await begin('c1');
        expect(await commit(run, { fencing_token })).toMatchObject({ kind: 'Recheck', reason: 'newer_hints', read: [{ system: 'crm', native_id: 'c1' }, { system: 'support', native_id: 's1' }] });
        expect(await pending()).toEqual(['crm:c1']);
      });

      it('a commit that sends its run back leaves every note standing', async () => {
        const run = await begin('c1');
        const { fencing_token } = held(await reserve(run));
        expect(await commit(run, { fencing_token, recheck: 'look_again' })).toMatchObject({ kind: 'Recheck', reason: 'look_again' });
        expect(await pending()).toEqual(['crm:c1']);
      });

      it('a note handed over by a Busy run is found by the holder', async () => {
        const holder = await begin();
        const { fencing_token } = held(await reserve(holder, { links: { crm: 'c1' } }));
        const other = (await store().start({ ...startRequest(), hints: [{ system: 'support', native_id: 's9' }] })).run;
        expect((await check(other, { system: 'support', native_id: 's9', fingerprint: 'v1:edit' })).kind).toBe('Busy');
        expect(await commit(holder, { fencing_token })).toMatchObject({ kind: 'Recheck', reason: 'newer_hints', read: [{ system: 'crm', native_id: 'c1' }, { system: 'support', native_id: 's1' }, { system: 'support', native_id: 's9' }] });
      });

      it('the note of a record that another row stands for ends with that row, or it would wait for ever', async () => {
        await commit(await begin());
        const { run } = await store().start({ ...startRequest(), hints: [{ system: 'support', native_id: 's9' }] });
        const { version } = rowOf(await check(run, { system: 'support', native_id: 's9', fingerprint: 'v1:copy', as_record_key: 'contact_1', full: true }));
        expect((await commit(run, { version })).kind).toBe('Committed');
        expect(await pending()).toEqual([]);
      });

      it('the read of a Recheck is not noted again: runs on one record would send each other back for ever', async () => {
        await commit(await begin());
        const holder = await begin('c1');
        const again = (await store().start({ ...startRequest(), attempt: 1, hints: [{ system: 'crm', native_id: 'c1', noted_before: true }, { system: 'support', native_id: 's1', noted_before: true }] })).run;
        expect(again.read_token).toBeGreaterThan(holder.read_token);
        const { version } = rowOf(await check(holder, { full: true }));
        expect((await reserve(holder, { version })).kind).toBe('Reserved');
      });

      it('a refused write notes a hint on both sides [F14]', async () => {
        const run = await begin();
        const { fencing_token } = held(await reserve(run));
        expect(await commit(run, { fencing_token, note_hints: ['crm', 'support'], recheck: 'refused', snapshots: {}, journal: [] })).toMatchObject({ kind: 'Recheck', reason: 'refused' });
        expect(await pending()).toEqual(['crm:c1', 'support:s1']);
      });

      it('an unknown outcome keeps the intent and the version that idempotency keys are made of', async () => {
        const run = await begin();
        const { fencing_token } = held(await reserve(run));
        await commit(run, { fencing_token, keep_intents: ['support'], recheck: 'unknown', snapshots: {}, journal: [] });
        expect(rowOf(await check(await begin()))).toMatchObject({ committed_version: 0, intents: [{ fencing_token, superseded: false }] });
      });

      it('consumes intents that landed, one by one [24]', async () => {
        const first = held(await reserve(await begin()));
        later(61);
        const run = await begin();
        const second = held(await reserve(run, { version: 1, intents: [intent(), intent({ system: 'crm', native_id: 'c1' })] }));
        await commit(run, { fencing_token: second.fencing_token, used_intents: [`${first.fencing_token}:support`], keep_intents: ['crm'] });
        expect(rowOf(await check(await begin())).intents.map((kept) => [kept.fencing_token, kept.system])).toEqual([[second.fencing_token, 'crm']]);
      });

      it('a plan without writes goes through the tests of Reserve [F16]', async () => {
        await settled();
        const early = await begin();
        await begin('c1');
        expect(await commit(early, { version: 2 })).toMatchObject({ kind: 'Recheck', reason: 'hint' });
        expect(await commit(await begin(), { version: 1 })).toMatchObject({ kind: 'Recheck', reason: 'version' });
        expect(await commit(await begin(), { record_key: 'contact_2', links: { support: 's1' } })).toMatchObject({ kind: 'Recheck', reason: 'link_claimed', claimed_by: 'contact_1' });
      });

      it('a plan without writes that finds what is stored leaves the ledger as it is', async () => {
        await settled();
        const dump = await ledger().dump();
        expect(await commit(await begin(), { version: 2 })).toMatchObject({ kind: 'Committed', version: 2 });
        expect(await ledger().dump()).toEqual(dump);
      });

      it('a plan about nothing makes no row', async () => {
        const run = await begin();
        const dump = await ledger().dump();
        expect(await commit(run, { links: {}, snapshots: {}, journal: [] })).toMatchObject({ kind: 'Committed', version: 0 });
        expect(await ledger().dump()).toEqual(dump);
      });

      it('law 10: a plan that finds everything as the ledger has it leaves the row as it is', async () => {
        await settled();
        const run = await begin();
        const dump = await ledger().dump();
        expect(await commit(run, { version: 2 })).toMatchObject({ kind: 'Committed', version: 2 });
        expect(await ledger().dump()).toEqual(dump);
      });

      it('a plan that only moves a snapshot moves version and journal', async () => {
        await settled();
        const moved = record({ name: 'newer' });
        const [tuple] = commitItem().journal;
        if (tuple === undefined) throw new Error('no tuple');
        expect(await commit(await begin(), { version: 2, snapshots: { crm: snapshot(moved), support: snapshot(moved) }, journal: [{ ...tuple, field_hash: fingerprint(moved) }] })).toMatchObject({ kind: 'Committed', version: 3 });
        expect(rowOf(await check(await begin()))).toMatchObject({ version: 3, committed_version: 2, latest: { field_hash: fingerprint(moved) } });
      });

      it('E3 F12 law 4: the latest value is the one that was written last, in either direction, also one that was there before', async () => {
        const write = async (name: string, direction: 'crm-to-support' | 'support-to-crm'): Promise<unknown> => {
          const now = record({ name });
          const row = await check(await begin());
          await commit(await begin(), {
            version: row.kind === 'Changed' ? row.row?.version ?? 0 : 0, snapshots: { crm: snapshot(now), support: snapshot(now) },
            journal: commitItem().journal.map((tuple) => ({ ...tuple, direction, field_hash: fingerprint(now) })),
          });
          return rowOf(await check(await begin(), { full: true })).latest;
        };
        const latest = (name: string, direction: string): unknown => ({ direction, field_hash: fingerprint(record({ name })) });
        expect(await write('old', 'crm-to-support')).toEqual(latest('old', 'crm-to-support'));
        expect(await write('newer', 'support-to-crm')).toEqual(latest('newer', 'support-to-crm'));
        expect(await write('old', 'crm-to-support')).toEqual(latest('old', 'crm-to-support'));
        expect(await write('newest', 'crm-to-support')).toEqual(latest('newest', 'crm-to-support'));
        expect(await write('newer', 'support-to-crm')).toEqual(latest('newer', 'support-to-crm'));
      });

      it('a record that was created but belongs to another row by now stays an open create, and neither side counts as seen', async () => {
        const run = await begin('c1');
        const { fencing_token } = held(await reserve(run, { links: { crm: 'c1' }, intents: [intent({ op: 'create', native_id: null })] }));
        await commit(await begin(), { record_key: 'contact_2', links: { crm: 'c2', support: 's1' }, snapshots: { support: snapshot(record({ name: 'new' })) }, journal: [] });
        expect(await commit(run, { fencing_token, written: ['support'] })).toMatchObject({ kind: 'Recheck', reason: 'link_claimed', claimed_by: 'contact_2' });
        expect(rowOf(await check(await begin()))).toMatchObject({ links: { crm: 'c1', support: null }, snapshots: { crm: null, support: null }, intents: [{ op: 'create' }] });
      });
    });

    describe('An old key answered with a record that another row knows to be gone', () => {
      const answered = async (other: Partial<CommitItem>): Promise<CommitVerdict> => {
        const run = await begin('c1');
        const { fencing_token } = held(await reserve(run, { links: { crm: 'c1' }, intents: [intent({ op: 'create', native_id: null })] }));
        await commit(await begin(), { record_key: 'contact_2', links: { crm: 'c2', support: 's1' }, journal: [], ...other });
        return commit(run, { fencing_token, written: ['support'] });
      };
      const refused = (shown: CanonicalRecord): Partial<CommitItem> => ({
        snapshots: { support: snapshot(record({ name: 'theirs' })) },
        open_reviews: [{ ...question('a'), kind: 'rejected_write', subject: 'rejected:support', values: { crm: record({ name: 'a' }), support: shown } }],
      });

      it.each([
        ['as its last commit saw', { snapshots: { crm: snapshot(null), support: snapshot(null) } }],
        ['since its replacement was refused', refused(record({}))],
      ])('ends the create, and the run looks again: %s', async (_how, other) => {
        expect(await answered(other)).toMatchObject({ kind: 'Recheck', reason: 'look_again', claimed_by: null });
        expect(rowOf(await check(await begin(), { full: true }))).toMatchObject({ record_key: 'contact_1', links: { crm: 'c1', support: null }, intents: [] });
      });

      it('ends the create, and the run looks again: since its own row waits to create one in that place', async () => {
        const run = await begin('c1');
        const create = intent({ op: 'create', native_id: null, match_key: 'ann@x.org' });
        const { fencing_token } = held(await reserve(run, { links: { crm: 'c1' }, intents: [create] }));
        await commit(await begin(), { record_key: 'contact_2', links: { crm: 'c2', support: 's1' }, journal: [] });
        const other = rowOf(await check(await begin('c2'), { native_id: 'c2', full: true }));
        expect(await reserve(await begin('c2'), { record_key: 'contact_2', version: other.version, links: { crm: 'c2', support: 's1' }, intents: [create] })).toMatchObject({ reason: 'match_key_claimed', claimed_by: 'contact_1' });
        expect(await commit(run, { fencing_token, written: ['support'] })).toMatchObject({ kind: 'Recheck', reason: 'look_again', claimed_by: null });
      });

      it('a refused value of a record that is there tells nothing of the kind', async () => {
        expect(await answered(refused(record({ name: 'theirs' })))).toMatchObject({ kind: 'Recheck', reason: 'link_claimed', claimed_by: 'contact_2' });
      });
    });

    describe('A row that was never paired', () => {
      const unpaired = async (): Promise<void> => {
        expect(await commit(await begin(), { record_key: 'contact_2', links: { support: 's1' }, snapshots: { support: snapshot(record({ name: 'theirs' })) }, journal: [] })).toMatchObject({ kind: 'Committed', version: 1 });
      };

      it('gives way to a Reserve that pairs its record', async () => {
        await unpaired();
        const run = await begin();
        const { fencing_token } = held(await reserve(run));
        expect(await commit(run, { fencing_token })).toMatchObject({ kind: 'Committed' });
        expect(rowOf(await check(await begin(), { full: true }))).toMatchObject({ record_key: 'contact_1', links: { crm: 'c1', support: 's1' } });
      });

      it('gives way to a Commit without a write', async () => {
        await unpaired();
        expect(await commit(await begin())).toMatchObject({ kind: 'Committed' });
        expect(rowOf(await check(await begin(), { full: true }))).toMatchObject({ record_key: 'contact_1', links: { crm: 'c1', support: 's1' } });
      });

      it('gives way to the Commit that created its record', async () => {
        const run = await begin('c1');
        const { fencing_token } = held(await reserve(run, { links: { crm: 'c1' }, intents: [intent({ op: 'create', native_id: null })] }));
        await unpaired();
        expect(await commit(run, { fencing_token, written: ['support'] })).toMatchObject({ kind: 'Committed' });
        expect(rowOf(await check(await begin(), { full: true }))).toMatchObject({ links: { crm: 'c1', support: 's1' }, intents: [] });
      });

      it('leaves what was noted for it to the row that it gives way to', async () => {
        await unpaired();
        const early = await begin();
        await check(await begin('c9'), { native_id: 'c9', as_record_key: 'contact_2' });
        expect(await reserve(early)).toMatchObject({ kind: 'Reserved' });
        expect(await commit(early, { fencing_token: held(await reserve(early)).fencing_token })).toMatchObject({ kind: 'Recheck', reason: 'newer_hints', read: [{ system: 'crm', native_id: 'c1' }, { system: 'support', native_id: 's1' }, { system: 'crm', native_id: 'c9' }] });
      });

      it('gives way where only the refused create of its other half waits for a person, whose question goes with it', async () => {
        expect(await commit(await begin('c1'), { record_key: 'contact_2', links: { support: 's1' }, snapshots: {}, journal: [], open_reviews: [{ ...question('a'), kind: 'rejected_write', subject: 'rejected:crm' }] })).toMatchObject({ kind: 'Committed' });
        held(await reserve(await begin('c1')));
        expect((await store().reviews(scope, { limit: 10, offset: 0, id: null })).items).toEqual([]);
      });

      it('stays where a person is asked about more', async () => {
        expect(await commit(await begin('c1'), { record_key: 'contact_2', links: { support: 's1' }, snapshots: {}, journal: [], open_reviews: [question('a')] })).toMatchObject({ kind: 'Committed' });
        expect(await reserve(await begin('c1'))).toMatchObject({ kind: 'Recheck', reason: 'link_claimed', claimed_by: 'contact_2' });
      });

      describe('where a person is asked which record of the other system is meant', () => {
        const WHICH: ReviewDraft = { ...question('a'), kind: 'ambiguous', subject: '*', fields: [], values: { crm: canonicalRecord([['candidates', ['c1', 'c9']]]), support: record({}) } };
        const both = { links: { crm: 'c1', support: 's1' } };
        const reviews = async (): Promise<readonly ReviewItem[]> => (await store().reviews(scope, { limit: 10, offset: 0, id: null })).items;

        /** `contact_1` may have created a record of c1, `contact_2` could belong to c1 or c9. */
        const asked = async (): Promise<void> => {
          held(await reserve(await begin(), { links: { crm: 'c1' }, intents: [intent({ op: 'create', native_id: null })] }));
          later(61);
          expect(await commit(await begin(), { record_key: 'contact_2', links: { support: 's1' }, snapshots: {}, journal: [], open_reviews: [WHICH] })).toMatchObject({ kind: 'Committed' });
        };

        it('stays while the question stands', async () => {
          await asked();
          expect(await reserve(await begin(), { version: 1, ...both })).toMatchObject({ reason: 'link_claimed', claimed_by: 'contact_2' });
          expect(await reviews()).toHaveLength(1);
        });

        it.each([
          ['a Reserve', async () => await reserve(await begin(), { record_key: 'contact_2', version: 1, ...both })],
          ['a Commit without a write', async () => await commit(await begin(), { record_key: 'contact_2', version: 1, ...both, journal: [] })],
        ])('gives way once its own run knows: %s that names one of them withdraws the question', async (_how, known) => {
          await asked();
          expect(await known()).toMatchObject({ kind: 'Recheck', reason: 'link_claimed', claimed_by: 'contact_1' });
          expect(await reviews()).toEqual([]);
          held(await reserve(await begin(), { version: 1, ...both }));
        });

        it('a dry run withdraws nothing', async () => {
          await asked();
          expect(await reserve({ ...await begin(), dry_run: true }, { record_key: 'contact_2', version: 1, ...both })).toMatchObject({ reason: 'link_claimed' });
          expect(await reviews()).toHaveLength(1);
        });

        it.each([['c1', 'Reserved'], ['c9', 'Recheck']])('gives way to whom the person has named, and to nobody else: %s', async (native_id, kind) => {
          await asked();
          const [review] = await reviews();
          if (review === undefined) throw new Error('Nobody is asked.');
          expect(await store().decide({ ...scope, review_id: review.id, shown: review.values, decision: { kind: 'link', native_id, by: 'ann "native_id":"c1"}' } })).toMatchObject({ kind: 'Decided' });
          expect(await reserve(await begin(), { record_key: 'contact_2', version: 1, ...both })).toMatchObject({ reason: 'link_claimed', claimed_by: 'contact_1' });
          expect(await reserve(await begin(), { version: 1, ...both })).toMatchObject({ kind });
          expect(await reviews()).toHaveLength(kind === 'Reserved' ? 0 : 1);
        });
      });

      it('stays where a run holds it', async () => {
        await unpaired();
        held(await reserve(await begin(), { record_key: 'contact_2', version: 1, links: { support: 's1' }, intents: [intent({ system: 'crm', op: 'create', native_id: null })] }));
        expect(await reserve(await begin())).toMatchObject({ kind: 'Recheck', reason: 'link_claimed', claimed_by: 'contact_2' });
      });

      it('gives way, with a create that can land no more, to a row that is paired with another record: that one would never give way to it', async () => {
        held(await reserve(await begin(), { record_key: 'contact_2', links: { support: 's2' }, intents: [intent({ system: 'crm', op: 'create', native_id: null })] }));
        later(61);
        const replaced = { links: { crm: 'c1', support: 's2' } };
        expect(await reserve(await begin(), replaced)).toMatchObject({ kind: 'Recheck', reason: 'link_claimed', claimed_by: 'contact_2' });
        await settled();
        held(await reserve(await begin(), { ...replaced, version: 2 }));
        later(61);
        expect(rowOf(await check(await begin(), { full: true }))).toMatchObject({ record_key: 'contact_1', links: { crm: 'c1', support: 's2' } });
      });

      it('sends its own late run back: it is no more', async () => {
        await unpaired();
        held(await reserve(await begin()));
        expect(await reserve(await begin(), { record_key: 'contact_2', version: 1, links: { support: 's1' } })).toMatchObject({ kind: 'Recheck', reason: 'version' });
      });
    });

    describe('Reviews', () => {
      it('one open question per record and subject; the same values leave it untouched, others replace it', async () => {
        const run = await begin('c1');
        const first = await commit(run, { open_reviews: [question('a')] });
        if (first.kind !== 'Committed') throw new Error(first.reason);
        const dump = await ledger().dump();
        expect(await commit(await begin(), { version: 1, open_reviews: [question('a')] })).toMatchObject({ kind: 'Committed', opened_reviews: [] });
        expect(await ledger().dump()).toEqual(dump);
        expect(await commit(await begin(), { version: 1, open_reviews: [question('b')] })).toMatchObject({ opened_reviews: [{ id: only(first.opened_reviews).id, values: { crm: { name: 'b' } } }] });
        expect(await store().reviews(scope, { limit: 10, offset: 0, id: null })).toMatchObject({ total: 1, items: [{ subject: 'name', status: 'open' }] });
      });

      it('a decision counts only on the values that were shown, and is taken up by the next run [F17]', async () => {
        await commit(await begin(), { open_reviews: [question('a')] });
        const review = only((await store().reviews(scope, { limit: 10, offset: 0, id: null })).items);
        const decision = { kind: 'winner', system: 'crm', by: 'ann' } as const;
        expect((await store().decide({ ...scope, review_id: review.id, decision, shown: { crm: record({ name: 'z' }) } })).kind).toBe('Changed');
        expect((await store().decide({ ...scope, review_id: 'nobody', decision, shown: {} })).kind).toBe('Gone');
        expect(await store().decide({ ...scope, review_id: review.id, decision, shown: review.values })).toMatchObject({ kind: 'Decided', review: { status: 'decided', decision }, read: [{ system: 'crm', native_id: 'c1' }, { system: 'support', native_id: 's1' }] });
        expect(await pending()).toEqual(['crm:c1', 'support:s1']);
        const row = rowOf(await check(await begin()));
        expect(row.reviews).toMatchObject([{ status: 'decided' }]);
        expect(await commit(await begin(), { version: row.version, close_reviews: [review.id] })).toMatchObject({ kind: 'Committed' });
        expect((await store().reviews(scope, { limit: 10, offset: 0, id: review.id })).total).toBe(0);
      });

      it('an answer that the question does not take is refused and changes nothing: a value says nothing about a deletion', async () => {
        await commit(await begin(), { open_reviews: [{ ...question('a'), kind: 'delete', subject: '*' }] });
        const review = only((await store().reviews(scope, { limit: 10, offset: 0, id: null })).items);
        const dump = await ledger().dump();
        const value = { kind: 'value', value: record({ name: 'c' }), by: 'ann' } as const;
        expect(await store().decide({ ...scope, review_id: review.id, decision: value, shown: review.values })).toMatchObject({ kind: 'Refused', review: { id: review.id, status: 'open', decision: null } });
        expect(await store().decide({ ...scope, review_id: review.id, decision: { kind: 'link', native_id: 's2', by: 'ann' }, shown: review.values })).toMatchObject({ kind: 'Refused' });
        expect((await store().decide({ ...scope, review_id: review.id, decision: value, shown: {} })).kind).toBe('Changed');
        expect(await ledger().dump()).toEqual(dump);
        expect((await store().decide({ ...scope, review_id: review.id, decision: { kind: 'keep_apart', by: 'ann' }, shown: review.values })).kind).toBe('Decided');
      });

      it('a decided question that is closed and asked again with the same values is open again', async () => {
        await commit(await begin(), { open_reviews: [question('a')] });
        const review = only((await store().reviews(scope, { limit: 10, offset: 0, id: null })).items);
        await store().decide({ ...scope, review_id: review.id, decision: { kind: 'winner', system: 'crm', by: 'ann' }, shown: review.values });
        expect(await commit(await begin(), { version: 1, open_reviews: [question('a')], close_reviews: [review.id] })).toMatchObject({ kind: 'Committed', opened_reviews: [{ subject: 'name', status: 'open', decision: null }] });
        expect(await store().reviews(scope, { limit: 10, offset: 0, id: null })).toMatchObject({ total: 1, items: [{ status: 'open', decision: null }] });
      });

      it('pages of questions are in the order they were asked', async () => {
        for (const key of ['a', 'b', 'c']) await commit(await begin(), { record_key: key, links: { crm: key }, open_reviews: [question(key)] });
        const page = await store().reviews(scope, { limit: 1, offset: 1, id: null });
        expect([page.total, page.items.map((item) => item.record_key)]).toEqual([3, ['b']]);
      });
    });

    describe('around the steps', () => {
      it('a dry run leaves the ledger as it is, run log included', async () => {
        await settled();
        const dump = await ledger().dump();
        const runs = await store().runs(scope, 10);
        const run = await dryRun('c1', 'c5');
        expect((await check(run, { fingerprint: 'v1:edit' })).kind).toBe('Changed');
        expect(await reserve(run, { version: 2 })).toMatchObject({ kind: 'Reserved', version: 3 });
        expect((await commit(run, { fencing_token: 0, version: 3 })).kind).toBe('Committed');
        expect((await commit(run, { version: 2, snapshots: {} })).kind).toBe('Committed');
        expect((await commit(run, { version: 2, snapshots: { crm: snapshot(record({ name: 'moved' })) } })).kind).toBe('Committed');
        await store().finish(run, [{ record_key: null, hints: [{ system: 'crm', native_id: 'c5' }], outcome: 'rejected', issues: [{ record_key: null, system: 'crm', native_id: 'c5', code: 'rejected_record', reasons: ['x'] }] }]);
        expect(await ledger().dump()).toEqual(dump);
        expect(await store().runs(scope, 10)).toEqual(runs);
      });

      it('a dry run that sees no change leaves the note to a run that counts', async () => {
        await settled();
        await begin('c1');
        const dump = await ledger().dump();
        expect(await check(await dryRun('c1'))).toMatchObject({ kind: 'Unchanged', reason: 'same' });
        expect(await ledger().dump()).toEqual(dump);
        expect(await pending()).toEqual(['crm:c1']);
      });

      it('Finish handles notes not younger than the token, and opens each issue once', async () => {
        const run = await begin('c1', 'c2');
        await begin('c2');
        const issue = { record_key: null, system: 'crm', native_id: 'c1', code: 'rejected_record', reasons: ['no e-mail', 'no name'] };
        await store().finish(run, [{ record_key: null, hints: [{ system: 'crm', native_id: 'c1' }, { system: 'crm', native_id: 'c2' }], outcome: 'rejected', issues: [issue, { ...issue, native_id: null }] }]);
        expect(await pending()).toEqual(['crm:c2']);
        await store().finish(run, [{ record_key: null, hints: [], outcome: 'rejected', issues: [issue, { ...issue, native_id: null }] }]);
        expect(await store().issues(scope, 10)).toMatchObject([{ native_id: null, seen: 1 }, { ...issue, seen: 1, opened_at: '2026-03-01T10:00:00.000Z' }]);
        await store().finish(run, [{ record_key: 'contact_1', hints: [], outcome: 'rejected', issues: [{ ...issue, record_key: 'contact_1', reasons: ['no name'] }] }]);
        expect(await store().issues(scope, 10)).toMatchObject([{ native_id: null }, { record_key: 'contact_1', seen: 2, reasons: ['no name'] }]);
      });

      it('an issue is over when the record goes through', async () => {
        const run = await begin('c1');
        const issue = { record_key: null, system: 'crm', native_id: 'c1', code: 'rejected_record', reasons: ['no name'] };
        await store().finish(run, [{ record_key: null, hints: [], outcome: 'rejected', issues: [issue] }]);
        await settled();
        expect(await store().issues(scope, 10)).toEqual([]);
      });

      it('pending: oldest first, bounded, with abandoned intents once their lease is over', async () => {
        await begin('c7', 'c8');
        await reserve(await begin());
        expect(await pending()).toEqual(['crm:c7', 'crm:c8']);
        later(61);
        expect(await pending()).toEqual(['crm:c7', 'crm:c8', 'crm:c1', 'support:s1']);
        expect((await store().pending(scope, 1)).hints).toEqual([{ system: 'crm', native_id: 'c7' }]);
      });

      it('missing: linked records that a listing no longer shows, but none that is known to be gone', async () => {
        await settled();
        await commit(await begin(), { record_key: 'contact_2', links: { crm: 'c2' }, snapshots: { crm: snapshot(null) }, journal: [] });
        await commit(await begin(), { record_key: 'contact_3', links: { crm: 'c3' }, snapshots: {}, journal: [] });
        expect(await store().missing(scope, 'crm', ['c3'])).toEqual([{ system: 'crm', native_id: 'c1' }]);
        expect(await store().missing(scope, 'crm', [])).toHaveLength(2);
      });

      it('I1 missing: also the linked record whose row a second record claims, once that one is not listed or has a row of its own', async () => {
        const claim = { ...question('x'), kind: 'ambiguous', subject: 'claim:crm:c9', fields: [] } as const;
        await settled();
        await commit(await begin(), { version: 2, snapshots: {}, journal: [], open_reviews: [claim, { ...claim, subject: 'claim:support:s9' }] });
        expect(await store().missing(scope, 'crm', ['c1', 'c9'])).toEqual([]);
        expect(await store().missing(scope, 'crm', ['c1'])).toEqual([{ system: 'crm', native_id: 'c1' }]);
        expect(await store().missing(scope, 'support', ['s1'])).toEqual([{ system: 'support', native_id: 's1' }]);
        await commit(await begin(), { record_key: 'contact_9', links: { crm: 'c9' }, snapshots: {} });
        expect(await store().missing(scope, 'crm', ['c1', 'c9'])).toEqual([{ system: 'crm', native_id: 'c1' }]);
      });

      it('a cursor is kept per system', async () => {
        expect(await store().cursor(scope, 'crm')).toBeNull();
        await store().saveCursor(scope, 'crm', 'page-1');
        await store().saveCursor(scope, 'crm', 'page-2');
        expect([await store().cursor(scope, 'crm'), await store().cursor(scope, 'support')]).toEqual(['page-2', null]);
      });

      it('history explains every overwrite, and what was written again stands on top', async () => {
        const run = await begin();
        const { fencing_token } = held(await reserve(run));
        const overrides = [{ system: 'support', field: 'name', lost: 'theirs', won: 'new', rule: 'crm wins' }];
        await commit(run, { fencing_token, overrides });
        const { entries } = await store().history(scope, 'contact_1', 10);
        expect(entries).toEqual([{ direction: 'crm-to-support', field_hash: fingerprint(record({ name: 'new' })), fields: ['name'], at: '2026-03-01T10:00:00.000Z', run_id: run.run_id, cause: 'crm wins', change_set: { name: { from: 'old', to: 'new' } }, overrides }]);
      });

      it('history can be read after a delete, whose overrides have no winning value', async () => {
        const run = await begin();
        const { fencing_token } = held(await reserve(run));
        await commit(run, { fencing_token, overrides: [{ system: 'support', field: 'name', lost: 'theirs', won: undefined, rule: 'deleted in crm' }] });
        const { entries } = await store().history(scope, 'contact_1', 10);
        expect(entries[0]?.overrides).toEqual([{ system: 'support', field: 'name', lost: 'theirs', won: undefined, rule: 'deleted in crm' }]);
      });

      it('the log of runs counts outcomes, newest run first', async () => {
        const run = await settled();
        const next = await begin();
        await check(next);
        const [newest, oldest] = await store().runs(scope, 10);
        expect(newest).toMatchObject({ run_id: next.run_id, direction: 'crm-to-support', cause: 'webhook', counts: { unchanged: 1 } });
        expect(oldest).toMatchObject({ run_id: run.run_id, counts: { reserved: 1, committed: 1, write: 1 } });
      });

      it('refuses a second sync of the same pair and type, and one name for two pairs', async () => {
        await begin();
        await expect(store().start({ ...startRequest(), sync: 'again', source: 'support', target: 'crm' })).rejects.toMatchObject({ code: 'sync_conflict' });
        await expect(store().start({ ...startRequest(), target: 'billing' })).rejects.toMatchObject({ code: 'sync_conflict' });
        await expect(store().start({ ...startRequest(), sync: 'third', record_type: 'company' })).resolves.toBeDefined();
      });

      it('syncs in one ledger do not see each other', async () => {
        await settled();
        const other = { ...startRequest('c1'), sync: 'companies', record_type: 'company' };
        const { run, noted } = await store().start(other);
        expect(noted).toMatchObject([{ record_key: null }]);
        expect(await check(run)).toMatchObject({ kind: 'Changed', row: null });
        expect(await pending()).toEqual([]);
      });

      it('keeps the newest 200 lines of history for a record, and every tuple of its journal', async () => {
        const run = await begin();
        const [tuple] = commitItem().journal;
        if (tuple === undefined) throw new Error('no tuple');
        const commits = Array.from({ length: 205 }, (_, version) => commitItem({ version, snapshots: {}, journal: [{ ...tuple, field_hash: `v1:${version}` }] }));
        expect((await store().commit(run, commits)).every((verdict) => verdict.kind === 'Committed')).toBe(true);
        const { entries } = await store().history(scope, 'contact_1', 1000);
        expect([entries.length, entries.at(0)?.field_hash, entries.at(-1)?.field_hash]).toEqual([200, 'v1:204', 'v1:5']);
      });

      it('names that look like SQL are data', async () => {
        const sql = "'); DROP TABLE sync_records; --";
        const odd = { ...startRequest(), sync: sql, record_type: sql, source: `a${sql}`, target: `"b"${sql}`, hints: [{ system: `a${sql}`, native_id: sql }], cause: sql, execution_id: sql };
        const { run } = await store().start(odd);
        expect(await store().check(run, [checkItem({ system: odd.source, native_id: sql, proposed_key: sql })])).toMatchObject([{ kind: 'Changed', row: null }]);
        const moved = snapshot(record({ [sql]: sql }));
        expect(await store().commit(run, [commitItem({ record_key: sql, links: { [odd.source]: sql }, snapshots: { [odd.source]: moved } })])).toMatchObject([{ kind: 'Committed' }]);
        const next = (await store().start(odd)).run;
        expect(await store().check(next, [checkItem({ system: odd.source, native_id: sql, fingerprint: moved.fingerprint })])).toEqual([{ kind: 'Unchanged', record_key: sql, reason: 'same' }]);
        expect(await store().missing(odd, odd.source, [])).toEqual([{ system: odd.source, native_id: sql }]);
      });

      it('a second migration does no harm', async () => {
        await settled();
        await store().migrate();
        expect((await check(await begin())).kind).toBe('Unchanged');
      });
    });
  });
}
