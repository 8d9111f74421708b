/** What the systems' APIs answer the workers, with everything that goes wrong on the way. */
import type { JsonValue } from '../../../core/model';
import { assertNever } from '../../../core/sync-error';
import { answer, fieldsIn, type FakeAnswer, type FakeFields, type FakeRequest, type FakeState, type HttpResponse } from '../fake-system';
import { readBody } from '../fake-system/raw-record';
import { READ_FAULTS, WRITE_FAULTS } from '../fault-kinds';
import { emailOf } from '../journal-of-edits';
import type { FakeName } from '../machine-settings';
import type { Effect } from '../run-machine';
import { LEASE_MS, nameOf, type Worker, type World, type Write } from '../world';

export function answerRead(world: World, index: number, worker: Worker, effect: Extract<Effect, { kind: 'read' }>): unknown {
  const system = nameOf(effect.system);
  const { native_id, match_key } = effect.asked;
  const fault = world.ordained.read.shift() ?? (world.faulty && world.choices.rarely(12) ? world.choices.of(READ_FAULTS) : null);
  world.reads[system] += 1;
  const request: FakeRequest = { kind: 'read', asked: effect.asked };
  world.tell(`worker ${index} reads ${system} ${native_id ?? match_key ?? ''}`);
  if (fault !== null) world.fault(fault);
  switch (fault) {
    case 'read answered with 429':
      return { statusCode: 429, headers: { 'retry-after': world.choices.rarely(2) ? '30' : '2' }, body: {} };
    case 'read timed out':
      return { error: { message: 'timeout' } };
    case 'read forbidden':
      return { statusCode: 403, headers: {}, body: {} };
    case 'read from the past':
    case null: {
      const ids = native_id === null ? Object.values(world.systems[system].records).filter(({ fields }) => fields.email === match_key).map(({ id }) => id) : [native_id];
      const shown = fault === null ? world.systems[system] : sometimeSince(world, system, worker);
      for (const id of ids) {
        worker.read_at.set(`${system}:${id}`, fault === null ? world.step : 0);
        showTo(world, worker, system, id, shown);
        if (fault === null) world.memory.read(system, id);
      }
      return answer(shown, request, world.time).response;
    }
    default:
      return assertNever(fault);
  }
}

function showTo({ step }: World, worker: Worker, system: FakeName, id: string, { records }: FakeState): void {
  const record = records[id];
  if (record !== undefined) worker.seen.set(`${system}:${id}`, { step, fields: record.fields });
}

/** A replica may lag, but not behind the moment at which the run drew its token. */
function sometimeSince(world: World, system: FakeName, worker: Worker): FakeState {
  const from = world.past[system].lastIndexOf(worker.since[system]);
  const states = from === -1 ? [world.systems[system]] : [...world.past[system].slice(from), world.systems[system]];
  return states[world.choices.below(states.length)] ?? world.systems[system];
}

export function answerWrite(world: World, index: number, worker: Worker, effect: Write): unknown {
  const { request } = effect;
  const read_at = worker.read_at.get(`${effect.system}:${request.native_id ?? ''}`) ?? 0;
  world.tell(`worker ${index} writes ${request.op} ${effect.system} ${request.native_id ?? ''} ${JSON.stringify(request.body)} key ${request.idempotency_key}${request.if_match === null ? '' : ` if-match ${request.if_match}`}`);
  const once = !createsTwice(world, effect);
  if (!once && world.now >= worker.lease_until) {
    world.tell('  not sent: the lease is over');
    return { statusCode: 409, headers: {}, body: {} };
  }
  if (world.armed) throw new Error(`a further run writes: ${request.op} ${effect.system} ${JSON.stringify(request.body)}`);
  // Sent in time and carried out after the lease, a create can make a second record: a system without a key against it cannot be helped.
  if (world.faulty && world.choices.rarely(24) && once) {
    world.fault('lease expired during a slow write');
    world.now += LEASE_MS + 1000;
    world.deeds.allowance += 2;
  }
  const fault = world.ordained.write.shift() ?? (world.faulty && world.choices.rarely(6) ? world.choices.of(WRITE_FAULTS) : null);
  if (fault !== null) {
    world.fault(fault);
    world.deeds.allowance += 1;
  }
  switch (fault) {
    case 'write answered with 429':
      return { statusCode: 429, headers: { 'retry-after': '5' }, body: {} };
    case 'write answered with 409':
      return { statusCode: 409, headers: {}, body: {} };
    case 'write timed out before landing':
      return { error: { message: 'timeout' } };
    case 'write timed out after landing':
      land(world, effect, read_at);
      return { error: { message: 'timeout' } };
    case 'write landed late':
      world.late.push({ effect, read_at, until: once ? world.now + LEASE_MS : worker.lease_until });
      return { error: { message: 'timeout' } };
    case null: {
      const { response, native_id } = land(world, effect, read_at);
      const system = nameOf(effect.system);
      if (native_id !== null) showTo(world, worker, system, native_id, world.systems[system]);
      return response;
    }
    default:
      return assertNever(fault);
  }
}

/** As `isTooLate` of `core/stages/denormalize.ts` sees it: a create in a system that makes a second record of it. */
function createsTwice({ settings }: World, { system, request }: Write): boolean {
  return request.op === 'create' && settings.mappings[system]?.schema.creates_once === false;
}

/** The request reaches the system. @returns its answer, and the record that it wrote. */
export function land(world: World, { system: name, request }: Write, read_at: number): { readonly response: HttpResponse; readonly native_id: string | null } {
  const system = nameOf(name);
  const state = world.systems[system];
  const before = request.native_id === null ? undefined : state.records[request.native_id];
  const done: FakeAnswer = answer(state, { kind: 'write', request }, world.time);
  if (done.response.statusCode === 412) world.fault('write refused with 412');
  if (done.response.statusCode === 422) world.fault('write refused with 422');
  const id = request.native_id ?? done.hints[0]?.native_id ?? '';
  const after = done.state.records[id];
  if (after === undefined || done.state.clock === state.clock) {
    world.tell(`  ${done.response.statusCode}`);
    world.systems[system] = done.state;
    return { response: done.response, native_id: null };
  }
  const email = emailOf(after.fields);
  const sent = readBody(system, request.body).fields;
  world.deeds.writes.push({ system, op: request.op, email, id });
  if (before !== undefined) noteOverwritten(world, { system, id, email, read_at, sent }, before.fields, after.fields, after.deleted);
  if (!after.deleted) world.memory.landed(system, id, request, Object.fromEntries(fieldsIn(sent).map((field) => [field, after.fields[field]])));
  world.tell(`  landed: ${id} ${after.deleted ? 'deleted' : JSON.stringify(after.fields)}`);
  world.take(system, done.state, done.hints);
  return { response: done.response, native_id: id };
}

interface Landed {
  readonly system: FakeName;
  readonly id: string;
  readonly email: string;
  /** Step at which the run had read the record. */
  readonly read_at: number;
  readonly sent: Partial<FakeFields>;
}

function noteOverwritten(world: World, { system, id, email, read_at, sent }: Landed, before: FakeFields, after: FakeFields, deleted: boolean): void {
  const { conditional, automates } = world.quirks[system];
  const { deeds, step } = world;
  const same = (left: JsonValue | undefined, right: JsonValue): boolean => JSON.stringify(left) === JSON.stringify(right);
  for (const field of fieldsIn(after)) {
    if (!deleted && same(before[field], after[field])) continue;
    for (const edit of deeds.edits) {
      if (!conditional && edit.system === system && edit.id === id && edit.field === field && edit.step >= read_at && same(edit.value, before[field])) edit.blind = true;
    }
  }
  if (!automates || deleted) return;
  const automated = (replaced: JsonValue): void => { deeds.edits.push({ step, system, id, email, field: 'zip', value: after.zip, replaced, remembered: world.memory.length, blind: false, restored: false }); };
  if (!same(before.zip, after.zip)) {
    automated(before.zip);
    deeds.actions += 1;
  }
  // It lies over what was sent in the same request, too: like a reformatting, the answer shows it as what became of our value.
  if (sent.zip !== undefined && !same(sent.zip, after.zip)) {
    automated(sent.zip);
    deeds.reformatted.push({ system, email, field: 'zip', sent: sent.zip, stored: after.zip });
  }
}
