import { expect, it } from 'vitest';
import type { LedgerState } from '../support/memory-ledger/state';
import { MemoryLedger } from '../support/memory-ledger/memory-ledger';
import { ledgerContract } from './contract';
import { commitItem, scope, startRequest } from './items';

function sizesOf(state: LedgerState): { readonly [table: string]: number } {
  const rows = Object.values(state.records);
  const lines = (lists: { readonly [key: string]: readonly unknown[] }): number => Object.values(lists).reduce((sum, list) => sum + list.length, 0);
  return {
    sync_records: rows.length, sync_links: Object.keys(state.links).length, sync_snapshots: rows.reduce((sum, row) => sum + Object.keys(row.snapshots).length, 0),
    sync_intents: rows.reduce((sum, row) => sum + row.intents.length, 0), sync_reviews: rows.reduce((sum, row) => sum + row.reviews.length, 0),
    sync_ledger: lines(state.journal), sync_history: lines(state.history),
    sync_notes: Object.keys(state.notes).length, sync_issues: Object.keys(state.issues).length, sync_runs: Object.keys(state.runs).length,
  };
}

ledgerContract('Memory', (clock) => {
  const store = new MemoryLedger(clock);
  return Promise.resolve({
    store,
    dump: () => {
      const { sequence: _sequence, named: _named, runs: _runs, ...kept } = store.state;
      return Promise.resolve(kept);
    },
    sizes: () => Promise.resolve(sizesOf(store.state)),
  });
});

it('a copy goes its own way, and the state it was made from stays as it was', async () => {
  const clock = (): Date => new Date('2026-03-01T10:00:00.000Z');
  const ledger = new MemoryLedger(clock);
  const { run } = await ledger.start(startRequest('c1'));
  const before = ledger.state;
  const text = JSON.stringify(before);
  const copy = ledger.copy();
  expect(await copy.commit(run, [commitItem()])).toMatchObject([{ kind: 'Committed' }]);
  expect((await copy.pending(scope, 10)).hints).toEqual([]);
  expect((await ledger.pending(scope, 10)).hints).toEqual([{ system: 'crm', native_id: 'c1' }]);
  expect(JSON.stringify(before)).toBe(text);
  expect(ledger.state).toBe(before);
});

it('equal histories give equal states', async () => {
  const clock = (): Date => new Date('2026-03-01T10:00:00.000Z');
  const stateAfter = async (): Promise<unknown> => {
    const ledger = new MemoryLedger(clock);
    const { run } = await ledger.start(startRequest('c1'));
    await ledger.commit(run, [commitItem()]);
    return ledger.state;
  };
  expect(await stateAfter()).toEqual(await stateAfter());
});
