import type { Hint, Pair, RecordKey } from '../../core/model';
import { decideReserve, type ReserveDecision, type ReserveFacts } from '../../core/stages/ledger-reserve';
import type { ReserveItem, ReserveVerdict } from '../ledger-store';
import { claimNote, noteHint, notesOf } from './notes';
import { forgottenSeq } from './prune';
import { addIntent, insertRow, linkHolder, loadRow, matchKeyHolder, saveLink, saveRow, supersedeIntents, type StoredRow } from './records';
import { count } from './runs';
import { nextNumber } from './sequence';
import type { Step } from './step';

export function reserve(step: Step, items: readonly ReserveItem[]): readonly ReserveVerdict[] {
  const seen = new Set<RecordKey>();
  const verdicts = items.map((item) => {
    const verdict = reserveOne(step, item, seen.has(item.record_key));
    seen.add(item.record_key);
    return verdict;
  });
  if (!step.run.dry_run) count(step.connection, step.run, verdicts.map((verdict) => verdict.kind.toLowerCase()));
  return verdicts;
}

function reserveOne(step: Step, item: ReserveItem, repeated_in_batch: boolean): ReserveVerdict {
  const { connection, run, now } = step;
  const row = loadRow(connection, run.sync, item.record_key);
  const decision = decideReserve(row, item, { ...factsOf(step, item), repeated_in_batch }, run, now);
  switch (decision.kind) {
    case 'Held':
      return { ...decision, kind: 'Reserved', record_key: item.record_key };
    case 'Recheck':
      if (!run.dry_run) tellMatchKeyHolder(step, item, decision);
      return { ...decision, record_key: item.record_key };
    case 'Proceed':
      return take(step, item, row);
  }
}

/** What the row itself does not say. A Commit without a write asks the same. */
export function factsOf({ connection, run }: Step, item: { readonly record_key: RecordKey; readonly links: Pair<string | null>; readonly intents?: ReserveItem['intents'] }): Omit<ReserveFacts, 'repeated_in_batch'> {
  const ids = hintsOf(item.links);
  const links = ids.map((id) => linkHolder(connection, run.sync, id.system, id.native_id));
  const matches = (item.intents ?? []).map((intent) => (intent.op === 'create' && intent.match_key !== null ? matchKeyHolder(connection, run.sync, intent.system, intent.match_key, item.record_key) : null));
  return {
    youngest_hint: Math.max(forgottenSeq(connection, run.sync), ...notesOf(connection, run.sync, item.record_key, ids).map((note) => note.hint_seq)),
    link_holder: links.find((holder) => holder !== null && holder !== item.record_key) ?? null,
    match_key_holder: matches.find((holder) => holder !== null) ?? null,
  };
}

export function hintsOf(links: Pair<string | null>): readonly Hint[] {
  return Object.entries(links).flatMap(([system, native_id]) => (native_id === null ? [] : [{ system, native_id }])).sort((a, b) => (a.system < b.system ? -1 : 1));
}

/** The holder's Commit then sends its run back to this record, which by then finds the created one. */
function tellMatchKeyHolder({ connection, run }: Step, item: ReserveItem, decision: Extract<ReserveDecision, { kind: 'Recheck' }>): void {
  const native_id = item.links[run.source] ?? null;
  if (decision.reason !== 'match_key_claimed' || native_id === null) return;
  noteHint(connection, run.sync, { system: run.source, native_id }, decision.claimed_by);
}

function take({ connection, run, now }: Step, item: ReserveItem, found: StoredRow | null): ReserveVerdict {
  const expires_at = new Date(Date.parse(now) + item.lease_seconds * 1000).toISOString();
  const reserved = { kind: 'Reserved', record_key: item.record_key, version: item.version + 1, lease_expires_at: expires_at } as const;
  if (run.dry_run) return { ...reserved, fencing_token: 0 };
  const row = found ?? insertRow(connection, run.sync, item.record_key);
  const changed_seq = nextNumber(connection);
  const fencing_token = nextNumber(connection);
  supersedeIntents(connection, run.sync, item.record_key);
  for (const draft of item.intents) addIntent(connection, run.sync, item.record_key, fencing_token, draft, run.run_id, expires_at);
  for (const hint of hintsOf(item.links)) {
    saveLink(connection, run.sync, hint.system, hint.native_id, item.record_key);
    claimNote(connection, run.sync, hint, item.record_key);
  }
  saveRow(connection, run.sync, { ...row, version: reserved.version, changed_seq, fencing_token, lease: { run_id: run.run_id, expires_at } }, now);
  return { ...reserved, fencing_token };
}
