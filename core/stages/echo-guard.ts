import { fieldOf, sameValue } from '../json/canonical-record';
import { directionOf } from '../model';
import type { LedgerRow, Observation, RunContext } from '../model';
import { parseStamp } from '../origin-stamp';
import type { EchoGuardSettings } from './stage-settings';

export interface EchoInput {
  readonly observation: Observation;
  readonly row: LedgerRow | null;
  /** True after a Recheck: both sides must be compared, whatever this side looks like. */
  readonly full: boolean;
}

export type EchoVerdict =
  | { readonly kind: 'Genuine'; readonly reason: string }
  | { readonly kind: 'Echo'; readonly proof: 'origin_stamp' | 'write_hash'; readonly reason: string }
  | { readonly kind: 'Held'; readonly held_fields: readonly string[]; readonly reason: string };

/**
 * Is this change only our own write coming back? A saving, never the correctness: with it switched off all results are the
 * same, and only more reads are made. So whatever needs both sides to be compared (a Recheck, an unsettled intent, a
 * decision, a deletion) is Genuine at once.
 */
export function decideEcho(settings: EchoGuardSettings, run: RunContext, input: EchoInput): EchoVerdict {
  const { observation, row, full } = input;
  if (row === null) return genuine('not known yet');
  if (full) return genuine('read again: both sides are compared');
  if (observation.presence !== 'present') return genuine(`record is ${observation.presence}`);
  if (row.intents.length > 0) return genuine('an open intent must be settled');
  const past = row.snapshots[observation.system] ?? null;
  if (past !== null && past.mapping_fingerprint !== observation.schema.mapping_fingerprint) return genuine('read by another mapping than before');
  if (row.reviews.some((review) => review.status === 'decided')) return genuine('a decision waits');

  // Its own snapshot must say the same, whatever else speaks for an echo. Equal to the value that was synced, though not to what this
  // side was last seen to hold, it is a change: ended here, the snapshot would stay wrong, and the next edit of the other side meet it.
  const unmoved = movedFields(observation, row).length === 0;
  if (unmoved && settings.origin_stamp.on && isStampOfRow(settings.origin_stamp.sentinel, run, observation, row)) {
    return { kind: 'Echo', proof: 'origin_stamp', reason: 'carries our stamp, and nothing has moved since our commit' };
  }
  // Only the newest tuple over both directions: with "ever written", a value set back would be taken for an echo.
  if (unmoved && settings.write_hash.on && observation.fingerprint !== null && row.latest?.field_hash === observation.fingerprint) {
    return { kind: 'Echo', proof: 'write_hash', reason: 'equal to the latest value that was synced' };
  }
  if (settings.suppression_window.on) {
    const held = alternatingFields(run, observation, row, settings.suppression_window.alternations);
    if (held.length > 0) return { kind: 'Held', held_fields: held, reason: `${held.join(', ')} changed sides ${settings.suppression_window.alternations} times within ${settings.suppression_window.seconds} s` };
  }
  return genuine('content is new');
}

function genuine(reason: string): EchoVerdict {
  return { kind: 'Genuine', reason };
}

/**
 * The stamp stays on the record when a user edits it later, so it proves an echo only together with the values: every
 * observed field is as our commit left it. Comparing with the stamp's own hash would take a value set back for an echo.
 */
function isStampOfRow(sentinel: string, run: RunContext, observation: Observation, row: LedgerRow): boolean {
  const stamp = parseStamp(observation.stamp, sentinel);
  return stamp !== null && stamp.sync === run.sync && stamp.record_key === row.record_key && row.snapshots[observation.system]?.presence === 'present';
}

/** Fields whose commits changed direction at least `alternations` times in the window, counting the one that would come now. */
function alternatingFields(run: RunContext, observation: Observation, row: LedgerRow, alternations: number): readonly string[] {
  const direction = directionOf(run.source, run.target);
  return movedFields(observation, row).filter((name) => {
    const directions = [direction, ...row.recent.filter((entry) => entry.fields.includes(name)).map((entry) => entry.direction)];
    const turns = directions.filter((entry, index) => index > 0 && entry !== directions[index - 1]).length;
    return turns >= alternations;
  });
}

/** Fields of the observation that differ from what our latest commit left of this side. */
function movedFields(observation: Observation, row: LedgerRow): readonly string[] {
  const snapshot = row.snapshots[observation.system];
  const past = snapshot?.presence === 'present' ? snapshot.record : {};
  return Object.keys(observation.record).filter((name) => !sameValue(fieldOf(observation.record, name), fieldOf(past, name)));
}
