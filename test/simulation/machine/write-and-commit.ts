/** From a plan to what the ledger remembers: Reserve, the writers one after the other, Commit. */
import type { Patch, RunContext, WriteResult } from '../../../core/model';
import { denormalizePatch, stampOfWrite, type Denormalized } from '../../../core/stages/denormalize';
import { commitItem } from '../../../core/stages/ledger-commit';
import { recheckReads, retryAfter } from '../../../core/stages/recheck-reads';
import { assertNever } from '../../../core/sync-error';
import { writeOutcome } from '../../../core/stages/write-outcome';
import type { CommitItem, CommitVerdict, ReserveVerdict } from '../../../ledger/ledger-store';
import type { MachineSettings, Pass, Planned } from './run-state';

/** The canvas never holds an item longer than this. */
const LONGEST_WAIT_SECONDS = 60;

export interface PendingWrite {
  readonly planned: Planned;
  readonly patch: Patch;
  readonly denormalized: Denormalized;
}

export function afterReserve(pass: Pass, verdicts: readonly ReserveVerdict[]): Pass {
  let next: Pass = { ...pass, to_reserve: [] };
  for (const [index, planned] of pass.to_reserve.entries()) {
    const verdict = verdicts[index];
    if (verdict === undefined) throw new Error('The ledger gave fewer verdicts than it was asked for.');
    switch (verdict.kind) {
      case 'Reserved':
        next = { ...next, reserved: [...next.reserved, { ...planned, fencing_token: verdict.fencing_token }] };
        break;
      case 'Recheck':
        next = lookAgain(next, planned, verdict.claimed_by, []);
        break;
      case 'Held':
        // Its notes stay: when a person has let the sync go on, a sweep takes them up.
        break;
      default:
        assertNever(verdict);
    }
  }
  return next;
}

function lookAgain(pass: Pass, planned: Planned, claimed_by: string | null, read: ReturnType<typeof recheckReads>): Pass {
  const hints = read.length === 0 ? recheckReads(pass.run, planned.plan, planned) : read;
  const wait = Math.min(LONGEST_WAIT_SECONDS, Math.max(pass.wait_seconds, retryAfter(planned.writes) ?? 0));
  return { ...pass, wait_seconds: wait, again: [...pass.again, { hints, full: true, as_record_key: claimed_by, from_target: false, attempt: pass.run.attempt + 1 }] };
}

/** The writes of the target first, for the whole batch, then corrections of the source. */
export function nextWrite(settings: MachineSettings, pass: Pass): PendingWrite | null {
  for (const system of [pass.run.target, pass.run.source]) {
    for (const planned of pass.reserved) {
      const patch = planned.plan.patches.find((candidate) => candidate.system === system);
      if (patch === undefined || planned.writes.some((write) => write.system === system)) continue;
      const reservation = planned.fencing_token === null ? null : { fencing_token: planned.fencing_token };
      const stamp = stampOfWrite(pass.run, planned.plan, patch, reservation, settings.echo.origin_stamp.sentinel);
      return { planned, patch, denormalized: denormalizePatch(mappingOf(settings, system), patch, stamp) };
    }
  }
  return null;
}

export function mappingOf(settings: MachineSettings, system: string) {
  const mapping = settings.mappings[system];
  if (mapping === undefined) throw new Error(`No mapping of ${system}`);
  return mapping;
}

/** What cannot be said in the system's words is not sent; Commit still has to release the lease. */
export function refuseUnsendable(settings: MachineSettings, pass: Pass): Pass {
  const pending = nextWrite(settings, pass);
  if (pending?.denormalized.kind !== 'Rejected') return pass;
  const result: WriteResult = { system: pending.patch.system, outcome: { kind: 'rejected', reason: pending.denormalized.reasons.join(' ') } };
  return refuseUnsendable(settings, withResult(pass, pending.planned, result));
}

export function afterWrite(settings: MachineSettings, pass: Pass, response: unknown): Pass {
  const pending = nextWrite(settings, pass);
  if (pending === null) throw new Error('No write is under way.');
  const { planned, patch } = pending;
  const outcome = writeOutcome(mappingOf(settings, patch.system), response, { op: patch.op, native_id: patch.native_id });
  return refuseUnsendable(settings, withResult(pass, planned, { system: patch.system, outcome }));
}

function withResult(pass: Pass, planned: Planned, result: WriteResult): Pass {
  return { ...pass, reserved: pass.reserved.map((item) => (item === planned ? { ...item, writes: [...item.writes, result] } : item)) };
}

export function commitItems(run: RunContext, planned: readonly Planned[]): readonly CommitItem[] {
  return planned.map(({ plan, row, fencing_token, writes }) => commitItem(run, plan, row, fencing_token === null ? null : { fencing_token }, writes));
}

export function afterCommit(pass: Pass, planned: readonly Planned[], verdicts: readonly CommitVerdict[]): Pass {
  let next = pass;
  for (const [index, item] of planned.entries()) {
    const verdict = verdicts[index];
    if (verdict === undefined) throw new Error('The ledger gave fewer verdicts than it was asked for.');
    if (verdict.kind === 'Recheck') next = lookAgain(next, item, verdict.claimed_by, verdict.read);
  }
  return next;
}
