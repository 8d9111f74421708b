/** What a batch does on PostgreSQL, which handles many items at once, is what its items would do one after the other, however much they have in common. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fingerprint } from '../../core/json/fingerprint';
import type { ReviewDraft, RunContext } from '../../core/model';
import type { CommitItem, LedgerStore, ReserveItem } from '../../ledger/ledger-store';
import { openLedger } from '../../ledger/open-ledger';
import { startPostgres, type PostgresServer } from '../../tools/postgres';
import { SeededRandom } from '../support/seeded-random';
import { checkItem, commitItem, intent, record, reserveItem, scope, snapshot, startRequest } from './items';

let server: PostgresServer;
beforeAll(async () => { server = await startPostgres(); });
afterAll(() => server.stop());

/** A store, and what it has drawn itself: runs, tokens, and the ids of reviews and issues. */
class Asked {
  readonly #names = new Map<string, number>();
  readonly #tokens: number[] = [];
  run: RunContext | undefined;

  constructor(readonly store: LedgerStore, readonly oneByOne: boolean) {}

  /** Puts a batch to the store: as it is, or one item after the other. */
  async batch<Item, Verdict>(items: readonly Item[], ask: (items: readonly Item[]) => Promise<readonly Verdict[]>): Promise<readonly Verdict[]> {
    if (!this.oneByOne) return await ask(items);
    const verdicts: Verdict[] = [];
    for (const item of items) verdicts.push(...(await ask([item])));
    return verdicts;
  }

  /** The token that was drawn so many reservations ago. */
  token(back: number | null): number | null {
    return back === null ? null : this.#tokens.at(-1 - back) ?? null;
  }

  keep(token: number): void {
    if (!this.#tokens.includes(token)) this.#tokens.push(token);
  }

  /** An answer in which only what the store drew itself is named by its first appearance. */
  told(answer: unknown): unknown {
    const name = (drawn: string): string => {
      const number = this.#names.get(drawn) ?? this.#names.size;
      this.#names.set(drawn, number);
      return `"drawn ${String(number)}"`;
    };
    const text = JSON.stringify(answer).replaceAll(/"[0-9a-f]{8}-[0-9a-f-]{27}"/gu, name);
    return JSON.parse(text.replaceAll(/(?<="(?:fencing_token|read_token)":)\d+/gu, name));
  }
}

type Step = (asked: Asked) => Promise<unknown>;

/** Few keys, native ids and match keys, so that the items of a batch meet all the time. */
class RandomBatches {
  readonly #random: SeededRandom;
  /** As the first store told them: both are told the same, or the test has failed. */
  readonly #versions = new Map<string, number>();
  now = new Date('2026-03-01T10:00:00.000Z');

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  /** A start and a check come first, so that versions are known and hints are young. */
  round(): readonly Step[] {
    const random = this.#random;
    if (random.chance(0.3)) this.now = new Date(this.now.getTime() + random.pick([1000, 61_000]));
    return [this.#start(), this.#check(), ...[1, 2, 3].map(() => random.pick([() => this.#reserve(), () => this.#commit()])()), this.#around];
  }

  readonly #number = (): string => this.#random.pick(['1', '2', '3', '4']);
  readonly #value = (): ReturnType<typeof record> => record({ name: this.#random.pick(['a', 'b', 'c']) });
  readonly #several = <T>(one: () => T): readonly T[] => Array.from({ length: this.#random.pick([1, 2, 4, 6]) }, one);

  #start(): Step {
    const hints = this.#several(() => this.#random.pick([{ system: 'crm', native_id: `c${this.#number()}` }, { system: 'support', native_id: `s${this.#number()}` }]));
    return async (asked) => {
      const started = await asked.store.start({ ...startRequest(), hints });
      asked.run = started.run;
      return started;
    };
  }

  #check(): Step {
    const items = this.#several(() => {
      const number = this.#number();
      return checkItem({ native_id: `c${number}`, proposed_key: this.#random.pick([`contact_${number}`, null]), fingerprint: this.#random.chance(0.2) ? null : fingerprint(this.#value()), as_record_key: this.#random.pick([null, null, null, `contact_${this.#number()}`]) });
    });
    return async (asked) => {
      const verdicts = await asked.batch(items, (batch) => asked.store.check(runOf(asked), batch));
      for (const verdict of verdicts) if (verdict.kind === 'Changed' && verdict.row !== null) this.#versions.set(verdict.row.record_key, verdict.row.version);
      return verdicts;
    };
  }

  #aim(): Pick<ReserveItem, 'record_key' | 'version' | 'links'> {
    const random = this.#random;
    const [own, other] = [this.#number(), this.#number()];
    const record_key = `contact_${own}`;
    return { record_key, version: random.chance(0.9) ? (this.#versions.get(record_key) ?? 0) : 1, links: { crm: random.chance(0.8) ? `c${own}` : `c${other}`, support: random.pick([`s${own}`, `s${other}`, null]) } };
  }

  /** Of two plans for one record in a batch the second is always refused, so there is only one. */
  #reserve(): Step {
    const random = this.#random;
    const items = this.#several(() => this.#aim()).filter(({ record_key }, place, all) => all.findIndex((other) => other.record_key === record_key) === place).map((aim) => {
      const creates = random.chance(0.4);
      const to = this.#value();
      return reserveItem({ ...aim, lease_seconds: random.pick([1, 60]), intents: [intent({ op: creates ? 'create' : 'update', native_id: creates ? null : 's1', match_key: creates ? random.pick(['a@b.c', 'd@e.f', null]) : null, to, echo_fingerprint: fingerprint(to) })] });
    });
    return async (asked) => {
      const verdicts = await asked.batch(items, (batch) => asked.store.reserve(runOf(asked), batch));
      for (const verdict of verdicts) {
        if (verdict.kind !== 'Reserved') continue;
        asked.keep(verdict.fencing_token);
        this.#versions.set(verdict.record_key, verdict.version);
      }
      return verdicts;
    };
  }

  #commit(): Step {
    const random = this.#random;
    const question = { kind: random.pick<ReviewDraft['kind']>(['conflict', 'ambiguous']), subject: 'name', fields: ['name'], reason: 'both changed', values: { crm: this.#value(), support: this.#value() }, base: { crm: this.#value(), support: this.#value() } } as const;
    const items = this.#several(() => ({
      back: random.chance(0.6) ? random.pick([0, 1, 2, 3]) : null, closes: random.chance(0.3), uses: random.chance(0.3),
      item: commitItem({
        ...this.#aim(), snapshots: random.pick([{}, { crm: snapshot(this.#value()) }, { crm: snapshot(null), support: snapshot(random.chance(0.5) ? null : this.#value()) }]),
        journal: random.pick([[], commitItem().journal, [...commitItem().journal, ...commitItem().journal]]), keep_intents: random.pick([[], ['support']]), open_reviews: random.pick([[], [question]]),
        overrides: random.pick([[], [{ system: 'crm', field: 'name', lost: 'a', won: 'b', rule: 'crm wins' }]]), written: random.pick([[], ['support']]), note_hints: random.pick([[], [], ['crm', 'support']]),
        recheck: random.pick([null, null, null, 'look_again']), issues: random.pick([[], [{ record_key: null, system: 'support', native_id: random.pick(['s1', 's2', null]), code: 'rejected_write', reasons: [random.pick(['no', 'never'])] }]]),
      }),
    }));
    return async (asked) => {
      const open = (await asked.store.reviews(scope, { limit: 10, offset: 0, id: null })).items.map(({ id }) => id);
      const sent = items.map(({ back, closes, uses, item }): CommitItem => {
        const fencing_token = asked.token(back);
        return { ...item, fencing_token, close_reviews: closes ? open : [], used_intents: uses ? [`${String(asked.token(1) ?? 0)}:support`] : [] };
      });
      return await asked.batch(sent, (batch) => asked.store.commit(runOf(asked), batch));
    };
  }

  readonly #around: Step = async ({ store }) => [
    // What different records of one batch bring may be numbered in any order.
    (await store.pending(scope, 20)).hints.map(({ system, native_id }) => `${system}:${native_id}`).sort(), (await store.issues(scope, 20)).map(({ system, native_id, code, reasons, seen }) => JSON.stringify([system, native_id, code, reasons, seen])).sort(),
    (await store.reviews(scope, { limit: 20, offset: 0, id: null })).items.map(({ record_key, subject, values, status }) => JSON.stringify([record_key, subject, values, status])).sort(), await store.runs(scope, 1),
    ...(await Promise.all(['1', '2', '3', '4'].map((number) => store.history(scope, `contact_${number}`, 20)))),
  ];
}

function runOf({ run }: Asked): RunContext {
  if (run === undefined) throw new Error('Nothing has started.');
  return run;
}

it.each([1, 2, 3, 4, 5, 6])('a batch whose items meet does what they do one after the other (%i)', async (seed) => {
  const batches = new RandomBatches(seed);
  const open = (name: string): LedgerStore => openLedger({ kind: 'postgres', connectionString: server.connectionString(), schema: `${name}_${String(seed)}` }, { clock: () => batches.now });
  const [alone, together] = [new Asked(open('alone'), true), new Asked(open('together'), false)];
  for (let round = 0; round < 12; round += 1) {
    for (const step of batches.round()) {
      const expected = alone.told(await step(alone));
      expect(together.told(await step(together))).toEqual(expected);
    }
  }
  await alone.store.close();
  await together.store.close();
}, 60_000);
