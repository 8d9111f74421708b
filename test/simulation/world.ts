/** One history's world: two systems, a ledger, a fake clock, webhooks on their way, and workers with a run each. */
import type { Hint, JsonValue } from '../../core/model';
import { assertNever } from '../../core/sync-error';
import type { LedgerStore } from '../../ledger/ledger-store';
import { answer, fakeSystem, userCreates, userDeletes, userEdits, userUndeletes, type FakeAnswer, type FakeFields, type FakeRequest, type FakeState, type FieldName, type HttpResponse, type Quirks } from './fake-system';
import { readBody } from './fake-system/raw-record';
import type { Choices } from './choices';
import { READ_FAULTS, WRITE_FAULTS, type FaultKind, type ReadFault, type WriteFault } from './fault-kinds';
import { emailOf, noDeeds, type Deeds } from './journal-of-edits';
import { askLedger } from './ledger-effects';
import { machineSettings, SYSTEMS, type FakeName } from './machine-settings';
import { beginRun, resumeRun, wantedEffect, type Answer, type Beginning, type Effect, type MachineSettings, type RunState } from './run-machine';
import type { RedisDouble } from './redis-double';

type Write = Extract<Effect, { kind: 'write' }>;

export interface Worker {
  state: RunState;
  /** What the systems held when the present pass drew its token: no read of it may be older. */
  since: { readonly [name in FakeName]: FakeState };
  /** Step at which each record was last read by this run. */
  readonly read_at: Map<string, number>;
}

export interface LateWrite {
  readonly effect: Write;
  readonly read_at: number;
  readonly until: number;
}

export interface OpenedLedger {
  readonly store: LedgerStore;
  readonly redis: RedisDouble | null;
  readonly sync: string;
  readonly record_type: string;
  /** Everything but the log of runs, where the store can show it. */
  dump(): unknown;
}

export interface WorldSettings {
  readonly quirks: { readonly [name in FakeName]: Quirks };
  readonly echo_guard: boolean;
  readonly window: boolean;
}

const BEGIN = Date.parse('2026-03-01T10:00:00.000Z');
const LEASE_MS = 120_000;

export class World {
  readonly systems: { [name in FakeName]: FakeState };
  readonly past: { readonly [name in FakeName]: FakeState[] } = { a: [], b: [] };
  readonly deeds: Deeds = noDeeds();
  readonly faults = new Map<FaultKind, number>();
  readonly trace: string[] = [];
  readonly webhooks: Hint[] = [];
  readonly late: LateWrite[] = [];
  readonly violations: string[] = [];
  readonly workers: (Worker | null)[];
  readonly quirks: WorldSettings['quirks'];
  /** What happens to the next calls, before chance is asked. */
  readonly ordained: { readonly read: ReadFault[]; readonly write: WriteFault[] } = { read: [], write: [] };
  readonly reads: { [name in FakeName]: number } = { a: 0, b: 0 };
  now = BEGIN;
  step = 0;
  ledger_away = 0;
  faulty = true;
  /** A write in the last run, which must make none. */
  armed = false;
  #settings: MachineSettings;

  constructor(readonly choices: Choices, readonly ledger: OpenedLedger, readonly options: WorldSettings, workers: number) {
    this.quirks = options.quirks;
    this.systems = { a: fakeSystem('a', options.quirks.a), b: fakeSystem('b', options.quirks.b) };
    this.workers = Array.from({ length: workers }, () => null);
    this.#settings = machineSettings({ ...options, sync: ledger.sync, record_type: ledger.record_type });
  }

  get settings(): MachineSettings {
    this.#settings = { ...this.#settings, now: this.time };
    return this.#settings;
  }

  get time(): string {
    return new Date(this.now).toISOString();
  }

  tell(text: string): void {
    this.trace.push(`${String(this.step)} ${text}`);
  }

  fault(kind: FaultKind): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
    this.tell(`  FAULT ${kind}`);
  }

  // ---- Users ----------------------------------------------------------------------------------------------------------

  userCreates(system: FakeName, fields: Partial<FakeFields> & { readonly email: string }): void {
    const { state, hints } = userCreates(this.systems[system], fields, this.time);
    this.tell(`user creates ${JSON.stringify(fields)} in ${system}`);
    this.deeds.made.add(fields.email);
    this.#take(system, state, hints);
    const id = hints[0]?.native_id ?? '';
    for (const field of fieldsIn(fields)) this.#edited(system, id, fields.email, field, null);
    this.deeds.actions += 1;
  }

  userEdits(system: FakeName, id: string, fields: Partial<FakeFields>): void {
    const before = this.systems[system].records[id];
    if (before === undefined) return;
    const { state, hints } = userEdits(this.systems[system], id, fields, this.time);
    this.tell(`user edits ${id}: ${JSON.stringify(fields)}`);
    this.#take(system, state, hints);
    for (const field of fieldsIn(fields)) this.#edited(system, id, emailOf(before.fields), field, before.fields[field]);
    this.deeds.actions += 1;
  }

  #edited(system: FakeName, id: string, email: string, field: FieldName, replaced: JsonValue): void {
    const value = this.systems[system].records[id]?.fields[field] ?? null;
    this.deeds.edits.push({ step: this.step, system, id, email, field, value, replaced, blind: false });
  }

  userDeletes(system: FakeName, id: string): void {
    const held = this.systems[system].records[id];
    if (held === undefined) return;
    const { state, hints } = userDeletes(this.systems[system], id, this.time);
    this.tell(`user deletes ${id}`);
    this.deeds.deletions.push({ step: this.step, system, email: emailOf(held.fields), held: held.fields });
    this.#take(system, state, hints);
    this.deeds.actions += 1;
  }

  userUndeletes(system: FakeName, id: string): void {
    const { state, hints } = userUndeletes(this.systems[system], id, this.time);
    this.tell(`user undeletes ${id}`);
    const record = state.records[id];
    if (record !== undefined) {
      this.deeds.undeleted.add(emailOf(record.fields));
      for (const field of fieldsIn(record.fields)) this.deeds.edits.push({ step: this.step, system, id, email: emailOf(record.fields), field, value: record.fields[field], replaced: null, blind: false });
    }
    this.#take(system, state, hints);
    this.deeds.actions += 1;
  }

  #take(system: FakeName, state: FakeState, hints: readonly Hint[]): void {
    this.past[system].push(this.systems[system]);
    this.systems[system] = state;
    this.webhooks.push(...hints);
  }

  // ---- Workers --------------------------------------------------------------------------------------------------------

  begin(index: number, beginning: Beginning): void {
    this.tell(`worker ${index} begins ${beginning.source}-to-${beginning.target} (${beginning.cause}): ${beginning.hints.map(({ native_id }) => native_id).join(', ')}`);
    this.workers[index] = { state: beginRun(this.settings, beginning), since: { ...this.systems }, read_at: new Map() };
  }

  /** One effect of one worker's run. */
  async advance(index: number): Promise<void> {
    const worker = this.workers[index] ?? null;
    if (worker === null) return;
    const { settings } = this;
    this.now += worker.state.wait_seconds * 1000;
    const effect = wantedEffect(settings, worker.state);
    if (effect === null) {
      this.workers[index] = null;
      return;
    }
    const reply = await this.#answer(index, worker, effect);
    worker.state = resumeRun(this.settings, worker.state, reply);
    if (wantedEffect(this.settings, worker.state) === null) this.workers[index] = null;
  }

  async finish(index: number): Promise<void> {
    for (let steps = 0; this.workers[index] !== null; steps += 1) {
      if (steps > 2000) throw new Error('A run does not end.');
      await this.advance(index);
    }
  }

  async #answer(index: number, worker: Worker, effect: Effect): Promise<Answer> {
    switch (effect.kind) {
      case 'read':
        return { kind: 'response', response: this.#read(index, worker, effect) };
      case 'write':
        return { kind: 'response', response: this.#write(index, worker, effect) };
      case 'start':
      case 'check':
      case 'reserve':
      case 'commit':
      case 'finish': {
        if (this.ledger_away > 0) {
          this.ledger_away -= 1;
          this.tell(`worker ${index} ${effect.kind}: the ledger is away`);
          return { kind: 'failed', reason: 'the ledger is away' };
        }
        const reply = await askLedger(this.ledger.store, effect);
        if (effect.kind === 'start') worker.since = { ...this.systems };
        this.tell(`worker ${index} ${effect.kind} ${verdictsIn(reply)}`);
        return reply;
      }
      default:
        return assertNever(effect);
    }
  }

  #read(index: number, worker: Worker, effect: Extract<Effect, { kind: 'read' }>): unknown {
    const system = nameOf(effect.system);
    const fault = this.ordained.read.shift() ?? (this.faulty && this.choices.rarely(12) ? this.choices.of(READ_FAULTS) : null);
    this.reads[system] += 1;
    const request: FakeRequest = { kind: 'read', asked: effect.asked };
    this.tell(`worker ${index} reads ${system} ${effect.asked.native_id ?? effect.asked.match_key ?? ''}`);
    if (fault !== null) this.fault(fault);
    switch (fault) {
      case 'read answered with 429':
        return { statusCode: 429, headers: { 'retry-after': this.choices.rarely(2) ? '30' : '2' }, body: {} };
      case 'read timed out':
        return { error: { message: 'timeout' } };
      case 'read forbidden':
        return { statusCode: 403, headers: {}, body: {} };
      case 'read from the past':
      case null: {
        if (effect.asked.native_id !== null) worker.read_at.set(`${system}:${effect.asked.native_id}`, fault === null ? this.step : 0);
        const response = answer(fault === null ? this.systems[system] : this.#sometimeSince(system, worker), request, this.time).response;
        if (effect.asked.native_id === null) for (const id of Object.keys(this.systems[system].records)) worker.read_at.set(`${system}:${id}`, fault === null ? this.step : 0);
        return response;
      }
      default:
        return assertNever(fault);
    }
  }

  /** A replica may lag, but not behind the moment at which the run drew its token. */
  #sometimeSince(system: FakeName, worker: Worker): FakeState {
    const from = this.past[system].lastIndexOf(worker.since[system]);
    const states = from === -1 ? [this.systems[system]] : [...this.past[system].slice(from), this.systems[system]];
    return states[this.choices.below(states.length)] ?? this.systems[system];
  }

  #write(index: number, worker: Worker, effect: Write): unknown {
    const { request } = effect;
    const read_at = worker.read_at.get(`${effect.system}:${request.native_id ?? ''}`) ?? 0;
    this.tell(`worker ${index} writes ${request.op} ${effect.system} ${request.native_id ?? ''} ${JSON.stringify(request.body)} key ${request.idempotency_key}${request.if_match === null ? '' : ` if-match ${request.if_match}`}`);
    if (this.armed) this.violations.push(`a further run writes: ${request.op} ${effect.system} ${JSON.stringify(request.body)}`);
    if (this.faulty && this.choices.rarely(24)) {
      this.fault('lease expired during a slow write');
      this.now += LEASE_MS + 1000;
      this.deeds.allowance += 2;
    }
    const fault = this.ordained.write.shift() ?? (this.faulty && this.choices.rarely(6) ? this.choices.of(WRITE_FAULTS) : null);
    if (fault !== null) {
      this.fault(fault);
      this.deeds.allowance += 1;
    }
    switch (fault) {
      case 'write answered with 429':
        return { statusCode: 429, headers: { 'retry-after': '5' }, body: {} };
      case 'write answered with 409':
        return { statusCode: 409, headers: {}, body: {} };
      case 'write timed out before landing':
        return { error: { message: 'timeout' } };
      case 'write timed out after landing':
        this.land(effect, read_at);
        return { error: { message: 'timeout' } };
      case 'write landed late':
        this.late.push({ effect, read_at, until: this.now + LEASE_MS });
        return { error: { message: 'timeout' } };
      case null:
        return this.land(effect, read_at);
      default:
        return assertNever(fault);
    }
  }

  /** The request reaches the system. */
  land({ system: name, request }: Write, read_at: number): HttpResponse {
    const system = nameOf(name);
    const before = request.native_id === null ? undefined : this.systems[system].records[request.native_id];
    const done: FakeAnswer = answer(this.systems[system], { kind: 'write', request }, this.time);
    if (done.response.statusCode === 412) this.fault('write refused with 412');
    if (done.response.statusCode === 422) this.fault('write refused with 422');
    const id = request.native_id ?? done.hints[0]?.native_id ?? '';
    const after = done.state.records[id];
    if (done.state !== this.systems[system] && after !== undefined && done.state.clock !== this.systems[system].clock) {
      const email = emailOf(after.fields);
      this.deeds.writes.push({ system, op: request.op, email, id });
      if (before !== undefined) this.#overwritten(system, before.fields, after.fields, after.deleted, id, email, read_at, readBody(system, request.body).fields.zip);
      this.tell(`  landed: ${id} ${after.deleted ? 'deleted' : JSON.stringify(after.fields)}`);
      this.#take(system, done.state, done.hints);
    } else {
      this.tell(`  ${done.response.statusCode}`);
      this.systems[system] = done.state;
    }
    return done.response;
  }

  #overwritten(system: FakeName, before: FakeFields, after: FakeFields, deleted: boolean, id: string, email: string, read_at: number, sent: JsonValue | undefined): void {
    const { conditional, automates } = this.quirks[system];
    for (const field of fieldsIn(after)) {
      if (!deleted && JSON.stringify(before[field]) === JSON.stringify(after[field])) continue;
      for (const edit of this.deeds.edits) {
        if (!conditional && edit.system === system && edit.id === id && edit.field === field && edit.step >= read_at && JSON.stringify(edit.value) === JSON.stringify(before[field])) edit.blind = true;
      }
      if (automates && field === 'zip' && !deleted) {
        this.deeds.edits.push({ step: this.step, system, id, email, field, value: after.zip, replaced: before.zip, blind: false });
        // It lay over what was sent in the same request, too.
        if (sent !== undefined) this.deeds.edits.push({ step: this.step, system, id, email, field, value: after.zip, replaced: sent, blind: false });
        this.deeds.actions += 1;
      }
    }
  }
}

export const nameOf = (system: string): FakeName => {
  const name = SYSTEMS.find((candidate) => candidate === system);
  if (name === undefined) throw new Error(`No system ${system}`);
  return name;
};

const FIELD_NAMES: readonly FieldName[] = ['email', 'name', 'phone', 'city', 'zip', 'tags', 'score'];
export const fieldsIn = (fields: Partial<FakeFields>): readonly FieldName[] => FIELD_NAMES.filter((field) => fields[field] !== undefined);

function verdictsIn(reply: Answer): string {
  if (reply.kind === 'start') return `token ${reply.result.run.read_token} attempt ${reply.result.run.attempt}`;
  if (reply.kind !== 'check' && reply.kind !== 'reserve' && reply.kind !== 'commit') return '';
  return reply.verdicts.map((verdict) => ('reason' in verdict ? `${verdict.kind} (${verdict.reason})` : verdict.kind)).join(', ');
}
