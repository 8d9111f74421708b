/** One step of one run: its wanted effect is carried out, whole, on the systems or the ledger. */
import type { Hint, JsonValue } from '../../../core/model';
import type { WriteRequest } from '../../../core/stages/denormalize';
import { checkStep, commitStep, finishStep, reserveStep, startStep } from '../../support/memory-ledger/steps';
import { answer, liveRecords, type FakeRecord } from '../fake-system';
import type { LedgerState } from '../../support/memory-ledger/state';
import { beginRun, resumeRun, wantedEffect, type Answer, type Effect, type RunState } from '../run-machine';
import { judgeWrite } from './judge-write';
import { otherSide, sideOf, SYSTEMS, type Side } from './scope';
import { editOf } from './values';
import { UNTOLD, withHints, type Running, type Setting, type Values, type World } from './world';

/** A hint is delivered: a run begins, notes it and has its read token. */
export function deliver(setting: Setting, world: World, hint: Hint): World {
  const source = sideOf(hint.system);
  const state = beginRun(setting.machine, { source, target: otherSide(source), hints: [hint], cause: 'webhook' });
  const running: Running = { state, run_id: '', read_token: 0, seen: {} };
  return stepRun(setting, { ...world, runs: [...world.runs, running] }, world.runs.length);
}

export function stepRun(setting: Setting, world: World, index: number): World {
  const running = world.runs[index];
  if (running === undefined) throw new Error(`There is no run ${index}.`);
  const effect = wantedBy(setting, running);
  if (effect === null) throw new Error('A run that is over was kept.');
  const runs = (next: Running | null): World['runs'] => [...world.runs.slice(0, index), ...(next === null ? [] : [next]), ...world.runs.slice(index + 1)];
  switch (effect.kind) {
    case 'read': {
      const { next } = onceFor(running, world.systems[sideOf(effect.system)], world.now, () => read(setting, world, running, effect));
      return { ...world, runs: runs(next) };
    }
    case 'write': {
      const { world: written, response } = write(world, running, sideOf(effect.system), effect.request);
      return { ...written, runs: runs(resumed(setting, running, { kind: 'response', response }, running.seen)) };
    }
    default: {
      const { ledger, next } = onceFor(running, world.ledger, world.now, () => askLedger(setting, world, running, effect));
      return { ...world, ledger, runs: runs(next) };
    }
  }
}

const wanted = new WeakMap<RunState, { readonly effect: Effect | null }>();

export function wantedBy({ machine }: Setting, { state }: Running): Effect | null {
  const known = wanted.get(state) ?? { effect: wantedEffect(machine, state) };
  wanted.set(state, known);
  return known.effect;
}

function resumed(setting: Setting, running: Running, answered: Answer, seen: Running['seen']): Running | null {
  const state = resumeRun(setting.machine, running.state, answered);
  const { run_id, read_token } = state.pass?.run ?? { run_id: '', read_token: 0 };
  // A new pass reads anew: what an earlier one saw excuses no write of this one.
  const next = { state, run_id, read_token, seen: state.pass === null ? {} : seen };
  return wantedBy(setting, next) === null ? null : next;
}

interface Stepped {
  readonly ledger: LedgerState;
  readonly next: Running | null;
}

const steps = new WeakMap<Running, WeakMap<object, { readonly now: number; readonly stepped: Stepped }>>();

/** A step that is taken from many states, but always by the same run on the same ledger (or system), ends the same way. */
function onceFor(running: Running, touched: object, now: number, step: () => Stepped): Stepped {
  const known = steps.get(running) ?? new WeakMap<object, { readonly now: number; readonly stepped: Stepped }>();
  steps.set(running, known);
  const before = known.get(touched);
  if (before?.now === now) return before.stepped;
  const stepped = step();
  known.set(touched, { now, stepped });
  return stepped;
}

function read(setting: Setting, world: World, running: Running, effect: Extract<Effect, { kind: 'read' }>): Stepped {
  const side = sideOf(effect.system);
  const { response } = answer(world.systems[side], effect, UNTOLD);
  return { ledger: world.ledger, next: resumed(setting, running, { kind: 'response', response }, { ...running.seen, ...readNow(world, side, effect.asked) }) };
}

/** A read that does not show the city. What was not shown, the run has not read. */
export function readInPart(setting: Setting, world: World, index: number, effect: Extract<Effect, { kind: 'read' }>): World {
  const running = world.runs[index];
  if (running === undefined) throw new Error(`There is no run ${index}.`);
  const side = sideOf(effect.system);
  const { response } = answer(world.systems[side], effect, UNTOLD);
  const shown = Object.entries(readNow(world, side, effect.asked)).map(([record, values]) => [record, values === null ? null : Object.fromEntries(Object.entries(values).filter(([field]) => field !== 'city'))] as const);
  const next = resumed(setting, running, { kind: 'response', response: { ...response, body: withoutCity(response.body) } }, { ...running.seen, ...Object.fromEntries(shown) });
  return { ...world, runs: [...world.runs.slice(0, index), ...(next === null ? [] : [next]), ...world.runs.slice(index + 1)] };
}

/** Of one record, or of a search's hits. */
function withoutCity(body: JsonValue): JsonValue {
  if (isList(body)) return body.map(withoutCity);
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(Object.entries(body).flatMap(([name, value]) => (name === 'city' ? [] : [[name, withoutCity(value)]])));
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);

function askLedger(setting: Setting, world: World, running: Running, effect: Exclude<Effect, { kind: 'read' | 'write' }>): Stepped {
  const { ledger, answer: answered } = ledgerStep(world, effect);
  return { ledger, next: resumed(setting, running, answered, running.seen) };
}

function ledgerStep({ ledger, now: milliseconds }: World, effect: Exclude<Effect, { kind: 'read' | 'write' }>): { readonly ledger: LedgerState; readonly answer: Answer } {
  const now = new Date(milliseconds).toISOString();
  switch (effect.kind) {
    case 'start': {
      const { state, answer: result } = startStep(ledger, effect.request, now);
      return { ledger: { ...state, runs: {} }, answer: { kind: 'start', result } };
    }
    case 'check': {
      const { state, answer: verdicts } = checkStep(ledger, effect.run, effect.items, now);
      return { ledger: state, answer: { kind: 'check', verdicts } };
    }
    case 'reserve': {
      const { state, answer: verdicts } = reserveStep(ledger, effect.run, effect.items, now);
      return { ledger: state, answer: { kind: 'reserve', verdicts } };
    }
    case 'commit': {
      const { state, answer: verdicts } = commitStep(ledger, effect.run, effect.items, now);
      return { ledger: { ...state, history: {} }, answer: { kind: 'commit', verdicts } };
    }
    case 'finish':
      return { ledger: finishStep(ledger, effect.run, effect.items, now).state, answer: { kind: 'finish' } };
  }
}

export function write(world: World, running: Running, side: Side, request: WriteRequest): { readonly world: World; readonly response: unknown } {
  const { state, response, hints } = answer(world.systems[side], { kind: 'write', request }, UNTOLD);
  const judged = judgeWrite(world, running, side, state);
  const isWrite = state !== world.systems[side] && hints.length > 0;
  const past = { ...judged.past, writes: judged.past.writes + (isWrite ? 1 : 0) };
  return { world: withHints({ ...world, systems: { ...world.systems, [side]: state }, past, broken: judged.broken }, hints), response };
}

export const recordName = (side: Side, native_id: string): string => `${side}:${native_id}`;

export function valuesOf(record: FakeRecord | undefined): Values {
  if (record === undefined || record.deleted) return null;
  const held: { [field: string]: number } = {};
  for (const field of ['name', 'city'] as const) {
    const edit = editOf(record.fields[field]);
    if (edit !== null) held[field] = edit;
  }
  return held;
}

function readNow(world: World, side: Side, { native_id, match_key }: { readonly native_id: string | null; readonly match_key: string | null }): Running['seen'] {
  const { records } = world.systems[side];
  const found = native_id !== null ? [native_id] : liveRecords(world.systems[side]).filter((record) => record.fields.email === match_key).map((record) => record.id);
  return Object.fromEntries(found.map((id) => [recordName(side, id), valuesOf(records[id])]));
}

/** Hints about every record that either system ever had: what a full sweep reads. */
export function everyRecord(world: World): readonly Hint[] {
  return SYSTEMS.flatMap((system) => Object.keys(world.systems[system].records).map((native_id) => ({ system, native_id })));
}
