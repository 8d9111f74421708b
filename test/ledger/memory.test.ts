import { expect, it } from 'vitest';
import { MemoryLedger } from '../support/memory-ledger/memory-ledger';
import { ledgerContract } from './contract';
import { commitItem, scope, startRequest } from './items';

ledgerContract('Memory', (clock) => {
  const store = new MemoryLedger(clock);
  return Promise.resolve({
    store,
    dump: () => {
      const { sequence: _sequence, named: _named, runs: _runs, ...kept } = store.state;
      return Promise.resolve(kept);
    },
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
