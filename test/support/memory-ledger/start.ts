import type { Hint, RunContext, SystemName } from '../../../core/model';
import type { NotedHint, StartRequest, StartResult, SyncScope } from '../../../ledger/ledger-store';
import { ownedBy, sameNameOtherPair } from '../../../ledger/registration';
import { noteHint } from './notes';
import { linkHolder, linksOf } from './records';
import { addRun } from './runs';
import type { Tables } from './tables';

export function start(tables: Tables, request: StartRequest, now: string): StartResult {
  register(tables, request);
  const hints = distinct(request.hints);
  if (!request.dry_run) for (const hint of distinct(request.hints.filter(({ noted_before }) => noted_before !== true))) noteHint(tables, request.sync, hint, null);
  const { sync, record_type, source, target, dry_run, attempt } = request;
  // After the notes: a read that begins now is younger than every hint it answers.
  const read_token = dry_run ? tables.currentNumber : tables.nextNumber();
  const run: RunContext = { sync, record_type, source, target, run_id: tables.newId('run'), read_token, dry_run, attempt };
  if (!dry_run) addRun(tables, run, request, now);
  return {
    run,
    noted: hints.map((hint) => notedHint(tables, sync, source, hint)),
  };
}

export function notedHint(tables: Tables, sync: string, source: SystemName, hint: Hint): NotedHint {
  const record_key = linkHolder(tables, sync, hint.system, hint.native_id);
  return { ...hint, record_key, source_id: hint.system === source ? hint.native_id : record_key === null ? null : linksOf(tables, sync, record_key)[source] ?? null };
}

export function distinct(hints: readonly Hint[]): readonly Hint[] {
  return [...new Map(hints.map(({ system, native_id }) => [JSON.stringify([system, native_id]), { system, native_id }])).values()];
}

/** One active sync per pair and record type: the journal's published key has no room for a second one. */
export function register(tables: Tables, scope: SyncScope & Pick<StartRequest, 'dry_run'>): void {
  const { sync, record_type } = scope;
  const [first_system, second_system] = scope.source < scope.target ? [scope.source, scope.target] : [scope.target, scope.source];
  const isPair = (known: { readonly first_system: string; readonly second_system: string; readonly record_type: string }): boolean =>
    known.first_system === first_system && known.second_system === second_system && known.record_type === record_type;
  const syncs = Object.values(tables.syncs.rows);
  const named = syncs.find((known) => known.sync === sync);
  if (named !== undefined) {
    if (!isPair(named)) throw sameNameOtherPair(scope, named);
    return;
  }
  const owner = syncs.find(isPair);
  if (owner !== undefined) throw ownedBy(scope, owner.sync);
  if (!scope.dry_run) tables.syncs.put(JSON.stringify(sync), { sync, record_type, first_system, second_system, forgotten_seq: 0 });
}
