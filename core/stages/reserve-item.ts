import type { ReserveItem } from '../ledger-request';
import type { LedgerRow, Observation, Patch, Plan, RunContext, Snapshot, SystemName } from '../model';
import { parseStamp } from '../origin-stamp';
import type { Findings } from '../policies/guards';

export interface ReserveSettings {
  readonly lease_seconds: number;
  /** First word of our origin stamps. */
  readonly sentinel: string;
}

/** A plan's writes as intents, to be made durable before they are made. @param sides what was read, as far as the item still has it */
export function reserveItem({ lease_seconds, sentinel }: ReserveSettings, run: Pick<RunContext, 'sync'>, plan: Plan, row: LedgerRow | null, sides: readonly Observation[]): ReserveItem {
  // What earlier writes took away in a system that is not written now is known and on no record yet: it goes along with the first write.
  const elsewhere = plan.landed_overrides.filter(({ system }) => plan.patches.every((patch) => patch.system !== system));
  return {
    record_key: plan.record_key,
    version: row?.version ?? 0,
    // The link of a record that is yet to be created is known only after the write.
    links: Object.fromEntries(Object.entries(plan.links).filter(([system]) => !plan.patches.some((patch) => patch.system === system && patch.op === 'create'))),
    intents: plan.patches.map((patch, index) => ({
      system: patch.system, op: patch.op, to: patch.fields, from: patch.from, echo_fingerprint: patch.echo_fingerprint,
      idempotency_key: patch.idempotency_key, native_id: patch.native_id, match_key: patch.match_key, used: plan.used_intents,
      overrides: [...[...plan.landed_overrides, ...plan.overrides].filter(({ system }) => system === patch.system), ...(index === 0 ? elsewhere : [])],
    })),
    lease_seconds,
    findings: findingsOf(sentinel, run, plan, row, sides),
  };
}

function findingsOf(sentinel: string, { sync }: Pick<RunContext, 'sync'>, plan: Plan, row: LedgerRow | null, sides: readonly Observation[]): Findings {
  const systems = Object.keys(plan.bases).sort();
  const patched = (system: SystemName, op: Patch['op']): boolean => plan.patches.some((patch) => patch.system === system && patch.op === op);
  return {
    // A record that is created again was gone as well; one that we delete was not.
    gone_in: systems.filter((system) => plan.bases[system]?.presence === 'present' && (patched(system, 'create') || (plan.next[system]?.presence === 'gone' && !patched(system, 'delete')))),
    // A delete was decided by what is missing; what is written was decided by comparing values.
    remapped_in: plan.patches.every(({ op }) => op === 'delete') ? [] : systems.filter((system) => remapped(row?.snapshots[system] ?? null, plan.next[system] ?? null)),
    stamp: Math.max(0, ...sides.map(({ stamp }) => parseStamp(stamp, sentinel)).map((stamp) => (stamp?.sync === sync ? stamp.fencing_token : 0))),
  };
}

const remapped = (past: Snapshot | null, next: Snapshot | null): boolean => past !== null && next !== null && past.mapping_fingerprint !== next.mapping_fingerprint;
