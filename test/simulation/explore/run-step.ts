/** One step of one run: its wanted effect is carried out, whole, on the systems or the ledger. */
import type { Hint } from '../../../core/model';
import type { WriteRequest } from '../../../core/stages/denormalize';
import { checkStep, commitStep, finishStep, reserveStep, startStep } from '../../support/memory-ledger/steps';
import { answer, liveRecords, type FakeRecord } from '../fake-system';
import { beginRun, resumeRun, wantedEffect, type Answer, type Effect } from '../run-machine';
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
  const effect = wantedEffect(setting.machine, running.state);
  if (effect === null) throw new Error('A run that is over was kept.');
  const done = carryOut(world, running, effect);
  const state = resumeRun(setting.machine, running.state, done.answer);
  const { run_id, read_token } = state.pass?.run ?? { run_id: '', read_token: 0 };
  const next = wantedEffect(setting.machine, state) === null ? [] : [{ state, run_id, read_token, seen: done.seen }];
  return { ...done.world, runs: [...world.runs.slice(0, index), ...next, ...world.runs.slice(index + 1)] };
}

interface Done {
  readonly world: World;
  readonly answer: Answer;
  readonly seen: Running['seen'];
}

function carryOut(world: World, running: Running, effect: Effect): Done {
  const now = new Date(world.now).toISOString();
  const { seen } = running;
  switch (effect.kind) {
    case 'start': {
      const { state, answer: result } = startStep(world.ledger, effect.request, now);
      return { world: { ...world, ledger: { ...state, runs: {} } }, answer: { kind: 'start', result }, seen };
    }
    case 'check': {
      const { state, answer: verdicts } = checkStep(world.ledger, effect.run, effect.items, now);
      return { world: { ...world, ledger: state }, answer: { kind: 'check', verdicts }, seen };
    }
    case 'reserve': {
      const { state, answer: verdicts } = reserveStep(world.ledger, effect.run, effect.items, now);
      return { world: { ...world, ledger: state }, answer: { kind: 'reserve', verdicts }, seen };
    }
    case 'commit': {
      const { state, answer: verdicts } = commitStep(world.ledger, effect.run, effect.items, now);
      return { world: { ...world, ledger: { ...state, history: {} } }, answer: { kind: 'commit', verdicts }, seen };
    }
    case 'finish': {
      const { state } = finishStep(world.ledger, effect.run, effect.items, now);
      return { world: { ...world, ledger: state }, answer: { kind: 'finish' }, seen };
    }
    case 'read': {
      const side = sideOf(effect.system);
      const { response } = answer(world.systems[side], effect, UNTOLD);
      return { world, answer: { kind: 'response', response }, seen: { ...seen, ...readNow(world, side, effect.asked) } };
    }
    case 'write': {
      const { world: written, response } = write(world, running, sideOf(effect.system), effect.request);
      return { world: written, answer: { kind: 'response', response }, seen };
    }
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
