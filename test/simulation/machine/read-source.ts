/** The source's side of a pass: read, normalize, Check, Echo Guard. */
import type { Hint, Observation, RecordKey } from '../../../core/model';
import { checkRequest } from '../../../core/stages/check-request';
import { decideEcho } from '../../../core/stages/echo-guard';
import { readResponse, type Asked, type ReadOutcome } from '../../../core/stages/read-response';
import { soughtRecord } from '../../../core/stages/sought-record';
import type { StartRead } from '../../../core/stages/start-reads';
import { assertNever } from '../../../core/sync-error';
import type { CheckItem, CheckVerdict, FinishItem } from '../../../ledger/ledger-store';
import type { Compared, MachineSettings, Pass } from './run-state';

/** As the ingest workflow: a short pause is granted three times, a longer one is the sweep's. */
const SHORT_PAUSE_SECONDS = 10;
const PAUSES = 3;

export type Reading =
  | { readonly kind: 'read'; readonly observation: Observation }
  | { readonly kind: 'ask again'; readonly wait_seconds: number }
  | { readonly kind: 'rejected'; readonly issue: FinishItem };

/** @param about the record that the failed read was made for; its note is ended unless trying again may help. */
export function readingOf(settings: MachineSettings, system: string, asked: Asked, response: unknown, tries: number, about: { readonly record_key: RecordKey | null; readonly hints: readonly Hint[] }): Reading {
  const mapping = settings.mappings[system];
  if (mapping === undefined) throw new Error(`No mapping of ${system}`);
  const outcome: ReadOutcome = readResponse(mapping, response, asked, { list_path: settings.list_path });
  switch (outcome.kind) {
    case 'Valid':
      return { kind: 'read', observation: outcome.observation };
    case 'Rejected':
      return { kind: 'rejected', issue: issueOf(system, outcome.native_id, outcome.code, outcome.reasons, false, about) };
    case 'Failed': {
      const { reasons, retry_after_seconds } = outcome;
      if (retry_after_seconds !== null && retry_after_seconds <= SHORT_PAUSE_SECONDS && tries < PAUSES) return { kind: 'ask again', wait_seconds: retry_after_seconds };
      return { kind: 'rejected', issue: issueOf(system, null, 'read_failed', reasons, retry_after_seconds !== null, about) };
    }
    default:
      return assertNever(outcome);
  }
}

/** What may succeed later keeps its note, so that a sweep takes it up. */
export function issueOf(system: string, native_id: string | null, code: string, reasons: readonly string[], retryable: boolean, about: { readonly record_key: RecordKey | null; readonly hints: readonly Hint[] }): FinishItem {
  return { record_key: about.record_key, hints: retryable ? [] : about.hints, outcome: retryable ? 'issue' : 'rejected', issues: [{ record_key: about.record_key, system, native_id, code, reasons }] };
}

export function checkItems(settings: MachineSettings, pass: Pass): readonly CheckItem[] {
  return pass.read.flatMap(({ read, source }) => checkRequest({ recent_seconds: settings.recent_seconds, sentinel: settings.echo.origin_stamp.sentinel }, pass.run, source, read.hint.native_id, read) ?? []);
}

/** Out of scope: not asked about, and its note is handled. */
export function endOutOfScope(pass: Pass): Pass {
  const outside = pass.read.filter(({ source }) => source.presence === 'out_of_scope');
  if (outside.length === 0) return pass;
  const ended = outside.map(({ read, source }): FinishItem => ({ record_key: read.record_key ?? source.record_key, hints: [read.hint], outcome: 'unchanged', issues: [] }));
  return { ...pass, read: pass.read.filter((item) => !outside.includes(item)), ended: [...pass.ended, ...ended] };
}

export function afterCheck(settings: MachineSettings, pass: Pass, verdicts: readonly CheckVerdict[]): Pass {
  let next: Pass = { ...pass, read: [] };
  for (const [index, { read, source }] of pass.read.entries()) {
    const verdict = verdicts[index];
    if (verdict === undefined) throw new Error('The ledger gave fewer verdicts than it was asked for.');
    next = placed(settings, next, read, source, verdict);
  }
  return next;
}

function placed(settings: MachineSettings, pass: Pass, read: StartRead, source: Observation, verdict: CheckVerdict): Pass {
  switch (verdict.kind) {
    case 'Unchanged':
    case 'Busy':
      return pass;
    case 'Recheck':
      return { ...pass, again: [...pass.again, { hints: [read.hint], full: true, as_record_key: null, from_target: false, attempt: pass.run.attempt + 1 }] };
    case 'Changed': {
      const { row, full } = verdict;
      const record_key = row?.record_key ?? source.record_key;
      if (record_key === null) throw new Error(`A record without a key: ${read.hint.native_id}`);
      const echo = decideEcho(settings.echo, pass.run, { observation: source, row, full });
      if (echo.kind === 'Echo') return { ...pass, ended: [...pass.ended, { record_key, hints: [read.hint], outcome: 'echo', issues: [] }] };
      const item: Compared = { record_key, source, row, full, held_fields: echo.kind === 'Held' ? echo.held_fields : [] };
      return askedOfTarget(pass, item) === null
        ? { ...pass, target_read: [...pass.target_read, { item, target: null }] }
        : { ...pass, target_reads: [...pass.target_reads, item] };
    }
    default:
      return assertNever(verdict);
  }
}

/** By its link; without one, by match key; null when there is nothing to look for. */
export function askedOfTarget({ run }: Pick<Pass, 'run'>, { row, source }: Compared): Asked | null {
  const { native_id, match_key } = soughtRecord(row, run.target, source);
  return native_id === null && match_key === null ? null : { native_id, match_key: native_id === null ? match_key : null };
}
