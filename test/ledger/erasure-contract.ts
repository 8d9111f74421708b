/** What a privacy erasure promises on every store: the values go, and nothing of the record comes back. */
import { describe, expect, it } from 'vitest';
import { freshLedger, type MakeStore } from './fresh-ledger';
import { intent, record, scope, snapshot } from './items';

const SECRET = 'Ann Lee, born 1980';

export function erasureContract(name: string, makeStore: MakeStore): void {
  describe(`${name} ledger: erasure`, () => {
    const { store, ledger, later, begin, check, reserve, commit } = freshLedger(makeStore);
    const values = record({ name: SECRET });
    const gone = { crm: { ...snapshot(null), record: values }, support: { ...snapshot(null), record: values } };
    /** A record that lived, was asked about, had a create of unknown outcome, and is gone; and its neighbour. */
    const lived = async (): Promise<void> => {
      const create = intent({ op: 'create', to: values, from: values, native_id: null, match_key: SECRET });
      expect((await reserve(await begin('c1'), { links: { crm: 'c1' }, intents: [create] })).kind).toBe('Reserved');
      later(61);
      const run = await begin('c1');
      const held = await reserve(run, { version: 1, intents: [intent({ to: values, from: values })] });
      if (held.kind !== 'Reserved') throw new Error(held.kind);
      await commit(run, {
        fencing_token: held.fencing_token, snapshots: gone,
        journal: [{ direction: 'crm-to-support', source_system: 'crm', target_system: 'support', field_hash: 'v1:x', change_set: { name: { from: SECRET, to: null } }, idempotency_key: 'k', cause: 'deleted' }],
        overrides: [{ system: 'support', field: 'name', lost: SECRET, won: undefined, rule: 'deleted in crm' }],
        open_reviews: [{ kind: 'delete', subject: '*', fields: ['name'], reason: 'deleted', values: { crm: values, support: values }, base: { crm: values, support: values } }],
        issues: [{ record_key: 'contact_1', system: 'crm', native_id: 'c1', code: 'rejected_write', reasons: [SECRET] }],
      });
      await commit(await begin('c2'), { record_key: 'contact_2', links: { crm: 'c2', support: 's2' }, snapshots: { crm: snapshot(record({ name: 'neighbour' })), support: snapshot(record({ name: 'neighbour' })) } });
    };
    const dumped = async (): Promise<string> => JSON.stringify(await ledger().dump());

    it('D7 takes every value of the record out of the ledger, and leaves its neighbour alone', async () => {
      await lived();
      expect(await dumped()).toContain(SECRET);
      later(61);
      expect(await store().erase(scope, 'contact_1')).toMatchObject({ kind: 'Erased' });
      expect(await dumped()).not.toContain(SECRET);
      expect(await dumped()).toContain('neighbour');
      expect((await store().history(scope, 'contact_1', 10)).entries).toEqual([]);
      expect(await store().issues(scope, 10)).toEqual([]);
      expect((await store().reviews(scope, { limit: 10, offset: 0, id: null })).total).toBe(0);
    });

    it('D7 keeps what stops the record from coming back: its links, and that it is gone', async () => {
      await lived();
      later(61);
      await store().erase(scope, 'contact_1');
      const verdict = await check(await begin('c1'), { fingerprint: null, full: true });
      expect(verdict).toMatchObject({ kind: 'Changed', row: { links: { crm: 'c1', support: 's1' }, snapshots: { crm: { presence: 'gone', record: {} }, support: { presence: 'gone', record: {} } }, intents: [{ op: 'create', to: {}, superseded: true, match_key: null }] } });
    });

    it('D7 done twice leaves the ledger as it is', async () => {
      await lived();
      later(61);
      await store().erase(scope, 'contact_1');
      const once = await dumped();
      expect(await store().erase(scope, 'contact_1')).toEqual({ kind: 'Erased', purged: 0 });
      expect(await dumped()).toBe(once);
    });

    it('D7 sends back a run that had read the record before', async () => {
      await lived();
      later(61);
      const early = await begin('c1');
      await store().erase(scope, 'contact_1');
      expect((await check(early)).kind).toBe('Recheck');
      expect((await commit(early, { version: 3, snapshots: { crm: snapshot(values) } })).kind).toBe('Recheck');
      expect(await dumped()).not.toContain(SECRET);
    });

    it('is refused while a write may be under way, for a record that lives, and for one that is not there', async () => {
      await commit(await begin('c1'));
      expect(await store().erase(scope, 'contact_1')).toEqual({ kind: 'Alive', systems: ['crm', 'support'] });
      await reserve(await begin('c1'), { version: 1 });
      const before = await dumped();
      expect(await store().erase(scope, 'contact_1')).toEqual({ kind: 'Busy', until: '2026-03-01T10:01:00.000Z' });
      expect(await store().erase(scope, 'contact_9')).toEqual({ kind: 'Unknown' });
      expect(await store().erase({ ...scope, sync: 'other' }, 'contact_1')).toEqual({ kind: 'Unknown' });
      expect(await dumped()).toBe(before);
    });
  });
}
