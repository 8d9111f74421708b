import { describe, expect, it } from 'vitest';
import { Choices } from './choices';
import { fakeSystem, userCreates, userEdits, type FakeFields, type FakeState } from './fake-system';
import { plainQuirks } from './fake-system/quirks';
import { clockOf } from './history';
import { sweep } from './sweep';
import { memoryLedger } from './stores';
import { World } from './world';

const NOW = '2026-03-01T10:00:00.000Z';
type Place = 0 | 1 | 2;
const PLACES: readonly (readonly [Place, Place])[] = [[0, 1], [1, 2], [2, 0]];

/** Three systems and a sync between each two, each with a ledger of its own. A sync knows its two systems as `a` and `b`. */
class Ring {
  readonly systems: { [place in Place]: FakeState };
  private readonly syncs = PLACES.map(([a, b], number) => {
    const ledger = { ...memoryLedger(false), sync: `sync${number}` };
    const world = new World(new Choices([], null), ledger, { quirks: { a: plainQuirks, b: plainQuirks }, echo_guard: true, window: true }, 1);
    clockOf.set(ledger, () => new Date(world.now));
    return { world, a, b };
  });

  constructor() {
    const system = (place: number): FakeState => ({ ...fakeSystem('a', plainQuirks), made: place * 100 });
    this.systems = { 0: system(0), 1: system(1), 2: system(2) };
  }

  creates(place: Place, fields: Partial<FakeFields>): void {
    this.systems[place] = userCreates(this.systems[place], fields, NOW).state;
  }

  edits(place: Place, fields: Partial<FakeFields>): void {
    const [id = ''] = Object.keys(this.systems[place].records);
    this.systems[place] = userEdits(this.systems[place], id, fields, NOW).state;
  }

  /** Every sync sweeps until none of them writes. @returns how many writes that took */
  async rest(): Promise<number> {
    for (let writes = 0, rounds = 0; rounds < 10; rounds += 1) {
      const before = writes;
      for (const sync of this.syncs) writes += await this.sweepOne(sync);
      if (writes === before) return writes;
    }
    throw new Error('The ring does not come to rest.');
  }

  private async sweepOne({ world, a, b }: { readonly world: World; readonly a: Place; readonly b: Place }): Promise<number> {
    world.systems.a = { ...this.systems[a], name: 'a' };
    world.systems.b = { ...this.systems[b], name: 'b' };
    world.now += 200_000;
    const before = world.deeds.writes.length;
    await sweep(world);
    this.systems[a] = world.systems.a;
    this.systems[b] = world.systems.b;
    return world.deeds.writes.length - before;
  }

  all<T>(of: (record: FakeState['records'][string]) => T): readonly T[] {
    return Object.values(this.systems).flatMap(({ records }) => Object.values(records).map(of));
  }
}

describe('three systems in a ring', () => {
  it('E15 an edit goes round once and stops by content; nobody makes a record twice', async () => {
    const ring = new Ring();
    ring.creates(0, { email: 'ann@x.org', name: 'Ann', city: 'Oslo' });
    expect(await ring.rest()).toBe(2);
    expect(ring.all(({ fields }) => fields.city)).toEqual(['Oslo', 'Oslo', 'Oslo']);
    for (const place of [0, 1, 2] as const) {
      ring.edits(place, { city: `Bergen ${place}` });
      expect(await ring.rest()).toBe(2);
      expect(ring.all(({ fields }) => fields.city)).toEqual([0, 1, 2].map(() => `Bergen ${place}`));
    }
  });

  it('E15 edits in all three at once, each side owning the field against its neighbour, come to rest too', async () => {
    const ring = new Ring();
    ring.creates(0, { email: 'ann@x.org', name: 'Ann' });
    await ring.rest();
    for (const place of [0, 1, 2] as const) ring.edits(place, { name: `Ann ${place}` });
    expect(await ring.rest()).toBeLessThanOrEqual(3);
    expect(new Set(ring.all(({ fields }) => fields.name)).size).toBe(1);
  });

  it('E15 the origin of a value is one stamp, that of the last write: it does not grow with the rounds', async () => {
    const ring = new Ring();
    ring.creates(0, { email: 'ann@x.org', name: 'Ann' });
    await ring.rest();
    const longest = (): number => Math.max(...ring.all(({ stamp }) => stamp?.length ?? 0));
    const first = longest();
    for (let turn = 0; turn < 12; turn += 1) {
      ring.edits(turn % 3 === 0 ? 0 : turn % 3 === 1 ? 1 : 2, { city: `Oslo ${turn}` });
      expect(await ring.rest()).toBe(2);
    }
    expect(ring.all(({ fields }) => fields.city)).toEqual(['Oslo 11', 'Oslo 11', 'Oslo 11']);
    // The fencing token in it may have a digit or two more.
    expect(longest()).toBeLessThanOrEqual(first + 4);
  });
});
