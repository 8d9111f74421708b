/** What every ledger promises about guards and holds. */
import { describe, expect, it } from 'vitest';
import type { RunContext } from '../../core/model';
import { DEFAULT_GUARDS, type GuardSettings } from '../../core/policies/guard-settings';
import type { Findings } from '../../core/policies/guards';
import type { Hold } from '../../core/policies/holds';
import type { ReserveItem, ReserveVerdict } from '../../ledger/ledger-store';
import { freshLedger, type MakeStore } from './fresh-ledger';
import { checkItem, commitItem, intent, record, reserveItem, scope, snapshot, startRequest } from './items';
import { only } from './one-at-a-time';

const SMALL: GuardSettings = { mass_delete: { count: 2, percent: 100 }, everything_changed: null, side_emptied: null, writes_per_record: { count: 3 }, writes_per_sync: { count: 20 } };
const found = (over: Partial<Findings>): Findings => ({ gone_in: [], remapped_in: [], stamp: 0, ...over });

/** One record each, with ids of its own. */
const itemOf = (place: number, over: Partial<ReserveItem> = {}, op: 'update' | 'delete' = 'update'): ReserveItem =>
  reserveItem({ record_key: `contact_${place}`, links: { crm: `c${place}`, support: `s${place}` }, intents: [intent({ op, native_id: `s${place}`, idempotency_key: `key-${place}` })], ...over });
const batch = (count: number, over: Partial<ReserveItem> = {}, op: 'update' | 'delete' = 'update', first = 1): readonly ReserveItem[] => Array.from({ length: count }, (_, index) => itemOf(first + index, over, op));

const kinds = (verdicts: readonly ReserveVerdict[]): readonly string[] => [...new Set(verdicts.map(({ kind }) => kind))];
const heldBy = (verdicts: readonly ReserveVerdict[]): Hold => {
  const hold = verdicts.flatMap((verdict) => (verdict.kind === 'Held' ? [verdict.hold] : []))[0];
  if (hold === undefined) throw new Error(`nothing is held: ${JSON.stringify(verdicts)}`);
  return hold;
};

export function holdContract(name: string, makeStore: MakeStore): void {
  describe(`${name} ledger: guards and holds`, () => {
    const { store, ledger, later, begin, check, commit, pending } = freshLedger(makeStore);
    const release = (hold: Hold) => store().release(scope, { id: hold.id, by: 'ann', counted: hold.counted });
    /** As many records that both sides hold. */
    const know = async (count: number): Promise<void> => {
      await store().commit(await begin(), Array.from({ length: count }, (_, index) => commitItem({ record_key: `contact_${index + 1}`, links: { crm: `c${index + 1}`, support: `s${index + 1}` } })));
    };
    const write = async (run: RunContext, version: number): Promise<void> => {
      const [verdict] = await store().reserve(run, [itemOf(1, { version })], SMALL);
      if (verdict?.kind !== 'Reserved') throw new Error(JSON.stringify(verdict));
      await commit(run, { fencing_token: verdict.fencing_token, written: ['support'], snapshots: { support: snapshot(record({ name: `v${version}` })) } });
    };

    it('D5 a mass delete holds the whole batch: nothing is reserved, the notes stay, the reason has its numbers', async () => {
      await know(5);
      const run = await begin('c1', 'c2', 'c3');
      const verdicts = await store().reserve(run, [...batch(3, { version: 1 }, 'delete'), itemOf(4, { version: 1 })], SMALL);
      expect(kinds(verdicts)).toEqual(['Held']);
      expect(heldBy(verdicts)).toMatchObject({ guard: 'mass_delete', subject: '', counted: 3, allowed: 2, known: null, by: null, said: null, opened_at: '2026-03-01T10:00:00.000Z' });
      expect(await pending()).toEqual(['crm:c1', 'crm:c2', 'crm:c3']);
      const row = await check(await begin(), { full: true });
      expect(row).toMatchObject({ kind: 'Changed', row: { version: 1, intents: [] } });
      expect((await store().runs(scope, 9)).find((summary) => summary.run_id === run.run_id)).toMatchObject({ counts: { held: 4 } });
    });

    it('while a hold is open every batch of the sync is held, with settings or without', async () => {
      await store().reserve(await begin(), batch(3, {}, 'delete'), SMALL);
      for (const guards of [SMALL, undefined]) expect(kinds(await store().reserve(await begin(), [itemOf(9)], guards))).toEqual(['Held']);
      const dump = await ledger().dump();
      await store().reserve(await begin(), batch(3, {}, 'delete'), SMALL);
      expect(await ledger().dump()).toEqual(dump);
    });

    it('a hold grows with what is held, and only as it was shown it is released', async () => {
      const hold = heldBy(await store().reserve(await begin(), batch(3, {}, 'delete'), SMALL));
      expect(heldBy(await store().reserve(await begin(), batch(5, {}, 'delete'), SMALL))).toMatchObject({ id: hold.id, counted: 5 });
      expect(await release(hold)).toMatchObject({ kind: 'Changed', hold: { counted: 5 } });
      expect(await release({ ...hold, id: 'nobody' })).toEqual({ kind: 'Gone' });
      const [grown] = await store().holds(scope);
      expect(await release(grown!)).toMatchObject({ kind: 'Released', hold: { id: hold.id } });
      expect(await release(grown!)).toEqual({ kind: 'Gone' });
      expect(await store().holds(scope)).toEqual([]);
    });

    it('what was released passes within the hour, on top of the limit, and no more', async () => {
      await release(heldBy(await store().reserve(await begin(), batch(4, {}, 'delete'), SMALL)));
      expect(kinds(await store().reserve(await begin(), batch(4, {}, 'delete'), SMALL))).toEqual(['Reserved']);
      expect(kinds(await store().reserve(await begin(), batch(2, {}, 'delete', 11), SMALL))).toEqual(['Reserved']);
      const again = heldBy(await store().reserve(await begin(), batch(1, {}, 'delete', 21), SMALL));
      expect(again).toMatchObject({ counted: 7, allowed: 6 });
      await release(again);
      later(3601);
      expect(heldBy(await store().reserve(await begin(), batch(3, {}, 'delete', 31), SMALL))).toMatchObject({ counted: 3, allowed: 2 });
    });

    it('D5 deletes of earlier runs of the hour count', async () => {
      expect(kinds(await store().reserve(await begin(), batch(2, {}, 'delete'), SMALL))).toEqual(['Reserved']);
      later(1800);
      expect(heldBy(await store().reserve(await begin(), batch(1, {}, 'delete', 3), SMALL))).toMatchObject({ guard: 'mass_delete', counted: 3, allowed: 2 });
    });

    it('G4 a share of the known records holds; many known records are not counted to the end', async () => {
      const settings = { ...SMALL, everything_changed: { percent: 50 }, writes_per_sync: null };
      await know(22);
      expect(kinds(await store().reserve(await begin(), batch(11, { version: 1 }), settings))).toEqual(['Reserved']);
      expect(heldBy(await store().reserve(await begin(), batch(12, { version: 1 }), settings))).toMatchObject({ guard: 'everything_changed', counted: 12, allowed: 11, known: 22 });
    });

    it('D6 a side that lost its records holds, and names the side', async () => {
      const settings = { ...SMALL, side_emptied: { percent: 50 } };
      await know(12);
      expect(heldBy(await store().reserve(await begin(), batch(11, { version: 1, findings: found({ gone_in: ['crm'] }) }), settings))).toMatchObject({ guard: 'side_emptied', subject: 'crm', counted: 11, allowed: 10, known: 12 });
    });

    it('G5 the breaker of a sync counts the writes of an hour', async () => {
      expect(kinds(await store().reserve(await begin(), batch(20), SMALL))).toEqual(['Reserved']);
      expect(heldBy(await store().reserve(await begin(), [itemOf(21)], SMALL))).toMatchObject({ guard: 'writes_per_sync', counted: 21, allowed: 20 });
      await release((await store().holds(scope))[0]!);
      later(3601);
      expect(kinds(await store().reserve(await begin(), [itemOf(21)], SMALL))).toEqual(['Reserved']);
    });

    it('G5 the breaker of a record holds this record only; ten minutes later it lets go when a person does', async () => {
      for (const version of [0, 2, 4]) await write(await begin(), version);
      const verdicts = await store().reserve(await begin(), [itemOf(2), itemOf(1, { version: 6 }), itemOf(3)], SMALL);
      expect(verdicts.map(({ kind }) => kind)).toEqual(['Reserved', 'Held', 'Reserved']);
      expect(heldBy(verdicts)).toMatchObject({ guard: 'writes_per_record', subject: 'contact_1', counted: 4, allowed: 3 });
      later(601);
      expect(kinds(await store().reserve(await begin(), [itemOf(1, { version: 6 })], SMALL))).toEqual(['Held']);
      await release((await store().holds(scope))[0]!);
      expect(kinds(await store().reserve(await begin(), [itemOf(1, { version: 6 })], SMALL))).toEqual(['Reserved']);
    });

    it('G5 writes that nobody committed count too', async () => {
      for (const version of [0, 1, 2]) {
        expect(kinds(await store().reserve(await begin(), [itemOf(1, { version })], SMALL))).toEqual(['Reserved']);
        later(61);
      }
      expect(heldBy(await store().reserve(await begin(), [itemOf(1, { version: 3 })], SMALL))).toMatchObject({ counted: 4 });
    });

    it('F11 a node that is run again gets what it has: it is not counted twice', async () => {
      const run = await begin();
      const items = [...batch(2, {}, 'delete'), ...batch(18, {}, 'update', 3)];
      const first = await store().reserve(run, items, SMALL);
      expect(kinds(first)).toEqual(['Reserved']);
      expect(await store().reserve(run, items, SMALL)).toEqual(first);
      expect(await store().reserve(run, items, { ...SMALL, writes_per_record: { count: 1 } })).toEqual(first);
    });

    it('F11 a batch that was held and released goes through with its old items', async () => {
      const run = await begin('c1', 'c2', 'c3');
      const items = batch(3, {}, 'delete');
      await release(heldBy(await store().reserve(run, items, SMALL)));
      expect(kinds(await store().reserve(run, items, SMALL))).toEqual(['Reserved']);
    });

    it('F9 a stamp that this ledger never gave holds; released, the ledger counts on from there', async () => {
      const foreign = itemOf(1, { findings: found({ stamp: 500_000 }) });
      const hold = heldBy(await store().reserve(await begin(), [foreign, itemOf(2)], SMALL));
      expect(hold).toMatchObject({ guard: 'ledger_behind', counted: 500_000 });
      expect(hold.allowed).toBeLessThan(100);
      await release(hold);
      expect((await begin()).read_token).toBeGreaterThan(500_000);
      expect(kinds(await store().reserve(await begin(), [foreign], SMALL))).toEqual(['Reserved']);
    });

    it('G1 a changed mapping holds until a person lets as many records pass', async () => {
      const hold = heldBy(await store().reserve(await begin(), batch(2, { findings: found({ remapped_in: ['crm'] }) }), SMALL));
      expect(hold).toMatchObject({ guard: 'mapping_changed', subject: 'crm', counted: 2, allowed: 0 });
      await release(hold);
      expect(kinds(await store().reserve(await begin(), batch(2, { findings: found({ remapped_in: ['crm'] }) }), SMALL))).toEqual(['Reserved']);
    });

    it('G1 Check knows a record of another mapping as changed, though its values are the same', async () => {
      await know(1);
      expect((await check(await begin())).kind).toBe('Unchanged');
      expect((await check(await begin(), { mapping_fingerprint: 'm2' })).kind).toBe('Changed');
    });

    it('G10 a paused sync reserves nothing until it is resumed; it is paused once', async () => {
      const asked = { guard: 'paused', subject: '', by: 'ann', said: 'moving \u0000 house' } as const;
      const hold = await store().hold(scope, asked);
      expect(hold).toMatchObject({ ...asked, counted: 0, allowed: 0, known: null });
      expect(await store().hold(scope, { ...asked, by: 'bob' })).toEqual(hold);
      expect(heldBy(await store().reserve(await begin(), [itemOf(1)]))).toEqual(hold);
      await release(hold);
      expect(kinds(await store().reserve(await begin(), [itemOf(1)]))).toEqual(['Reserved']);
    });

    it('F12 each hold is told once, whoever asks first', async () => {
      await store().hold(scope, { guard: 'credentials', subject: 'crm', by: null, said: 'crm: 401' });
      await store().hold(scope, { guard: 'credentials', subject: 'support', by: null, said: 'support: 401' });
      const asked = await Promise.all([store().tellHolds(scope), store().tellHolds(scope), store().tellHolds(scope)]);
      expect(asked.flat().map(({ subject }) => subject)).toEqual(['crm', 'support']);
      expect(await store().holds(scope)).toHaveLength(2);
    });

    it('a hold is about one sync', async () => {
      const other = { ...scope, sync: 'others', record_type: 'other' };
      await store().hold(scope, { guard: 'paused', subject: '', by: 'ann', said: null });
      expect(await store().holds(other)).toEqual([]);
      expect(await store().tellHolds(other)).toEqual([]);
      const { run } = await store().start({ ...startRequest(), ...other });
      expect(kinds(await store().reserve(run, [itemOf(1)]))).toEqual(['Reserved']);
      expect(await store().release(other, { id: (await store().holds(scope))[0]!.id, by: 'ann', counted: 0 })).toEqual({ kind: 'Gone' });
    });

    it('G7 a dry run says what would be held, and opens nothing', async () => {
      const run = (await store().start({ ...startRequest(), dry_run: true })).run;
      const dump = await ledger().dump();
      expect(heldBy(await store().reserve(run, batch(3, {}, 'delete'), SMALL))).toMatchObject({ id: '', guard: 'mass_delete', counted: 3 });
      expect(kinds(await store().reserve(run, batch(2, {}, 'delete'), SMALL))).toEqual(['Reserved']);
      expect(await store().holds(scope)).toEqual([]);
      expect(await ledger().dump()).toEqual(dump);
    });

    it('holds that were released a month ago are forgotten when the next one opens', async () => {
      await release(await store().hold(scope, { guard: 'paused', subject: '', by: 'ann', said: 'once' }));
      later(31 * 86_400);
      await store().hold(scope, { guard: 'paused', subject: '', by: 'ann', said: 'again' });
      const text = JSON.stringify(await ledger().dump());
      expect(text).toContain('again');
      expect(text).not.toContain('once');
    });

    it('the shipped settings let a day of ordinary work pass', async () => {
      await know(40);
      for (let hour = 0; hour < 3; hour += 1) {
        expect(kinds(await store().reserve(await begin(), batch(9, { version: 1 }, 'update', 1 + hour * 10), DEFAULT_GUARDS))).toEqual(['Reserved']);
        later(1200);
      }
      expect(only(await store().check(await begin(), [checkItem({ native_id: 'c40', proposed_key: 'contact_40' })])).kind).toBe('Unchanged');
    });
  });
}
