/** Histories that the simulation found, told step by step. Each broke a promise, or was wrongly said to. */
import { describe, expect, it } from 'vitest';
import { Choices } from './choices';
import { liveRecords } from './fake-system';
import { plainQuirks, type Quirks } from './fake-system/quirks';
import { clockOf, comeToRest, lookOnceMore } from './history';
import { brokenPromises } from './invariants';
import { wantedEffect, type Effect } from './run-machine';
import { inMemory } from './simulate';
import type { FakeName } from './machine-settings';
import { scopeOf } from './sweep';
import { World } from './world';
import { personCreates, personDeletes, personEdits, personUndeletes } from './world/users';
import { land } from './world/apis';
import { advance, begin, finish } from './world/workers';

const ANN = 'ann@x.org';

function worldOf(quirks: Partial<{ readonly [name in FakeName]: Partial<Quirks> }> = {}): World {
  const ledger = inMemory(0);
  const world = new World(new Choices([], null), ledger, { quirks: { a: { ...plainQuirks, ...quirks.a }, b: { ...plainQuirks, ...quirks.b } }, echo_guard: true, window: true }, 2);
  world.faulty = false;
  clockOf.set(ledger, () => new Date(world.now));
  return world;
}

function start(world: World, worker: number, source: FakeName, native_id: string): void {
  begin(world, worker, { source, target: source === 'a' ? 'b' : 'a', hints: [{ system: source, native_id }], cause: 'webhook' });
}

/** Lets a worker go on until it is about to do this. */
async function until(world: World, worker: number, kind: Effect['kind']): Promise<void> {
  for (let steps = 0; steps < 50; steps += 1) {
    const state = world.workers[worker]?.state;
    const effect = state === undefined ? null : wantedEffect(world.settings, state);
    if (effect === null) throw new Error(`The run ended before it wanted to ${kind}.`);
    if (effect.kind === kind) return;
    world.step += 1;
    await advance(world, worker);
  }
  throw new Error(`The run never wants to ${kind}.`);
}

function edit(world: World, system: FakeName, id: string, fields: Parameters<typeof personEdits>[3]): void {
  world.step += 1;
  personEdits(world, system, id, fields);
}

/** A run sends its write, which is still under way when the run says that it does not know, and crashes. */
async function writtenLate(world: World, source: FakeName, native_id: string): Promise<void> {
  world.ordained.write.push('write landed late');
  start(world, 0, source, native_id);
  await until(world, 0, 'commit');
  await advance(world, 0);
  world.workers[0] = null;
}

async function atRest(world: World): Promise<readonly string[]> {
  await comeToRest(world);
  const broken = [...world.violations, ...await brokenPromises(world)];
  await lookOnceMore(world);
  return [...broken, ...world.violations];
}

/** The values that lost, as the history of a record tells them. */
async function lost(world: World, record_key: string): Promise<readonly unknown[]> {
  const { entries } = await world.ledger.store.history(scopeOf(world, 'a'), record_key, 10);
  return entries.flatMap(({ overrides }) => overrides.map((override) => override.lost));
}

/** `a1` is created in `b` as `b1`, and the run has yet to commit. */
async function createdAndNotCommitted(world: World): Promise<void> {
  personCreates(world, 'a', { email: ANN, name: 'first' });
  start(world, 0, 'a', 'a1');
  await until(world, 0, 'commit');
}

async function linked(world: World): Promise<void> {
  await createdAndNotCommitted(world);
  await finish(world, 0);
}

/** A run that dies when it is about to do this. */
async function crashed(world: World, worker: number, source: FakeName, native_id: string, before: 'write' | 'commit'): Promise<void> {
  start(world, worker, source, native_id);
  await until(world, worker, before);
  world.workers[worker] = null;
}

describe('an edit that is taken back before anybody saw it (E5) is none', () => {
  it('on what our own write put there, before it is committed', async () => {
    const world = worldOf();
    personCreates(world, 'a', { email: ANN, name: 'first' });
    start(world, 0, 'a', 'a1');
    await until(world, 0, 'check');
    edit(world, 'a', 'a1', { name: 'second' });
    await until(world, 0, 'commit');
    edit(world, 'b', 'b1', { name: 'other' });
    edit(world, 'b', 'b1', { name: 'first' });
    expect(await atRest(world)).toEqual([]);
    expect(world.systems.b.records['b1']?.fields.name).toBe('second');
  });

  it('on what the run has read, before it commits', async () => {
    const world = worldOf();
    await createdAndNotCommitted(world);
    edit(world, 'b', 'b1', { name: 'theirs' });
    edit(world, 'a', 'a1', { name: 'other' });
    edit(world, 'a', 'a1', { name: 'first' });
    expect(await atRest(world)).toEqual([]);
    expect(world.systems.a.records['a1']?.fields.name).toBe('theirs');
  });

  it('also when a run saw the value in between and could write it nowhere', async () => {
    const world = worldOf();
    await linked(world);
    personDeletes(world, 'a', 'a1');
    start(world, 0, 'b', 'b1');
    await until(world, 0, 'read');
    edit(world, 'b', 'b1', { name: 'other' });
    await until(world, 0, 'check');
    edit(world, 'b', 'b1', { name: 'first' });
    world.step += 1;
    personCreates(world, 'a', { email: ANN, name: 'again' });
    expect(await atRest(world)).toEqual([]);
    expect(liveRecords(world.systems.b).map(({ fields }) => fields.name)).toEqual(['again']);
  });

  it('and is one as soon as the value in between was committed', async () => {
    const world = worldOf();
    await linked(world);
    edit(world, 'b', 'b1', { name: 'other' });
    start(world, 0, 'b', 'b1');
    await until(world, 0, 'commit');
    edit(world, 'b', 'b1', { name: 'first' });
    expect(await atRest(world)).toEqual([]);
    expect([world.systems.a.records['a1']?.fields.name, world.systems.b.records['b1']?.fields.name]).toEqual(['first', 'first']);
    // Had a value gone over it that nobody set on purpose, the judge would say so.
    for (const [system, id] of [['a', 'a1'], ['b', 'b1']] as const) {
      const record = world.systems[system].records[id];
      if (record !== undefined) world.systems[system] = { ...world.systems[system], records: { [id]: { ...record, fields: { ...record.fields, name: 'unexplained' } } } };
    }
    expect(await brokenPromises(world)).toEqual([`${ANN} name: the edit to FIRST in b (step ${world.deeds.edits.at(-1)?.step ?? 0}) is lost without a record`]);
  });
});

it('a system whose automation replaces a value in the very request that carries it: both sides are as they were left', async () => {
  const world = worldOf({ a: { automates: true } });
  personCreates(world, 'b', { email: ANN, name: 'first' });
  start(world, 0, 'b', 'b1');
  await finish(world, 0);
  edit(world, 'b', 'b1', { city: 'Oslo', zip: '0150' });
  expect(await atRest(world)).toEqual([]);
  expect([world.systems.a.records['a1']?.fields.zip, world.systems.b.records['b1']?.fields.zip]).toEqual(['z-Oslo', '0150']);
});

it('two people create one record in both systems whose searches lag: they are linked once the searches show them', async () => {
  const world = worldOf({ a: { search_lags: true }, b: { search_lags: true } });
  personCreates(world, 'a', { email: ANN, name: 'in a' });
  personCreates(world, 'b', { email: ANN, name: 'in b' });
  expect(await atRest(world)).toEqual([]);
  expect([world.systems.a.records['a1']?.fields.name, world.systems.b.records['b1']?.fields.name]).toEqual(['in a', 'in a']);
});

it('both halves of such a pair have a row by then: one gives way', async () => {
  const world = worldOf({ a: { search_lags: true }, b: { search_lags: true } });
  personCreates(world, 'b', { email: ANN, name: 'in b' });
  start(world, 0, 'b', 'b1');
  personCreates(world, 'a', { email: ANN, name: 'in a' });
  start(world, 1, 'a', 'a1');
  await finish(world, 0);
  await finish(world, 1);
  expect(await atRest(world)).toEqual([]);
  expect(world.systems.a.records['a1']?.fields.name).toBe(world.systems.b.records['b1']?.fields.name);
});

it('what lost is on record, although the crashed write shows in another form and nothing says whose it is', async () => {
  const world = worldOf({ b: { stamps: false, reformats: 'value' } });
  personCreates(world, 'b', { email: ANN, name: 'theirs' });
  personCreates(world, 'a', { email: ANN, name: 'ours' });
  await crashed(world, 0, 'a', 'a1', 'commit');
  edit(world, 'a', 'a1', { name: 'newer' });
  expect(await atRest(world)).toEqual([]);
  expect(await lost(world, 'contact_a1')).toContain('THEIRS');
});

it('a record that is brought back before anybody missed it was never away (E5)', async () => {
  const world = worldOf();
  await createdAndNotCommitted(world);
  edit(world, 'a', 'a1', { name: 'second' });
  personDeletes(world, 'b', 'b1');
  personUndeletes(world, 'b', 'b1');
  expect(await atRest(world)).toEqual([]);
  expect(world.systems.b.records['b1']?.fields.name).toBe('second');
});

it('a deleted record is not created again for ever where another record has its key by then: a person is asked', async () => {
  const world = worldOf({ b: { unique_email: false, reformats: 'value', answers: 'nothing' } });
  personCreates(world, 'a', { email: ANN, name: 'first' });
  start(world, 0, 'a', 'a1');
  await until(world, 0, 'reserve');
  personCreates(world, 'b', { email: ANN, name: 'another' });
  personDeletes(world, 'a', 'a1');
  await finish(world, 0);
  start(world, 0, 'b', 'b1');
  await finish(world, 0);
  expect(await atRest(world)).toEqual([]);
  const asked = await world.ledger.store.reviews(scopeOf(world, 'a'), { limit: 10, offset: 0, id: null });
  expect(asked.items.map(({ kind }) => kind)).toContain('rejected_write');
});

it('a person lets a refused value be sent again, and nobody sends it a third time', async () => {
  const world = worldOf();
  personCreates(world, 'a', { email: ANN, name: 'first', city: 'refused' });
  start(world, 0, 'a', 'a1');
  await finish(world, 0);
  const { store } = world.ledger;
  const asked = await store.reviews(scopeOf(world, 'a'), { limit: 1, offset: 0, id: null });
  const [review] = asked.items;
  if (review === undefined) throw new Error('Nobody was asked.');
  await store.decide({ ...scopeOf(world, 'a'), review_id: review.id, decision: { kind: 'winner', system: 'a', by: 'ann' }, shown: review.values });
  expect(await atRest(world)).toEqual([]);
  expect(world.faults.get('write refused with 422')).toBe(2);
});

it('the record that was deleted and created again since an edit wins is not created a second time after a crash', async () => {
  const world = worldOf();
  await linked(world);
  world.step += 1;
  personDeletes(world, 'a', 'a1');
  edit(world, 'b', 'b1', { name: 'theirs' });
  // And the echo of the new record comes while the lease still runs.
  await crashed(world, 0, 'a', 'a1', 'commit');
  start(world, 1, 'a', 'a2');
  await finish(world, 1);
  expect(await atRest(world)).toEqual([]);
  expect(Object.keys(world.systems.a.records)).toEqual(['a1', 'a2']);
  expect(liveRecords(world.systems.a).map(({ fields }) => fields.name)).toEqual(['theirs']);
});

it('a deletion is carried out although the record that we created shows its empty fields only when it is first read', async () => {
  const world = worldOf();
  personCreates(world, 'b', { email: ANN, name: 'first' });
  start(world, 0, 'b', 'b1');
  await finish(world, 0);
  world.step += 1;
  personDeletes(world, 'b', 'b1');
  personCreates(world, 'b', { email: 'bea@x.org', name: 'another' });
  expect(await atRest(world)).toEqual([]);
  expect([world.systems.a.records['a1']?.deleted, Object.keys(world.systems.b.records)]).toEqual([true, ['b1', 'b2']]);
});

it('what a user sets back after a crashed create was planned goes on record when the new record wins', async () => {
  const world = worldOf({ a: { stamps: false } });
  await linked(world);
  edit(world, 'b', 'b1', { name: 'second' });
  personDeletes(world, 'a', 'a1');
  await crashed(world, 0, 'b', 'b1', 'commit');
  edit(world, 'a', 'a2', { name: 'third' });
  edit(world, 'b', 'b1', { name: 'first' });
  expect(await atRest(world)).toEqual([]);
  expect(world.systems.b.records['b1']?.fields.name).toBe('third');
});

it('a write that landed is recognized although an older one lands after it, with its own stamp', async () => {
  const world = worldOf({ b: { conditional: false } });
  await linked(world);
  edit(world, 'a', 'a1', { city: 'Oslo' });
  await writtenLate(world, 'a', 'a1');
  edit(world, 'a', 'a1', { name: 'ours' });
  edit(world, 'b', 'b1', { name: 'theirs' });
  await crashed(world, 1, 'a', 'a1', 'commit');
  expect(await atRest(world)).toEqual([]);
  expect(await lost(world, 'contact_a1')).toContain('theirs');
});

it('what a user sets back while a write is under way goes on record, although a newer write laid its stamp over it', async () => {
  const world = worldOf({ a: { conditional: false } });
  await linked(world);
  edit(world, 'b', 'b1', { name: 'second', city: 'Oslo' });
  await writtenLate(world, 'b', 'b1');
  edit(world, 'b', 'b1', { name: 'first' });
  start(world, 1, 'b', 'b1');
  await until(world, 1, 'write');
  const late = world.late.shift();
  if (late !== undefined) land(world, late.effect, late.read_at);
  expect(await atRest(world)).toEqual([]);
  expect(await lost(world, 'contact_a1')).toContain('first');
});

it('a row whose create was refused gives way to the other half, which had created it before', async () => {
  const world = worldOf({ a: { search_lags: true }, b: { stamps: false } });
  await createdAndNotCommitted(world);
  world.workers[0] = null;
  edit(world, 'b', 'b1', { city: 'refused' });
  start(world, 0, 'b', 'b1');
  await finish(world, 0);
  edit(world, 'b', 'b1', { city: 'Oslo' });
  edit(world, 'a', 'a1', { name: 'second' });
  expect(await atRest(world)).toEqual([]);
  expect(world.systems.b.records['b1']?.fields).toMatchObject({ name: 'second', city: 'Oslo' });
});

it('a question about a second record stands while the linked record waits for its partner', async () => {
  const world = worldOf({ b: { unique_email: false } });
  personCreates(world, 'b', { email: ANN, name: 'first' });
  start(world, 0, 'b', 'b1');
  await finish(world, 0);
  personDeletes(world, 'b', 'b1');
  edit(world, 'a', 'a1', { name: 'second' });
  start(world, 0, 'a', 'a1');
  await until(world, 0, 'write');
  personUndeletes(world, 'b', 'b1');
  personDeletes(world, 'a', 'a1');
  await until(world, 0, 'commit');
  edit(world, 'b', 'b2', { city: 'refused' });
  await finish(world, 0);
  expect(await atRest(world)).toEqual([]);
  const { items } = await world.ledger.store.reviews(scopeOf(world, 'a'), { limit: 10, offset: 0, id: null });
  expect(items.map(({ subject }) => subject).sort()).toEqual(['claim:b:b1', 'rejected:a']);
});

it('an edit that only spells a value anew is none', async () => {
  const world = worldOf();
  await linked(world);
  start(world, 0, 'a', 'a1');
  await until(world, 0, 'check');
  edit(world, 'a', 'a1', { name: 'other' });
  edit(world, 'a', 'a1', { name: 'First' });
  edit(world, 'a', 'a1', { name: 'first' });
  edit(world, 'b', 'b1', { name: 'theirs' });
  expect(await atRest(world)).toEqual([]);
  expect(world.systems.a.records['a1']?.fields.name).toBe('theirs');
});

it('what a user sets back goes on record also where the written record was replaced by another one since', async () => {
  const world = worldOf();
  await linked(world);
  edit(world, 'b', 'b1', { name: 'second' });
  await crashed(world, 0, 'b', 'b1', 'commit');
  edit(world, 'b', 'b1', { name: 'first', city: 'Oslo' });
  world.step += 1;
  personDeletes(world, 'a', 'a1');
  personCreates(world, 'a', { email: ANN, name: 'again' });
  expect(await atRest(world)).toEqual([]);
  expect(await lost(world, 'contact_a1')).toContain('first');
});

it('what a crashed write took away is not forgotten by a second crash, of a run that had reserved a write to the other system', async () => {
  const world = worldOf({ b: { stamps: false, reformats: 'value' } });
  personCreates(world, 'b', { email: ANN, name: 'theirs' });
  personCreates(world, 'a', { email: ANN, name: 'ours' });
  await crashed(world, 0, 'a', 'a1', 'commit');
  world.now += 200_000;
  world.step += 1;
  personDeletes(world, 'a', 'a1');
  await crashed(world, 0, 'b', 'b1', 'write');
  expect(await atRest(world)).toEqual([]);
  expect(await lost(world, 'contact_a1')).toContain('THEIRS');
});

it('a record that came back after its delete had crashed is created, though both writes are of one committed version', async () => {
  const world = worldOf();
  await linked(world);
  personDeletes(world, 'a', 'a1');
  await crashed(world, 0, 'a', 'a1', 'commit');
  personUndeletes(world, 'a', 'a1');
  edit(world, 'a', 'a1', { name: 'second' });
  expect(await atRest(world)).toEqual([]);
  expect(liveRecords(world.systems.b).map(({ fields }) => fields.name)).toEqual(['second']);
});

it('what was set back after a crashed create goes on record although the write over it is refused first', async () => {
  const world = worldOf({ b: { stamps: false, reformats: 'value' } });
  await linked(world);
  edit(world, 'a', 'a1', { name: 'second', city: 'Oslo' });
  personDeletes(world, 'b', 'b1');
  await crashed(world, 0, 'b', 'b1', 'commit');
  edit(world, 'a', 'a1', { name: 'first' });
  world.now += 200_000;
  start(world, 0, 'a', 'a1');
  await until(world, 0, 'write');
  edit(world, 'a', 'a1', { zip: '0150' });
  expect(await atRest(world)).toEqual([]);
  expect(await lost(world, 'contact_a1')).toContain('first');
});

it('a value that is written again after another one is written, though no write in between was committed', async () => {
  const world = worldOf();
  await linked(world);
  for (const name of ['second', 'third']) {
    edit(world, 'a', 'a1', { name });
    world.now += 200_000;
    await crashed(world, 0, 'a', 'a1', 'commit');
  }
  edit(world, 'a', 'a1', { name: 'second' });
  expect(await atRest(world)).toEqual([]);
  expect([world.systems.a.records['a1']?.fields.name, world.systems.b.records['b1']?.fields.name]).toEqual(['second', 'second']);
});

it('a value is written again after an older write of ours has landed over it, though nobody committed either', async () => {
  const world = worldOf({ b: { conditional: false } });
  await linked(world);
  edit(world, 'a', 'a1', { name: 'second' });
  await writtenLate(world, 'a', 'a1');
  edit(world, 'a', 'a1', { name: 'third' });
  await crashed(world, 1, 'a', 'a1', 'commit');
  expect(await atRest(world)).toEqual([]);
  expect([world.systems.a.records['a1']?.fields.name, world.systems.b.records['b1']?.fields.name]).toEqual(['third', 'third']);
});

it('what a create has put in the place of a deleted record is no past of that record, which came back meanwhile', async () => {
  const world = worldOf({ a: { unique_email: false } });
  await linked(world);
  personDeletes(world, 'a', 'a1');
  edit(world, 'b', 'b1', { name: 'second' });
  await crashed(world, 0, 'b', 'b1', 'commit');
  personUndeletes(world, 'a', 'a1');
  world.now += 200_000;
  start(world, 0, 'a', 'a2');
  await finish(world, 0);
  expect(await atRest(world)).toEqual([]);
  expect([world.systems.a.records['a1']?.fields.name, world.systems.b.records['b1']?.fields.name]).toEqual(['second', 'second']);
});

it('a create that is answered with a record whose own row was refused its replacement is over, and is not sent for ever', async () => {
  const world = worldOf({ a: { stamps: false, unique_email: false }, b: { unique_email: false } });
  personCreates(world, 'b', { email: ANN, name: 'first' });
  await crashed(world, 0, 'b', 'b1', 'commit');
  world.now += 200_000;
  personDeletes(world, 'b', 'b1');
  start(world, 0, 'a', 'a1');
  await until(world, 0, 'write');
  personUndeletes(world, 'b', 'b1');
  personDeletes(world, 'a', 'a1');
  await finish(world, 0);
  edit(world, 'b', 'b2', { city: 'refused' });
  expect(await atRest(world)).toEqual([]);
});

it('a create that is answered with a record in whose place its own row wants to create one too is over: each row waited for the other', async () => {
  const world = worldOf({ a: { unique_email: false, honours_keys: true }, b: { stamps: false, unique_email: false, honours_keys: true } });
  personCreates(world, 'a', { email: ANN, name: 'first' });
  world.ordained.write.push('write timed out after landing');
  start(world, 0, 'a', 'a1');
  await until(world, 0, 'commit');
  personDeletes(world, 'a', 'a1');
  await advance(world, 0);
  world.workers[0] = null;
  start(world, 0, 'b', 'b1');
  await until(world, 0, 'write');
  personUndeletes(world, 'a', 'a1');
  await until(world, 0, 'commit');
  edit(world, 'a', 'a2', { name: 'second' });
  personDeletes(world, 'b', 'b1');
  expect(await atRest(world)).toEqual([]);
});

it('a row that waits for a create which made nothing gives way to the row whose deleted record its own replaces', async () => {
  const world = worldOf({ a: { search_lags: true } });
  personCreates(world, 'a', { email: ANN, name: 'first' });
  personCreates(world, 'b', { email: ANN, name: 'theirs' });
  await crashed(world, 0, 'a', 'a1', 'write');
  personDeletes(world, 'b', 'b1');
  personCreates(world, 'b', { email: ANN, name: 'again' });
  await crashed(world, 0, 'b', 'b2', 'commit');
  edit(world, 'b', 'b2', { city: 'Oslo' });
  expect(await atRest(world)).toEqual([]);
  expect([world.systems.a.records['a1']?.fields.city, world.systems.b.records['b2']?.fields.city]).toEqual(['Oslo', 'Oslo']);
});

it('a run whose create is refused has told the ledger nothing of what both sides hold', async () => {
  const world = worldOf();
  personCreates(world, 'b', { email: ANN, name: 'first' });
  start(world, 0, 'b', 'b1');
  await finish(world, 0);
  edit(world, 'b', 'b1', { name: 'second' });
  start(world, 0, 'b', 'b1');
  await until(world, 0, 'reserve');
  edit(world, 'b', 'b1', { name: 'other' });
  await until(world, 0, 'commit');
  world.workers[0] = null;
  edit(world, 'a', 'a1', { name: 'theirs' });
  edit(world, 'b', 'b1', { name: 'second' });
  personDeletes(world, 'a', 'a1');
  world.now += 200_000;
  start(world, 0, 'a', 'a1');
  await until(world, 0, 'write');
  personUndeletes(world, 'a', 'a1');
  await finish(world, 0);
  expect(await atRest(world)).toEqual([]);
  expect(world.systems.b.records['b1']?.fields.name).toBe('theirs');
});

it('what is set back while a create is under way goes on record, although what it made is gone again and another record stands in its place', async () => {
  const world = worldOf({ a: { unique_email: false } });
  await linked(world);
  edit(world, 'b', 'b1', { name: 'second' });
  personDeletes(world, 'a', 'a1');
  start(world, 0, 'b', 'b1');
  await until(world, 0, 'write');
  edit(world, 'b', 'b1', { name: 'first' });
  personCreates(world, 'a', { email: ANN, name: 'again' });
  await until(world, 0, 'commit');
  world.workers[0] = null;
  personDeletes(world, 'a', 'a3');
  expect(await atRest(world)).toEqual([]);
  expect(await lost(world, 'contact_a1')).toContain('first');
});

it('a record that was created, and that another row has meanwhile, leaves both sides at their past: neither counts as seen alone', async () => {
  const world = worldOf({ a: { stamps: false, unique_email: false }, b: { search_lags: true } });
  personCreates(world, 'b', { email: ANN, name: 'first', phone: '+14155550123' });
  start(world, 0, 'b', 'b1');
  await until(world, 0, 'commit');
  start(world, 1, 'a', 'a1');
  await until(world, 1, 'write');
  await advance(world, 0);
  world.workers[0] = null;
  await until(world, 1, 'commit');
  await advance(world, 1);
  world.workers[1] = null;
  edit(world, 'a', 'a1', { phone: null });
  expect(await atRest(world)).toEqual([]);
  expect(world.systems.a.records['a1']?.fields.phone).toBe(world.systems.b.records['b1']?.fields.phone);
});

it('what a write took away after a newer run had read goes on record, although that run was told to wait', async () => {
  const world = worldOf({ b: { stamps: false, reformats: 'value' } });
  personCreates(world, 'a', { email: ANN, name: 'ours' });
  personCreates(world, 'b', { email: ANN, name: 'theirs' });
  start(world, 0, 'a', 'a1');
  await until(world, 0, 'write');
  start(world, 1, 'b', 'b1');
  await until(world, 1, 'check');
  await until(world, 0, 'commit');
  world.workers[0] = null;
  world.now += 200_000;
  world.ordained.write.push('write answered with 429');
  await finish(world, 1);
  expect(await atRest(world)).toEqual([]);
  expect(await lost(world, 'contact_a1')).toContain('THEIRS');
});

it('a create is not sent again after a search that may be older than the moment from which it can land no more', async () => {
  const world = worldOf({ b: { unique_email: false, honours_keys: false } });
  personCreates(world, 'a', { email: ANN, name: 'first' });
  await writtenLate(world, 'a', 'a1');
  start(world, 0, 'a', 'a1');
  await until(world, 0, 'check');
  const late = world.late.shift();
  if (late !== undefined) land(world, late.effect, late.read_at);
  world.now += 200_000;
  world.ordained.read.push('read from the past');
  expect(await atRest(world)).toEqual([]);
  expect(Object.keys(world.systems.b.records)).toEqual(['b1']);
});

it('what a write took away goes on record though it landed after a newer one had read, and under its stamp', async () => {
  const world = worldOf({ a: { conditional: false } });
  await linked(world);
  world.now += 10_000;
  edit(world, 'a', 'a1', { zip: 'Z-A', city: 'refused' });
  world.now += 10_000;
  edit(world, 'b', 'b1', { zip: 'Z-B' });
  start(world, 0, 'a', 'a1');
  await until(world, 0, 'write');
  await advance(world, 0);
  edit(world, 'b', 'b1', { phone: '+14155550123' });
  world.now += 200_000;
  edit(world, 'a', 'a1', { name: 'later' });
  start(world, 1, 'a', 'a1');
  await until(world, 1, 'reserve');
  await advance(world, 0);
  world.workers[0] = null;
  expect(await atRest(world)).toEqual([]);
  expect(await lost(world, 'contact_a1')).toContain('Z-A');
});

it('an edit that was taken back is none for a run that read before the write of it landed', async () => {
  const world = worldOf();
  await linked(world);
  const first = world.systems.a.records['a1']?.fields.name ?? null;
  edit(world, 'a', 'a1', { name: 'ours' });
  edit(world, 'b', 'b1', { name: 'theirs' });
  start(world, 1, 'b', 'b1');
  await until(world, 1, 'check');
  await writtenLate(world, 'a', 'a1');
  edit(world, 'a', 'a1', { name: first });
  await until(world, 1, 'read');
  world.step += 1;
  await advance(world, 1);
  const late = world.late.shift();
  if (late !== undefined) land(world, late.effect, late.read_at);
  expect(await atRest(world)).toEqual([]);
});

it('what a Commit keeps of a side, since a create is open, is not what a run saw there', async () => {
  const world = worldOf({ b: { search_lags: true, unique_email: true, honours_keys: false } });
  await linked(world);
  edit(world, 'a', 'a1', { name: 'again' });
  start(world, 0, 'a', 'a1');
  await until(world, 0, 'write');
  personDeletes(world, 'b', 'b1');
  await advance(world, 0);
  await until(world, 0, 'write');
  world.step += 1;
  await advance(world, 0);
  world.workers[0] = null;
  edit(world, 'a', 'a1', { name: 'between' });
  edit(world, 'b', 'b2', { name: 'theirs' });
  edit(world, 'a', 'a1', { name: 'again' });
  world.now += 200_000;
  start(world, 0, 'a', 'a1');
  await finish(world, 0);
  expect(await atRest(world)).toEqual([]);
});

it('an edit to what the other side held when it was read agrees with it, and gives way to the next edit there', async () => {
  const world = worldOf();
  await linked(world);
  edit(world, 'b', 'b1', { name: 'alike' });
  start(world, 1, 'b', 'b1');
  await until(world, 1, 'check');
  edit(world, 'b', 'b1', { name: 'next' });
  edit(world, 'a', 'a1', { name: 'alike' });
  await finish(world, 1);
  expect(await atRest(world)).toEqual([]);
  expect(world.systems.a.records['a1']?.fields.name).toBe('next');
});

it('an edit that was taken back is none, although a run learns only then what the intent of an older write says of that record', async () => {
  const world = worldOf();
  personCreates(world, 'a', { email: ANN, name: 'first', city: 'first' });
  await crashed(world, 0, 'a', 'a1', 'write');
  edit(world, 'a', 'a1', { city: 'ours' });
  world.now += 200_000;
  start(world, 0, 'a', 'a1');
  await until(world, 0, 'commit');
  await advance(world, 0);
  edit(world, 'b', 'b1', { name: 'theirs' });
  await until(world, 0, 'check');
  edit(world, 'a', 'a1', { city: 'between' });
  await until(world, 0, 'commit');
  edit(world, 'b', 'b1', { city: 'theirs' });
  await advance(world, 0);
  edit(world, 'a', 'a1', { city: 'ours' });
  expect(await atRest(world)).toEqual([]);
});

it('what a stale read showed was seen, and the edit that brings it back is none', async () => {
  const world = worldOf();
  personCreates(world, 'a', { email: ANN, name: 'first' });
  edit(world, 'a', 'a1', { name: 'ours' });
  start(world, 0, 'a', 'a1');
  world.ordained.read.push('read from the past');
  await until(world, 0, 'commit');
  world.workers[0] = null;
  edit(world, 'a', 'a1', { name: 'first' });
  edit(world, 'b', 'b1', { name: 'theirs' });
  edit(world, 'a', 'a1', { name: 'ours' });
  expect(await atRest(world)).toEqual([]);
});

it('a create that is repeated tells what was read for the first one', async () => {
  const [before, sent, after] = ['+14155551029', '+14155551053', '+14155551088'];
  const world = worldOf();
  await linked(world);
  personDeletes(world, 'a', 'a1');
  edit(world, 'b', 'b1', { phone: before });
  edit(world, 'b', 'b1', { phone: sent });
  await crashed(world, 0, 'b', 'b1', 'write');
  edit(world, 'b', 'b1', { phone: before });
  world.now += 200_000;
  start(world, 0, 'b', 'b1');
  await until(world, 0, 'commit');
  edit(world, 'a', 'a2', { phone: after });
  edit(world, 'b', 'b1', { phone: sent });
  expect(await atRest(world)).toEqual([]);
});

it('a run that read a record before another one took its place in the row is sent back, and creates nothing', async () => {
  const world = worldOf();
  personCreates(world, 'b', { email: ANN, name: 'first' });
  start(world, 0, 'b', 'b1');
  await finish(world, 0);
  start(world, 1, 'a', 'a1');
  await until(world, 1, 'check');
  personDeletes(world, 'a', 'a1');
  edit(world, 'b', 'b1', { name: 'second' });
  start(world, 0, 'b', 'b1');
  await finish(world, 0);
  personDeletes(world, 'b', 'b1');
  await finish(world, 1);
  expect(Object.keys(world.systems.b.records)).toEqual(['b1']);
  edit(world, 'a', 'a2', { name: 'third' });
  expect(await atRest(world)).toEqual([]);
  expect([liveRecords(world.systems.a), liveRecords(world.systems.b)].map((records) => records.map(({ fields }) => fields.name))).toEqual([['third'], ['third']]);
});

describe('a row that is asked which of two records is meant, and one of these waits for a create of its own', () => {
  /** `b2` could be `a1` or `a2`; a run that would have created `a1` in `b` crashed before it did. */
  async function asked(): Promise<World> {
    const world = worldOf({ a: { unique_email: false }, b: { unique_email: false } });
    personCreates(world, 'b', { email: ANN, name: 'first' });
    start(world, 0, 'b', 'b1');
    await until(world, 0, 'write');
    personCreates(world, 'a', { email: ANN, name: 'ours' });
    await finish(world, 0);
    personDeletes(world, 'b', 'b1');
    await crashed(world, 1, 'a', 'a1', 'write');
    personCreates(world, 'b', { email: ANN, name: 'theirs' });
    world.now += 200_000;
    start(world, 0, 'b', 'b2');
    await finish(world, 0);
    return world;
  }

  it('they find each other once the question is none any more', async () => {
    const world = await asked();
    expect(await atRest(world)).toEqual([]);
    expect(world.systems.a.records['a1']?.fields.name).toBe(world.systems.b.records['b2']?.fields.name);
  });

  it('they find each other when a person says so', async () => {
    const world = await asked();
    const scope = scopeOf(world, 'a');
    const { items: [review] } = await world.ledger.store.reviews(scope, { limit: 1, offset: 0, id: null });
    if (review === undefined) throw new Error('Nobody is asked.');
    await world.ledger.store.decide({ ...scope, review_id: review.id, shown: review.values, decision: { kind: 'link', native_id: 'a1', by: 'Ann' } });
    start(world, 0, 'b', 'b2');
    await finish(world, 0);
    expect(world.systems.a.records['a1']?.fields.name).toBe(world.systems.b.records['b2']?.fields.name);
    expect(await atRest(world)).toEqual([]);
  });
});

it('which of two records in one system is meant makes nobody search the other system anew: each run asked a question of its own in the place of the other\'s', async () => {
  const world = worldOf({ a: { unique_email: false }, b: { unique_email: false } });
  personCreates(world, 'a', { email: ANN, name: 'first', city: 'Oslo' });
  await writtenLate(world, 'a', 'a1');
  personCreates(world, 'b', { email: ANN, name: 'theirs', city: 'Bergen' });
  await crashed(world, 1, 'a', 'a1', 'commit');
  const late = world.late.shift();
  if (late !== undefined) land(world, late.effect, late.read_at);
  world.now += 200_000;
  personDeletes(world, 'a', 'a1');
  personCreates(world, 'a', { email: ANN, name: 'again' });
  await crashed(world, 1, 'a', 'a1', 'commit');
  expect(await atRest(world)).toEqual([]);
  // `a3` bears our stamp and takes the place of `a1`; what came beside them is a person's to decide.
  const { items } = await world.ledger.store.reviews(scopeOf(world, 'a'), { limit: 10, offset: 0, id: null });
  expect(items.map(({ record_key, subject }) => `${record_key} ${subject}`).sort()).toEqual(['contact_a1 claim:b:b2', 'contact_a2 *']);
  expect([world.systems.a.records['a3']?.fields.city, world.systems.b.records['b1']?.fields.city]).toEqual(['Bergen', 'Bergen']);
});
