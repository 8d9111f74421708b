/** The ledger in memory stands in for the databases where millions of histories are tried, so it must do what they do, word for word. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fingerprint } from '../../core/json/fingerprint';
import type { Hint, ReviewDraft, RunContext } from '../../core/model';
import { openLedger } from '../../ledger/open-ledger';
import { undoDrafts } from '../../core/policies/undo';
import type { CommitItem, LedgerStore, WriteEffect } from '../../ledger/ledger-store';
import { MemoryLedger } from '../support/memory-ledger/memory-ledger';
import { SeededRandom } from '../support/seeded-random';
import { checkItem, commitItem, intent, record, reserveItem, scope, snapshot, startRequest } from './items';

let folder: string;
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'two-way-sync-mirror-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A store, and the runs it started: each store draws run ids of its own. */
interface Asked {
  readonly store: LedgerStore;
  readonly runs: RunContext[];
}

type Ask = (asked: Asked) => Promise<unknown>;

/** Questions to be put to both stores; later ones are built on what earlier ones were answered. */
class RandomHistory {
  readonly #random: SeededRandom;
  readonly #tokens: number[] = [];
  readonly #versions = new Map<string, number>();
  #started = 0;
  now = new Date('2026-03-01T10:00:00.000Z');

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  next(): Ask {
    const random = this.#random;
    if (random.chance(0.1)) this.now = new Date(this.now.getTime() + random.pick([1000, 61_000]));
    if (this.#started === 0 || random.chance(0.2)) return this.#start();
    const run = this.#started - 1 - random.pick([0, 0, 1, 2].filter((back) => back < this.#started));
    return random.pick([this.#check(run), this.#check(run), this.#reserve(run), this.#reserve(run), this.#commit(run), this.#commit(run), this.#finish(run), this.#around()]);
  }

  #hint(): Hint {
    return this.#random.pick([{ system: 'crm', native_id: 'c1' }, { system: 'crm', native_id: 'c2' }, { system: 'support', native_id: 's1' }, { system: 'support', native_id: 's2' }]);
  }

  #value(): ReturnType<typeof record> {
    return record({ name: this.#random.pick(['a', 'b', 'c']) });
  }

  #start(): Ask {
    const [source, target] = this.#random.pick([['crm', 'support'], ['support', 'crm']] as const);
    const hints = [this.#hint(), this.#hint()].map((hint) => ({ ...hint, noted_before: this.#random.chance(0.3) }));
    const request = { ...startRequest(), source, target, hints, dry_run: this.#random.chance(0.1) };
    this.#started += 1;
    return async ({ store, runs }) => {
      const started = await store.start(request);
      runs.push(started.run);
      return started;
    };
  }

  #check(run: number): Ask {
    const random = this.#random;
    const hint = this.#hint();
    const stamp = random.chance(0.2) && this.#tokens.length > 0 ? { record_key: 'contact_1', fencing_token: random.pick(this.#tokens) } : null;
    const item = checkItem({
      ...hint, proposed_key: random.pick(['contact_1', 'contact_2', null]), fingerprint: random.chance(0.2) ? null : fingerprint(this.#value()), stamp, full: random.chance(0.3), as_record_key: random.pick([null, null, null, 'contact_1']),
    });
    return async ({ store, runs }) => {
      const verdicts = await store.check(runOf(runs, run), [item]);
      for (const verdict of verdicts) if (verdict.kind === 'Changed' && verdict.row !== null) this.#versions.set(verdict.row.record_key, verdict.row.version);
      return verdicts;
    };
  }

  #aim(): { readonly record_key: string; readonly version: number; readonly links: CommitItem['links'] } {
    const random = this.#random;
    const record_key = random.pick(['contact_1', 'contact_1', 'contact_2']);
    return { record_key, version: random.chance(0.9) ? (this.#versions.get(record_key) ?? 0) : 1, links: { crm: random.pick(['c1', 'c2']), support: random.pick(['s1', 's2', null]) } };
  }

  #reserve(run: number): Ask {
    const create = this.#random.chance(0.3);
    const [to, from] = [this.#value(), this.#value()];
    const item = reserveItem({
      ...this.#aim(), intents: [intent({ system: this.#random.pick(['crm', 'support']), op: create ? 'create' : 'update', native_id: create ? null : 's1', match_key: create ? 'a@b.c' : null, to, from, echo_fingerprint: fingerprint(to) })],
    });
    return async ({ store, runs }) => {
      const verdicts = await store.reserve(runOf(runs, run), [item]);
      for (const verdict of verdicts) if (verdict.kind === 'Reserved') this.#tokens.push(verdict.fencing_token);
      return verdicts;
    };
  }

  #commit(run: number): Ask {
    const random = this.#random;
    const held = random.chance(0.6) && this.#tokens.length > 0 ? random.pick(this.#tokens.slice(-2)) : null;
    const question = { kind: random.pick<ReviewDraft['kind']>(['conflict', 'ambiguous']), subject: 'name', fields: ['name'], reason: 'both changed', values: { crm: this.#value(), support: this.#value() }, base: { crm: this.#value(), support: this.#value() } } as const;
    const item = commitItem({
      ...this.#aim(), fencing_token: held, snapshots: random.pick([{}, { crm: snapshot(this.#value()) }, { crm: snapshot(null), support: snapshot(random.chance(0.5) ? null : this.#value()) }]),
      journal: random.chance(0.5) ? commitItem().journal : [], used_intents: this.#tokens.slice(-2).map((token) => `${token}:support`), keep_intents: random.pick([[], ['support']]),
      open_reviews: random.pick([[], [question]]), close_reviews: [], overrides: random.pick([[], [{ system: 'crm', field: 'name', lost: 'a', won: 'b', rule: 'crm wins' }]]),
      effect: random.pick([null, { writes: 1, before: { crm: this.#value(), support: this.#value() }, after: { crm: this.#value(), support: this.#value() }, obstacles: random.pick<WriteEffect['obstacles']>([{}, { phone: 'sealed' }]) }]),
      written: random.pick([[], ['support']]), note_hints: random.pick([[], [], ['crm', 'support']]), recheck: random.pick([null, null, 'look_again']),
      issues: random.pick([[], [{ record_key: 'contact_1', system: 'support', native_id: 's1', code: 'rejected_write', reasons: [random.pick(['no', 'never'])] }]]),
    });
    const closes = random.chance(0.3);
    return async ({ store, runs }) => {
      const { items } = await store.reviews(scope, { limit: 10, offset: 0, id: null });
      return await store.commit(runOf(runs, run), [closes ? { ...item, close_reviews: items.map((review) => review.id) } : item]);
    };
  }

  #finish(run: number): Ask {
    const hint = this.#hint();
    return ({ store, runs }) => store.finish(runOf(runs, run), [{ record_key: null, hints: [hint], outcome: 'rejected', issues: [{ record_key: null, ...hint, code: 'rejected_record', reasons: ['no name'] }] }]);
  }

  #around(): Ask {
    const winner = this.#random.pick(['crm', 'support']);
    const hints = [this.#hint(), this.#hint()];
    const undone = this.#started - 1;
    const [drain, limit, drains_at_once] = [this.#random.pick(['one', 'two']), this.#random.pick([1, 10]), this.#random.pick([1, 2])];
    return this.#random.pick<Ask>([
      ({ store }) => store.pending(scope, 10), ({ store }) => store.missing(scope, 'crm', ['c1']), ({ store }) => store.issues(scope, 10), ({ store }) => store.history(scope, 'contact_1', 20), ({ store }) => store.runs(scope, 5),
      ({ store }) => store.note({ ...scope, hints, order_seconds: 30 }), ({ store }) => store.note({ ...scope, hints, order_seconds: 30 }),
      ({ store }) => store.take({ ...scope, drain, limit, drains_at_once, hold_seconds: 60, execution_id: null }), ({ store }) => store.take({ ...scope, drain, limit, drains_at_once, hold_seconds: 60, execution_id: null }),
      async ({ store, runs }) => {
        const { run_id } = runOf(runs, undone);
        const { counted, records } = await store.writesOf(scope, run_id);
        return [counted, records, await store.undo(scope, undoDrafts(records, run_id, 'ann'))];
      },
      async ({ store }) => {
        const [review] = (await store.reviews(scope, { limit: 1, offset: 0, id: null })).items;
        return review === undefined ? null : await store.decide({ ...scope, review_id: review.id, decision: { kind: 'winner', system: winner, by: 'ann' }, shown: review.values });
      },
    ]);
  }
}

function runOf(runs: readonly RunContext[], number: number): RunContext {
  const run = runs[number];
  if (run === undefined) throw new Error(`There is no run ${number}.`);
  return run;
}

/** Run, review and issue ids are drawn by chance in a database: only which is which can be compared. */
function renamed(answer: unknown, names: Map<string, number>): string {
  return JSON.stringify(answer ?? null).replace(/[0-9a-f]{8}-[0-9a-f-]{27}|(?:run|review|issue)-\d+/gu, (id) => {
    const number = names.get(id) ?? names.size;
    names.set(id, number);
    return `id ${number}`;
  });
}

it.each([1, 2, 3, 4, 5, 6, 7, 8])('gives the answers of SQLite through a random history (%i)', async (seed) => {
  const history = new RandomHistory(seed);
  const memory = { store: new MemoryLedger(() => history.now), runs: [], names: new Map<string, number>() };
  const sqlite = { store: openLedger({ kind: 'sqlite', file: join(folder, `${seed}.sqlite`) }, { clock: () => history.now }), runs: [], names: new Map<string, number>() };
  for (let step = 0; step < 150; step += 1) {
    const ask = history.next();
    const expected = renamed(await ask(sqlite), sqlite.names);
    expect(JSON.parse(renamed(await ask(memory), memory.names))).toEqual(JSON.parse(expected));
  }
  await sqlite.store.close();
});
