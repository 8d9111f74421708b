import type { Hint, Pair, RecordKey } from '../../core/model';
import type { GuardSettings } from '../../core/policies/guard-settings';
import { decideReserve, givesWay, type ReserveDecision, type ReserveFacts } from '../../core/stages/ledger-reserve';
import type { RecheckReason, ReserveItem, ReserveVerdict } from '../ledger-store';
import { guardBatch } from './guard-batch';
import { latestSeq, type Step, type StoredRow } from './step';

interface Answered {
  readonly verdict: ReserveVerdict;
  /** What the guards of later runs count. */
  readonly planned: ReserveItem['intents'];
}

export function reserve(step: Step, items: readonly ReserveItem[], guards?: GuardSettings): readonly ReserveVerdict[] {
  const holds = guardBatch(step, items, guards);
  const seen = new Set<RecordKey>();
  const answered = items.map((item): Answered => {
    const hold = holds.all ?? holds.records.get(item.record_key) ?? null;
    if (hold !== null) return { verdict: { kind: 'Held', record_key: item.record_key, hold }, planned: [] };
    const answer = reserveOne(step, item, seen.has(item.record_key));
    seen.add(item.record_key);
    return answer;
  });
  if (!step.run.dry_run) step.tables.count(answered.flatMap(outcomesOf));
  return answered.map(({ verdict }) => verdict);
}

function outcomesOf({ verdict, planned }: Answered): readonly string[] {
  return [verdict.kind.toLowerCase(), ...planned.flatMap(({ op }) => (op === 'delete' ? ['planned_write', 'planned_delete'] : ['planned_write']))];
}

function reserveOne(step: Step, item: ReserveItem, repeated_in_batch: boolean): Answered {
  const { tables, run, now } = step;
  const row = tables.row(item.record_key);
  const decision = decideReserve(row, item, { ...factsOf(step, item), repeated_in_batch }, run, now);
  switch (decision.kind) {
    case 'Repeated':
      return { verdict: { ...decision, kind: 'Reserved', record_key: item.record_key }, planned: [] };
    case 'Recheck':
      if (!run.dry_run) tellMatchKeyHolder(step, item, decision);
      withdrawQuestion(step, row, decision.reason);
      return { verdict: { ...decision, record_key: item.record_key }, planned: [] };
    case 'Proceed':
      return { verdict: take(step, item, row), planned: item.intents };
  }
}

/** What the row itself does not say. A Commit without a write asks the same. */
export function factsOf(step: Step, item: { readonly record_key: RecordKey; readonly links: Pair<string | null>; readonly intents?: ReserveItem['intents'] }): Omit<ReserveFacts, 'repeated_in_batch'> {
  const { tables } = step;
  const ids = hintsOf(item.links);
  const matches = (item.intents ?? []).map((intent) => (intent.op === 'create' && intent.match_key !== null ? tables.matchKeyHolder(intent.system, intent.match_key, item.record_key) : null));
  return {
    youngest_hint: Math.max(tables.forgottenSeq(), ...tables.notesOf(item.record_key, ids).map(latestSeq)),
    link_holder: ids.map((id) => foreignHolder(step, id, item.record_key)).find((holder) => holder !== null) ?? null,
    match_key_holder: matches.find((holder) => holder !== null) ?? null,
  };
}

/** Another row that a native id belongs to and stays with. */
export function foreignHolder({ tables, now }: Step, id: Hint, record_key: RecordKey): RecordKey | null {
  const holder = tables.linkHolder(id);
  if (holder === null || holder === record_key) return null;
  const row = tables.row(holder);
  return row !== null && givesWay(row, tables.row(record_key), now) ? null : holder;
}

/**
 * The native ids belong to this row from now on, and whatever was noted about them. Whoever else has one gives way, or nobody would come here
 * with it. What they take the place of has no row any more whose `changed_seq` could say that a read of it is too old: its note says so.
 */
export function saveLinks({ tables }: Step, links: Pair<string | null>, row: StoredRow): void {
  for (const hint of hintsOf(links)) {
    tables.claimNote(hint, row.record_key);
    if (row.links[hint.system] === hint.native_id) continue;
    // Its own: a system may be called what every object has.
    const former = Object.hasOwn(row.links, hint.system) ? row.links[hint.system] : undefined;
    if (former !== undefined) tables.noteUnlinked({ system: hint.system, native_id: former });
    const holder = tables.linkHolder(hint);
    if (holder !== null) tables.dropRow(holder, row.record_key);
    tables.saveLink(hint, row.record_key);
  }
}

/** In the order of the systems' names. */
export function hintsOf(links: Pair<string | null>): readonly Hint[] {
  return Object.entries(links).flatMap(([system, native_id]) => (native_id === null ? [] : [{ system, native_id }])).sort((a, b) => (a.system < b.system ? -1 : 1));
}

/** The holder's Commit then sends its run back to this record, which by then finds the created one. */
function tellMatchKeyHolder({ tables, run }: Step, item: ReserveItem, decision: Extract<ReserveDecision, { kind: 'Recheck' }>): void {
  const native_id = item.links[run.source] ?? null;
  if (decision.reason !== 'match_key_claimed' || native_id === null) return;
  tables.noteHint({ system: run.source, native_id }, decision.claimed_by);
}

/**
 * Whoever claims another row's record knows which of several is meant, and the question is none any more: while it stood, this row would
 * not give way to that one.
 */
export function withdrawQuestion({ tables, run }: Step, row: StoredRow | null, reason: RecheckReason): void {
  if (run.dry_run || row === null || reason !== 'link_claimed') return;
  tables.closeReviews(row.record_key, row.reviews.filter(({ kind, status }) => kind === 'ambiguous' && status === 'open'));
}

function take(step: Step, item: ReserveItem, found: StoredRow | null): ReserveVerdict {
  const { tables, run, now } = step;
  const expires_at = new Date(Date.parse(now) + item.lease_seconds * 1000).toISOString();
  const reserved = { kind: 'Reserved', record_key: item.record_key, version: item.version + 1, lease_expires_at: expires_at } as const;
  if (run.dry_run) return { ...reserved, fencing_token: 0 };
  const row = found ?? tables.insertRow(item.record_key);
  const changed_seq = tables.nextNumber();
  const fencing_token = tables.nextNumber();
  tables.supersedeIntents(item.record_key);
  for (const draft of item.intents) tables.addIntent(item.record_key, fencing_token, draft, expires_at);
  saveLinks(step, item.links, row);
  tables.saveRow(item.record_key, { version: reserved.version, committed_version: row.committed_version, changed_seq, fencing_token, committed_token: row.committed_token, lease: { run_id: run.run_id, expires_at } });
  return { ...reserved, fencing_token };
}
