/**
 * Plays a scenario on a real n8n: `a` is the demo CRM, `b` the demo helpdesk, and the shipped workflows lie between them.
 * Webhooks are delivered by hand, so that they are late, lost and doubled as the scenario says.
 */
import { type LogEntry, SYSTEMS, type SystemName, writesOf } from '../../demo/tour/both-systems';
import { SCOPE, type TourWorld } from '../../demo/tour/world';
import type { JsonObject } from '../../demo/systems/json';
import { sameValue } from '../../core/json/canonical-record';
import type { CanonicalRecord, Hint, JsonValue } from '../../core/model';
import type { Decision, Expectation, Happening, RecordIn, Scenario } from '../scenarios/happening';
import { isWebhookDeed, WebhooksUnderWay } from '../scenarios/webhooks-under-way';
import { emailIn, held, shippedName, SYSTEM, typed } from './scenario-records';

/** Nothing but the test sends webhooks: what n8n has begun is all that can go on. */
const QUIET_MS = 150;
const LIMIT_MS = 60_000;
/** A scenario that needs a longer wait is none for a real clock. */
const LONGEST_WAIT_SECONDS = 2;

/** @throws Error at the first line that does not hold, with file, line and what was found. */
export async function playOnN8n(scenario: Scenario, world: TourWorld, mark: string): Promise<void> {
  if (scenario.given.length > 0) throw new Error(`${scenario.file}: the demo systems are as they are.`);
  const play = new Play(world, mark);
  await play.countFromHere();
  const located = async (at: string, text: string, act: () => Promise<void>): Promise<void> => {
    await act().catch((error: unknown) => {
      throw new Error(`${at}: ${text}\n  ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    });
  };
  for (const { at, text, says } of scenario.lines) await located(at, text, () => play.say(says));
  await located(scenario.file, 'a further run writes nothing', () => play.furtherRun());
}

class Play {
  /** Who is meant by an alias in each system, the youngest last. */
  private readonly ids = { crm: new Map<string, string>(), support: new Map<string, string>() };
  private readonly rows = new Map<string, Set<string>>();
  private readonly waiting: Hint[] = [];
  private readonly webhooks = new WebhooksUnderWay(this.waiting, (who) => ({ system: SYSTEM[who.system], native_id: this.idOf(who) }), (hints) => this.deliver(hints));
  private readonly told = { crm: 0, support: 0 };
  private counted: Readonly<Record<SystemName, number>> = { crm: 0, support: 0 };

  /** @param mark keeps the people of one scenario apart from those of the others. */
  constructor(private readonly world: TourWorld, private readonly mark: string) {}

  async say(says: Happening): Promise<void> {
    if (isWebhookDeed(says)) {
      await this.webhooks.happen(says);
      return;
    }
    switch (says.kind) {
      case 'creates':
        await this.create(says.who, says.fields);
        return;
      case 'edits':
        await this.act(says.who, (system, id) => this.world.systems.edit(system, id, typed(system, this.marked(says.fields))));
        return;
      case 'deletes':
        await this.act(says.who, (system, id) => this.world.systems.remove(system, id));
        return;
      case 'undeletes':
        await this.act(says.who, (system, id) => this.world.systems.restore(system, id));
        return;
      case 'time passes':
        if (says.seconds > LONGEST_WAIT_SECONDS) throw new Error('Nobody waits that long for a test.');
        await new Promise((done) => setTimeout(done, says.seconds * 1000));
        return;
      case 'sweep':
        await this.world.reconcile(false);
        await this.rest();
        return;
      case 'decides':
        await this.decide(says.subject, says.alias, says.decision);
        return;
      case 'count from here':
        await this.countFromHere();
        return;
      default:
        if (!isExpectation(says)) throw new Error('Only the simulation can play this line.');
        await this.expect(says);
    }
  }

  /** A sweep over both systems, which hold what earlier scenarios left as well: none of it is written again. */
  async furtherRun(): Promise<void> {
    await this.countFromHere();
    await this.world.reconcile(false);
    for (const system of SYSTEMS) same([], writesOf(await this.world.systems.log(system, this.counted[system])).map(({ method, path }) => `${method} ${path} of ${system}`));
    same([], (await this.world.ledger.pending(SCOPE, 100)).hints);
    same([], await this.world.failedExecutions());
  }

  /** Of what the systems were asked before, nothing belongs to the scenario. */
  async countFromHere(): Promise<void> {
    const last = async (system: SystemName): Promise<number> => (await this.world.systems.log(system)).at(-1)?.n ?? 0;
    this.counted = { crm: await last('crm'), support: await last('support') };
  }

  // ---- Users and webhooks -----------------------------------------------------------------------------------------------

  private async create({ system: side, alias }: RecordIn, fields: CanonicalRecord): Promise<void> {
    const system = SYSTEM[side];
    const id = await this.world.systems.create(system, typed(system, this.marked({ email: `${alias}@x.org`, ...fields })));
    this.name(system, alias, id);
    this.waiting.push({ system, native_id: id });
  }

  private async act(who: RecordIn, deed: (system: SystemName, id: string) => Promise<void>): Promise<void> {
    const [system, native_id] = [SYSTEM[who.system], this.idOf(who)];
    await deed(system, native_id);
    this.waiting.push({ system, native_id });
  }

  private marked(fields: CanonicalRecord): CanonicalRecord {
    const email = fields['email'];
    return typeof email === 'string' ? { ...fields, email: email.replace('@x.org', this.domain) } : fields;
  }

  private get domain(): string {
    return `@${this.mark}.x.org`;
  }

  private name(system: SystemName, alias: string, id: string): void {
    this.ids[system].set(alias, id);
    const row = system === 'crm' ? `contact_${id}` : `contact_support-${id}`;
    this.rows.set(alias, (this.rows.get(alias) ?? new Set()).add(row));
  }

  private idOf({ system, alias }: RecordIn): string {
    const id = this.ids[SYSTEM[system]].get(alias);
    if (id === undefined) throw new Error(`${SYSTEM[system]} has no record of ${alias}.`);
    return id;
  }

  /** Every row of the ledger that is or was this record's. */
  private rowsOf(alias: string): ReadonlySet<string> {
    return this.rows.get(alias) ?? new Set();
  }

  /** A record that the sync made belongs to whoever has its e-mail address and no record there that lives. */
  private async meetNewcomers(system: SystemName): Promise<void> {
    const records = await this.world.systems.records(system);
    const living = new Set(records.filter(({ deleted }) => !deleted).map(({ id }) => id));
    const known = new Set(this.ids[system].values());
    for (const record of records) {
      const [alias = '', domain] = emailIn(system, record).split('@');
      if (`@${domain}` === this.domain && !known.has(record.id) && !living.has(this.ids[system].get(alias) ?? '')) this.name(system, alias, record.id);
    }
  }

  private async deliver(hints: readonly Hint[]): Promise<void> {
    for (const system of SYSTEMS) {
      const events = hints.filter((hint) => hint.system === system).map(({ native_id }) => ({ id: native_id }));
      if (events.length === 0) continue;
      const answer = await this.world.deliver(system, events);
      if (answer.status !== 202) throw new Error(`The delivery was answered ${answer.status}: ${await answer.text()}`);
    }
    await this.rest();
  }

  /** Until n8n is done. Its writes are changes of the systems, and each of them is told, too. */
  private async rest(): Promise<void> {
    await this.world.settled(LIMIT_MS, QUIET_MS);
    for (const system of SYSTEMS) {
      await this.meetNewcomers(system);
      const lines = await this.world.systems.log(system, this.told[system]);
      for (const { record_id } of writesOf(lines)) if (record_id !== null && [...this.ids[system].values()].includes(record_id)) this.waiting.push({ system, native_id: record_id });
      this.told[system] = lines.at(-1)?.n ?? this.told[system];
    }
  }

  private async decide(subject: string, alias: string, decision: Decision): Promise<void> {
    const [question] = (await this.questions()).filter((one) => one.subject === subjectOf(subject) && this.rowsOf(alias).has(one.record_key));
    if (question === undefined) throw new Error(`Nobody is asked about ${subject} of ${alias}.`);
    await this.world.decide(question.record_key, decisionOf(decision));
    await this.rest();
  }

  // ---- Expectations -----------------------------------------------------------------------------------------------------

  private async expect(says: Expectation): Promise<void> {
    switch (says.kind) {
      case 'expect record': {
        const system = SYSTEM[says.who.system];
        const record = await this.world.systems.record(system, this.idOf(says.who));
        const expected = this.marked(says.fields);
        const found = held(system, record, Object.keys(expected));
        if (record.deleted || Object.keys(expected).some((name) => !sameValue(sorted(expected[name]), sorted(found[name])))) throw new Error(`It holds ${JSON.stringify(found)}${record.deleted ? ', and is deleted' : ''}.`);
        return;
      }
      case 'expect gone':
        same(true, (await this.world.systems.record(SYSTEM[says.who.system], this.idOf(says.who))).deleted);
        return;
      case 'expect size': {
        const system = SYSTEM[says.system];
        same(says.records, (await this.world.systems.living(system)).filter((record) => emailIn(system, record).endsWith(this.domain)).length);
        return;
      }
      case 'expect calls': {
        const systems = says.system === null ? SYSTEMS : [SYSTEM[says.system]];
        const calls = (await Promise.all(systems.map((system) => this.world.systems.log(system, this.counted[system])))).flat();
        same(says.times, says.call === 'write' ? writesOf(calls).length : calls.filter(isRead).length);
        return;
      }
      case 'expect questions': {
        const open = (await this.questions()).map(({ subject, record_key }) => `${subject} of ${[...this.rows].find(([, rows]) => rows.has(record_key))?.[0] ?? record_key}`);
        same(says.questions.map(({ subject, alias }) => `${subjectOf(subject)} of ${alias}`).sort(), open.sort());
        return;
      }
      case 'expect lost value': {
        const lost = (await this.history(says.alias)).flatMap(({ overrides }) => overrides).filter(({ field }) => field === shippedName(says.field));
        if (!lost.some((override) => sameValue(override.lost, says.lost) && sameValue(override.won, says.won))) throw new Error(`The history holds ${JSON.stringify(lost)}`);
        return;
      }
      case 'expect history':
        same(says.entries, (await this.history(says.alias)).length);
        return;
      case 'expect issue': {
        const known = (await this.world.ledger.issues(SCOPE, 100)).filter(({ record_key }) => record_key !== null && (says.alias === null ? this.isOurs(record_key) : this.rowsOf(says.alias).has(record_key))).map(({ code }) => code);
        if (says.code === null ? known.length > 0 : !known.includes(says.code)) throw new Error(`Found ${JSON.stringify(known)}.`);
        return;
      }
      default:
        throw new Error('Only the simulation can play this line.');
    }
  }

  private isOurs(row: string): boolean {
    return [...this.rows.values()].some((rows) => rows.has(row));
  }

  private async questions() {
    return (await this.world.openReviews()).filter(({ record_key }) => this.isOurs(record_key));
  }

  private async history(alias: string) {
    return (await Promise.all([...this.rowsOf(alias)].map((row) => this.world.ledger.history(SCOPE, row, 100)))).flatMap(({ entries }) => entries);
  }
}

const isExpectation = (says: Happening): says is Expectation => says.kind.startsWith('expect ');
const isRead = ({ by, method }: LogEntry): boolean => by === 'api' && method === 'GET';
/** Sets have no order. */
const sorted = (value: JsonValue | undefined): JsonValue | undefined => (isList(value) ? [...value].sort() : value);
const isList = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value);

function same(expected: unknown, found: unknown): void {
  if (JSON.stringify(expected) !== JSON.stringify(found)) throw new Error(`Found ${JSON.stringify(found)}.`);
}

/** `city`, `*` or `rejected:b`, as the shipped workflows call it. */
function subjectOf(subject: string): string {
  const [, kind, side] = /^([a-z]+):([ab])$/u.exec(subject) ?? [];
  if (kind !== undefined) return `${kind}:${side === 'a' ? SYSTEM.a : SYSTEM.b}`;
  return subject === '*' ? subject : shippedName(subject);
}

function decisionOf(decision: Decision): JsonObject {
  if (decision.kind === 'winner') return { kind: 'winner', system: SYSTEM[decision.system] };
  if (decision.kind === 'keep apart') return { kind: 'keep_apart' };
  throw new Error('Only the simulation can play this line.');
}
