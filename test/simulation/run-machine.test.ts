import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SystemName } from '../../core/model';
import { openLedger } from '../../ledger/open-ledger';
import type { LedgerStore } from '../../ledger/ledger-store';
import { answer, fakeSystem, userCreates, userEdits, type FakeAnswer, type FakeState } from './fake-system';
import { plainQuirks } from './fake-system/quirks';
import { askLedger } from './ledger-effects';
import { machineSettings } from './machine-settings';
import { beginRun, resumeRun, wantedEffect, type Beginning, type RunState } from './run-machine';

const NOW = '2026-03-01T10:00:00.000Z';
const settings = machineSettings({ quirks: { a: plainQuirks, b: plainQuirks } });

describe('one run as a machine, over a ledger in SQLite', () => {
  let store: LedgerStore;
  let systems: Map<SystemName, FakeState>;

  beforeEach(() => {
    store = openLedger({ kind: 'sqlite', file: ':memory:' }, { clock: () => new Date(NOW) });
    systems = new Map(['a', 'b'].map((name) => [name, fakeSystem(name, plainQuirks)]));
  });
  afterEach(() => store.close());

  function system(name: SystemName): FakeState {
    const state = systems.get(name);
    if (state === undefined) throw new Error(`no ${name}`);
    return state;
  }

  function take(name: SystemName, { state, response }: FakeAnswer): unknown {
    systems.set(name, state);
    return response;
  }

  /** Runs to its end; gives the writes that were sent. */
  async function run(beginning: Beginning): Promise<readonly string[]> {
    const writes: string[] = [];
    let state: RunState = beginRun(settings, beginning);
    for (let effect = wantedEffect(settings, state); effect !== null; effect = wantedEffect(settings, state)) {
      if (effect.kind === 'write') writes.push(`${effect.request.op} ${effect.system} ${Object.keys(effect.request.body).sort().join(',')}`);
      const reply = effect.kind === 'read' || effect.kind === 'write'
        ? { kind: 'response' as const, response: take(effect.system, answer(system(effect.system), effect, NOW)) }
        : await askLedger(store, effect);
      state = JSON.parse(JSON.stringify(resumeRun(settings, state, reply))) as RunState;
    }
    return writes;
  }

  const fromA: Beginning = { source: 'a', target: 'b', hints: [{ system: 'a', native_id: 'a1' }], cause: 'webhook' };
  const fromB: Beginning = { source: 'b', target: 'a', hints: [{ system: 'b', native_id: 'b1' }], cause: 'webhook' };

  it('syncs one edit with exactly one write, and a second run writes nothing', async () => {
    take('a', userCreates(system('a'), { email: 'ann@x.org', name: 'Ann' }, NOW));
    expect(await run(fromA)).toEqual(['create b custom,person,tags']);
    expect(await run(fromB)).toEqual([]);

    take('a', userEdits(system('a'), 'a1', { city: 'Oslo' }, NOW));
    expect(await run(fromA)).toEqual(['update b city,custom']);
    expect(system('b').records['b1']).toMatchObject({ fields: { city: 'Oslo', name: 'Ann', email: 'ann@x.org' } });
    expect(await run(fromA)).toEqual([]);
    expect(await run(fromB)).toEqual([]);
  });

  it('takes a hint about the target, read by its link, and writes to the source', async () => {
    take('a', userCreates(system('a'), { email: 'ann@x.org', name: 'Ann' }, NOW));
    await run(fromA);
    take('b', userEdits(system('b'), 'b1', { phone: '+14155550123' }, NOW));
    expect(await run({ ...fromA, hints: fromB.hints })).toEqual(['update a custom,phone']);
  });

  it('G10 a run that is held writes nothing and keeps its notes; released, edits of both sides are merged', async () => {
    const scope = { sync: settings.sync, record_type: settings.record_type, source: 'a', target: 'b' };
    take('a', userCreates(system('a'), { email: 'ann@x.org', name: 'Ann' }, NOW));
    await run(fromA);
    const hold = await store.hold(scope, { guard: 'paused', subject: '', by: 'ann', said: null });
    take('a', userEdits(system('a'), 'a1', { city: 'Oslo' }, NOW));
    take('b', userEdits(system('b'), 'b1', { phone: '+14155550123' }, NOW));
    expect(await run(fromA)).toEqual([]);
    expect((await store.pending(scope, 9)).hints).toEqual([{ system: 'a', native_id: 'a1' }]);
    await store.release(scope, { id: hold.id, by: 'ann', counted: hold.counted });
    expect(await run(fromA)).toEqual(['update b city,custom', 'update a custom,phone']);
    expect((await store.pending(scope, 9)).hints).toEqual([]);
    expect(await run(fromA)).toEqual([]);
  });
});
