/**
 * One run of the sync as a pure, resumable machine over the very stages that the nodes call, in the order of
 * `tools/templates/parent.ts`. It does no I/O: it says what it wants next and takes the answer. Its state is plain JSON, so
 * that a driver may keep it, branch it or drop it (which is a crash).
 */
import type { Hint, SystemName } from '../../core/model';
import { reserveItem } from '../../core/stages/reserve-item';
import { readsOf, type Starting } from '../../core/stages/start-reads';
import { assertNever } from '../../core/sync-error';
import type { StartRequest, StartResult } from '../../ledger/ledger-store';
import { compareBatch } from './machine/compare';
import { afterCheck, askedOfTarget, checkItems, endOutOfScope, issueOf, readingOf } from './machine/read-source';
import { passOf, type Answer, type Effect, type Job, type MachineSettings, type Pass, type RunState } from './machine/run-state';
import { afterCommit, afterReserve, afterWrite, commitItems, nextWrite, refuseUnsendable } from './machine/write-and-commit';

export type { Answer, Effect, MachineSettings, RunState } from './machine/run-state';

export interface Beginning {
  readonly source: SystemName;
  readonly target: SystemName;
  readonly hints: readonly Hint[];
  readonly cause: string;
  /** Both sides are compared, whatever the source looks like. */
  readonly full?: boolean;
}

export function beginRun(_settings: MachineSettings, { source, target, hints, cause, full = false }: Beginning): RunState {
  const items = hints.map((hint): Starting => ({ hints: [hint], full, as_record_key: null, from_target: false, attempt: 0 }));
  return { pass: null, wait_seconds: 0, jobs: [{ source, target, cause, items, wait_seconds: 0 }] };
}

/** Null: the run is over. */
export function wantedEffect(settings: MachineSettings, state: RunState): Effect | null {
  const { pass } = state;
  if (pass === null) return state.jobs[0] === undefined ? null : { kind: 'start', request: startRequest(settings, state.jobs[0]) };
  const { run } = pass;
  switch (stepOf(settings, pass)) {
    case 'read source':
      return { kind: 'read', system: run.source, asked: { native_id: pass.reads[0]?.hint.native_id ?? null, match_key: null } };
    case 'check':
      return { kind: 'check', run, items: checkItems(settings, pass) };
    case 'read target':
      return { kind: 'read', system: run.target, asked: askedNext(pass) };
    case 'store questions':
      return { kind: 'commit', run, items: commitItems(run, pass.questions) };
    case 'reserve':
      return { kind: 'reserve', run, items: pass.to_reserve.map(({ plan, row, source, target }) => reserveItem(reserveSettings(settings), run, plan, row, [source, target])) };
    case 'write': {
      const write = nextWrite(settings, pass);
      if (write?.denormalized.kind !== 'Valid') throw new Error('Nothing can be sent.');
      return { kind: 'write', system: write.patch.system, request: write.denormalized.request };
    }
    case 'commit':
      return { kind: 'commit', run, items: commitItems(run, pass.reserved) };
    case 'commit converged':
      return { kind: 'commit', run, items: commitItems(run, pass.converged) };
    case 'finish':
      return { kind: 'finish', run, items: pass.ended };
    case 'over':
      throw new Error('A pass that is over is never kept.');
  }
}

const reserveSettings = ({ lease_seconds, echo }: MachineSettings) => ({ lease_seconds, sentinel: echo.origin_stamp.sentinel });

type Step = 'read source' | 'check' | 'read target' | 'store questions' | 'reserve' | 'write' | 'commit' | 'commit converged' | 'finish' | 'over';

function stepOf(settings: MachineSettings, pass: Pass): Step {
  if (pass.reads.length > 0) return 'read source';
  if (pass.read.length > 0) return 'check';
  if (pass.target_reads.length > 0) return 'read target';
  if (pass.questions.length > 0) return 'store questions';
  if (pass.to_reserve.length > 0) return 'reserve';
  if (pass.reserved.length > 0) return nextWrite(settings, pass) === null ? 'commit' : 'write';
  if (pass.converged.length > 0) return 'commit converged';
  return pass.ended.length > 0 ? 'finish' : 'over';
}

function startRequest({ sync, record_type }: MachineSettings, { source, target, cause, items }: Job): StartRequest {
  const attempt = Math.max(0, ...items.map((item) => item.attempt));
  const hints = items.flatMap((item) => item.hints.map((hint) => ({ ...hint, noted_before: item.attempt > 0 })));
  return { sync, record_type, source, target, hints, dry_run: false, attempt, execution_id: null, cause: attempt > 0 ? 'recheck' : cause };
}

export function resumeRun(settings: MachineSettings, state: RunState, answer: Answer): RunState {
  const { pass } = state;
  if (pass === null) return begun(settings, state, answer);
  if (answer.kind === 'failed') return afterFailure(settings, state, pass, answer.reason);
  const step = stepOf(settings, pass);
  switch (step) {
    case 'read source':
      return afterSourceRead(settings, state, pass, expected(answer, 'response').response);
    case 'check':
      return settled(settings, state, afterCheck(settings, pass, expected(answer, 'check').verdicts));
    case 'read target':
      return afterTargetRead(settings, state, pass, expected(answer, 'response').response);
    case 'store questions':
      return settled(settings, state, afterCommit({ ...pass, questions: [] }, pass.questions, expected(answer, 'commit').verdicts));
    case 'reserve':
      return settled(settings, state, refuseUnsendable(settings, afterReserve(pass, expected(answer, 'reserve').verdicts)));
    case 'write':
      return settled(settings, state, afterWrite(settings, pass, expected(answer, 'response').response));
    case 'commit':
      return settled(settings, state, afterCommit({ ...pass, reserved: [] }, pass.reserved, expected(answer, 'commit').verdicts));
    case 'commit converged':
      return settled(settings, state, afterCommit({ ...pass, converged: [] }, pass.converged, expected(answer, 'commit').verdicts));
    case 'finish':
      return settled(settings, state, { ...pass, ended: [] });
    case 'over':
      throw new Error('The run is over.');
    default:
      return assertNever(step);
  }
}

function expected<Kind extends Answer['kind']>(answer: Answer, kind: Kind): Extract<Answer, { kind: Kind }> {
  if (!isAnswer(answer, kind)) throw new Error(`A ${kind} was asked for, and a ${answer.kind} came.`);
  return answer;
}

function isAnswer<Kind extends Answer['kind']>(answer: Answer, kind: Kind): answer is Extract<Answer, { kind: Kind }> {
  return answer.kind === kind;
}

function begun(settings: MachineSettings, state: RunState, answer: Answer): RunState {
  const [job, ...jobs] = state.jobs;
  // Nothing was noted: whoever asked is told so, and asks again.
  if (job === undefined || answer.kind === 'failed') return { pass: null, jobs: [], wait_seconds: 0 };
  const { run, noted }: StartResult = expected(answer, 'start').result;
  const { own, other } = readsOf(run, job.items.map((value, index) => ({ index, value })), noted);
  const reverse = other.map(({ hint, full, as_record_key }): Starting => ({ hints: [hint], full, as_record_key, from_target: false, attempt: run.attempt }));
  const more: readonly Job[] = reverse.length === 0 ? [] : [{ source: run.target, target: run.source, cause: 'call', items: reverse, wait_seconds: 0 }];
  return settled(settings, { pass: null, jobs: [...jobs, ...more], wait_seconds: 0 }, passOf(run, own));
}

function afterSourceRead(settings: MachineSettings, state: RunState, pass: Pass, response: unknown): RunState {
  const [read, ...reads] = pass.reads;
  if (read === undefined) throw new Error('No read is under way.');
  const reading = readingOf(settings, pass.run.source, { native_id: read.hint.native_id, match_key: null }, response, pass.tries, { record_key: read.record_key, hints: [read.hint] });
  switch (reading.kind) {
    case 'ask again':
      return { ...state, wait_seconds: reading.wait_seconds, pass: { ...pass, tries: pass.tries + 1 } };
    case 'rejected':
      return settled(settings, state, { ...pass, reads, tries: 0, ended: [...pass.ended, reading.issue] });
    case 'read':
      return settled(settings, state, { ...pass, reads, tries: 0, read: [...pass.read, { read, source: reading.observation }] });
    default:
      return assertNever(reading);
  }
}

function askedNext(pass: Pass) {
  const [item] = pass.target_reads;
  const asked = item === undefined ? null : askedOfTarget(pass, item);
  if (asked === null) throw new Error('No target is to be read.');
  return asked;
}

function afterTargetRead(settings: MachineSettings, state: RunState, pass: Pass, response: unknown): RunState {
  const [item, ...target_reads] = pass.target_reads;
  if (item === undefined) throw new Error('No target is to be read.');
  const { source, record_key } = item;
  const hints = source.native_id === null ? [] : [{ system: source.system, native_id: source.native_id }];
  const reading = readingOf(settings, pass.run.target, askedNext(pass), response, pass.tries, { record_key, hints });
  switch (reading.kind) {
    case 'ask again':
      return { ...state, wait_seconds: reading.wait_seconds, pass: { ...pass, tries: pass.tries + 1 } };
    case 'rejected':
      return settled(settings, state, { ...pass, target_reads, tries: 0, ended: [...pass.ended, reading.issue] });
    case 'read':
      return settled(settings, state, { ...pass, target_reads, tries: 0, target_read: [...pass.target_read, { item, target: reading.observation }] });
    default:
      return assertNever(reading);
  }
}

/** What needs no answer is done at once, until the pass wants something or is over. */
function settled(settings: MachineSettings, state: RunState, given: Pass): RunState {
  let pass = given;
  if (pass.reads.length === 0) pass = endOutOfScope(pass);
  if (pass.reads.length + pass.read.length + pass.target_reads.length === 0 && pass.target_read.length > 0) pass = compareBatch(settings, pass);
  if (stepOf(settings, pass) !== 'over') return { ...state, pass, wait_seconds: 0 };
  return over(settings, state, pass);
}

/** The loop of Rechecks is bounded; the note in the ledger outlives the bound, and a sweep takes it up. */
function over(settings: MachineSettings, state: RunState, { run, again, wait_seconds }: Pass): RunState {
  const items = again.filter(({ attempt }) => attempt < settings.max_attempts);
  const jobs = items.length === 0 ? state.jobs : [{ source: run.source, target: run.target, cause: 'recheck', items, wait_seconds }, ...state.jobs];
  return { pass: null, jobs, wait_seconds: jobs[0]?.wait_seconds ?? 0 };
}

/** Nothing is known about any record of the call, so none goes on; each is reported, and its note stays. */
function afterFailure(settings: MachineSettings, state: RunState, pass: Pass, reason: string): RunState {
  const step = stepOf(settings, pass);
  const failed = (record_key: string | null, native_id: string | null) => issueOf(pass.run.source, native_id, 'failed_item', [reason], true, { record_key, hints: [] });
  const planned = (items: Pass['reserved']) => items.map(({ plan, source }) => failed(plan.record_key, source.native_id));
  const report = (rest: Partial<Pass>, ended: Pass['ended']): RunState => settled(settings, state, { ...pass, ...rest, ended: [...pass.ended, ...ended] });
  switch (step) {
    case 'check':
      return report({ read: [] }, pass.read.map(({ read, source }) => failed(read.record_key ?? source.record_key, read.hint.native_id)));
    case 'store questions':
      return report({ questions: [] }, planned(pass.questions));
    case 'reserve':
      return report({ to_reserve: [] }, planned(pass.to_reserve));
    case 'commit':
      return report({ reserved: [] }, planned(pass.reserved));
    case 'commit converged':
      return report({ converged: [] }, planned(pass.converged));
    case 'finish':
      // Nothing can go on without the ledger: the workflow stops.
      return { pass: null, jobs: [], wait_seconds: 0 };
    case 'read source':
    case 'read target':
    case 'write':
    case 'over':
      throw new Error(`The ledger is not asked while the run is to ${step}.`);
    default:
      return assertNever(step);
  }
}
