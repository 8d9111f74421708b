/** Plays a scenario line by line. The flow is the simulation's: the same machine over the stages that the nodes call. */
import type { Hint, ReviewDecision } from '../../core/model';
import { assertNever } from '../../core/sync-error';
import { canonicalRecord, withFields } from '../../core/json/canonical-record';
import { isPlainObject } from '../../core/json/json-value';
import { undoDrafts } from '../../core/policies/undo';
import { decideReview } from '../simulation/decide-review';
import { difference } from '../simulation/history';
import { SYSTEMS } from '../simulation/machine-settings';
import { wantedEffect } from '../simulation/run-machine';
import { otherName, scopeOf, sweep } from '../simulation/sweep';
import { nameOf, type OpenedLedger, type World } from '../simulation/world';
import { land } from '../simulation/world/apis';
import { personCreates, personDeletes, personEdits, personMerges, personUndeletes } from '../simulation/world/users';
import { advance, begin, finish } from '../simulation/world/workers';
import { Cast, emailFor } from './cast';
import { complaint, type Calls } from './expectations';
import { asFakeFields } from './fields';
import type { Decision, Expectation, Happening, RecordIn, Scenario } from './happening';
import { stage } from './stage';
import { isWebhookDeed, type WebhookDeed, WebhooksUnderWay } from './webhooks-under-way';

type Deed = Exclude<Happening, Expectation | WebhookDeed>;
type RunStop = Extract<Happening, { kind: 'run stops' }>;

/** Longer than any lease, so that nothing is Busy when the world is looked at for the last time. */
const LONG_SECONDS = 200;

/** @throws Error at the first expectation that does not hold, with file, line and what happened until then */
export async function playScenario(scenario: Scenario, ledger: OpenedLedger): Promise<void> {
  const play = new Play(stage(scenario.given, ledger));
  for (const line of scenario.lines) await play.located(line.at, line.text, () => play.say(line.says));
  await play.located(scenario.file, 'a further run writes nothing', () => play.furtherRun());
}

class Play {
  private readonly cast: Cast;
  private readonly webhooks: WebhooksUnderWay;
  private counted: Calls = { read: { a: 0, b: 0 }, write: { a: 0, b: 0 } };

  constructor(private readonly world: World) {
    this.cast = new Cast(world);
    this.webhooks = new WebhooksUnderWay(world.webhooks, (who) => ({ system: who.system, native_id: this.cast.idOf(who) }), (hints) => this.deliver(hints));
  }

  async located(at: string, text: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      throw new Error(`${at}: ${text}\n  ${error instanceof Error ? error.message : String(error)}\n${this.world.trace.join('\n')}`, { cause: error });
    }
  }

  async say(happening: Happening): Promise<void> {
    const { world } = this;
    world.step += 1;
    world.now += 100;
    if (isExpectation(happening)) {
      const wrong = await complaint(world, this.cast, this.callsSince(), happening);
      if (wrong !== null) throw new Error(wrong);
      return;
    }
    if (isWebhookDeed(happening)) await this.webhooks.happen(happening);
    else await this.happen(happening);
    this.cast.meetNewcomers();
  }

  private async happen(deed: Deed): Promise<void> {
    const { world, cast } = this;
    switch (deed.kind) {
      case 'creates':
        this.create(deed.who, deed.fields);
        return;
      case 'edits':
        personEdits(world, deed.who.system, cast.idOf(deed.who), asFakeFields(deed.fields));
        return;
      case 'deletes':
        personDeletes(world, deed.who.system, cast.idOf(deed.who));
        return;
      case 'undeletes':
        personUndeletes(world, deed.who.system, cast.idOf(deed.who));
        return;
      case 'merges':
        personMerges(world, deed.who.system, cast.idOf(deed.who), cast.idOf({ system: deed.who.system, alias: deed.into }));
        return;
      case 'run begins':
        begin(world, deed.run, this.beginning([this.webhooks.take(deed.who)]));
        return;
      case 'run stops':
        await this.advance(deed);
        return;
      case 'run ends':
        await finish(world, deed.run);
        return;
      case 'run crashes':
        if (world.workers[deed.run] === null) throw new Error('It is over already.');
        world.workers[deed.run] = null;
        return;
      case 'write fate':
        world.ordained.write.push(deed.fate);
        return;
      case 'read fate':
        world.ordained.read.push(deed.fate);
        return;
      case 'late writes land':
        if (world.late.length === 0) throw new Error('No write is late.');
        for (const { effect, read_at } of world.late.splice(0)) land(world, effect, read_at);
        return;
      case 'ledger is away':
        world.ledger_away = deed.calls;
        return;
      case 'time passes':
        world.now += deed.seconds * 1000;
        return;
      case 'sweep':
        await sweep(world);
        return;
      case 'decides':
        await this.decide(deed.subject, deed.alias, deed.decision);
        return;
      case 'undoes':
        await this.undo(deed);
        return;
      case 'count from here':
        this.counted = this.calls();
        return;
      default:
        assertNever(deed);
    }
  }

  private create(who: RecordIn, fields: Parameters<typeof asFakeFields>[0]): void {
    const { world } = this;
    const given = asFakeFields(withFields(canonicalRecord([['email', emailFor(who.alias)]]), fields));
    const before = new Set(Object.keys(world.systems[who.system].records));
    personCreates(world, who.system, { ...given, email: typeof given.email === 'string' ? given.email : emailFor(who.alias) });
    for (const id of Object.keys(world.systems[who.system].records)) if (!before.has(id)) this.cast.name(who, id);
  }

  // ---- Runs -------------------------------------------------------------------------------------------------------------

  private async deliver(hints: readonly Hint[]): Promise<void> {
    begin(this.world, 0, this.beginning(hints));
    await finish(this.world, 0);
  }

  private beginning(hints: readonly Hint[]) {
    const source = nameOf(hints[0]?.system ?? '');
    return { source, target: otherName(source), hints, cause: 'webhook' };
  }

  private async advance({ run, when, step, of }: RunStop): Promise<void> {
    for (;;) {
      const wanted = this.wants(run);
      if (wanted === null) throw new Error(`Run ${run} ended without it.`);
      const reached = wanted.kind === step && (of === null || ('system' in wanted && wanted.system === of));
      if (reached && when === 'before') return;
      await advance(this.world, run);
      if (reached) return;
    }
  }

  private wants(run: number) {
    const worker = this.world.workers[run] ?? null;
    return worker === null ? null : wantedEffect(this.world.settings, worker.state);
  }

  private async decide(subject: string, alias: string, decision: Decision): Promise<void> {
    const rows = this.cast.rowsOf(alias);
    const { items } = await this.world.ledger.store.reviews(scopeOf(this.world, 'a'), { limit: 100, offset: 0, id: null });
    const review = items.find((item) => item.subject === subject && rows.includes(item.record_key));
    if (review === undefined) throw new Error(`Nobody is asked about ${subject} of ${alias}.`);
    await decideReview(this.world, review, decisionOf(decision));
    await finish(this.world, 0);
  }

  /** Only the decision is left: a sweep carries it out. */
  private async undo({ alias, field, value }: Extract<Deed, { kind: 'undoes' }>): Promise<void> {
    const { store } = this.world.ledger;
    const scope = scopeOf(this.world, 'a');
    const lines = (await Promise.all(this.cast.rowsOf(alias).map((key) => store.history(scope, key, 100)))).flatMap(({ entries }) => entries);
    const run_id = lines.find(({ change_set }) => isPlainObject(change_set) && isPlainObject(change_set[field]) && change_set[field]['to'] === value)?.run_id;
    if (run_id === undefined) throw new Error(`No run wrote ${field} ${JSON.stringify(value)}.`);
    const { records } = await store.writesOf(scope, run_id);
    await store.undo(scope, undoDrafts(records, run_id, 'a person'));
  }

  // ---- Calls ------------------------------------------------------------------------------------------------------------

  private calls(): Calls {
    const { reads, deeds } = this.world;
    const writes = (name: string): number => deeds.writes.filter(({ system }) => system === name).length;
    return { read: { ...reads }, write: { a: writes('a'), b: writes('b') } };
  }

  private callsSince(): Calls {
    const now = this.calls();
    const less = (call: 'read' | 'write') => ({ a: now[call].a - this.counted[call].a, b: now[call].b - this.counted[call].b });
    return { read: less('read'), write: less('write') };
  }

  /** A sweep that must leave the ledger as it is, then both sides of every record compared: with writers that must not be called. */
  async furtherRun(): Promise<void> {
    const { world } = this;
    for (const run of world.workers.keys()) if (this.wants(run) !== null) throw new Error(`Run ${run} is still under way.`);
    world.armed = true;
    world.now += LONG_SECONDS * 1000;
    const before = JSON.stringify(world.ledger.dump());
    await sweep(world);
    this.nothingWritten();
    const after = JSON.stringify(world.ledger.dump());
    if (after !== before) throw new Error(`The ledger moved: ${difference(before, after)}`);
    for (const source of SYSTEMS) {
      const hints = Object.keys(world.systems[source].records).map((native_id) => ({ system: source, native_id }));
      if (hints.length === 0) continue;
      begin(world, 0, { source, target: otherName(source), hints, cause: 'further run', full: true });
      await finish(world, 0);
    }
    this.nothingWritten();
  }

  private nothingWritten(): void {
    if (this.world.violations.length > 0) throw new Error(this.world.violations.join('\n'));
  }
}

const isExpectation = (happening: Happening): happening is Expectation => happening.kind.startsWith('expect ');

function decisionOf(decision: Decision): ReviewDecision {
  const by = 'a person';
  switch (decision.kind) {
    case 'winner':
      return { kind: 'winner', system: decision.system, by };
    case 'keep apart':
      return { kind: 'keep_apart', by };
    case 'value':
      return { kind: 'value', value: decision.value, by };
    default:
      return assertNever(decision);
  }
}
