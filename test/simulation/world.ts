/** One history's world: two systems, a ledger, a fake clock, webhooks on their way, and workers with a run each. */
import type { Hint, RecordKey } from '../../core/model';
import type { LedgerStore } from '../../ledger/ledger-store';
import { fakeSystem, type FakeFields, type FakeState, type Quirks } from './fake-system';
import type { Choices } from './choices';
import type { FaultKind, ReadFault, WriteFault } from './fault-kinds';
import { noDeeds, type Deeds } from './journal-of-edits';
import { machineSettings, SYSTEMS, type FakeName } from './machine-settings';
import type { Effect, MachineSettings, RunState } from './run-machine';
import type { RedisDouble } from './redis-double';
import { LedgerMemory } from './world/ledger-memory';

export type Write = Extract<Effect, { kind: 'write' }>;

export interface Worker {
  state: RunState;
  /** What the systems held when the present pass drew its token: no read of it may be older. */
  since: { readonly [name in FakeName]: FakeState };
  /** Step at which each record was last read by this run. */
  readonly read_at: Map<string, number>;
  /** What each record held when this run was last shown it, by a read (a stale one too) or in answer to a write, and the step of that. */
  readonly seen: Map<string, { readonly step: number; readonly fields: FakeFields }>;
  /** When the lease of its newest Reserve ends. */
  lease_until: number;
}

export interface LateWrite {
  readonly effect: Write;
  readonly read_at: number;
  readonly until: number;
}

export interface OpenedLedger {
  readonly store: LedgerStore;
  readonly redis: RedisDouble | null;
  readonly sync: string;
  readonly record_type: string;
  /** Everything but the log of runs, where the store can show it. */
  dump(): unknown;
}

export interface WorldSettings {
  readonly quirks: { readonly [name in FakeName]: Quirks };
  readonly echo_guard: boolean;
  readonly window: boolean;
}

const BEGIN = Date.parse('2026-03-01T10:00:00.000Z');
export const LEASE_MS = 120_000;

export class World {
  readonly systems: { [name in FakeName]: FakeState };
  readonly past: { readonly [name in FakeName]: FakeState[] } = { a: [], b: [] };
  readonly deeds: Deeds = noDeeds();
  readonly memory = new LedgerMemory();
  readonly faults = new Map<FaultKind, number>();
  readonly trace: string[] = [];
  readonly webhooks: Hint[] = [];
  readonly late: LateWrite[] = [];
  readonly violations: string[] = [];
  readonly workers: (Worker | null)[];
  readonly quirks: WorldSettings['quirks'];
  /** What happens to the next calls, before chance is asked. */
  readonly ordained: { readonly read: ReadFault[]; readonly write: WriteFault[] } = { read: [], write: [] };
  readonly reads: { [name in FakeName]: number } = { a: 0, b: 0 };
  now = BEGIN;
  step = 0;
  /** Who reserved a record and has not committed it. */
  readonly holders = new Map<RecordKey, Worker>();
  /** Who committed a record of a system last, and at which step. */
  readonly committed = new Map<string, { readonly by: Worker; readonly step: number }>();
  ledger_away = 0;
  faulty = true;
  /** The last run, which must make no write. */
  armed = false;
  #settings: MachineSettings;

  constructor(readonly choices: Choices, readonly ledger: OpenedLedger, readonly options: WorldSettings, workers: number) {
    this.quirks = options.quirks;
    this.systems = { a: fakeSystem('a', options.quirks.a), b: fakeSystem('b', options.quirks.b) };
    this.workers = Array.from({ length: workers }, () => null);
    this.#settings = machineSettings({ ...options, sync: ledger.sync, record_type: ledger.record_type });
  }

  get settings(): MachineSettings {
    if (Date.parse(this.#settings.now) !== this.now) this.#settings = { ...this.#settings, now: this.time };
    return this.#settings;
  }

  get time(): string {
    return new Date(this.now).toISOString();
  }

  tell(text: string): void {
    this.trace.push(`${String(this.step)} ${text}`);
  }

  fault(kind: FaultKind): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
    this.tell(`  FAULT ${kind}`);
  }

  /** What a system has become, and what its webhooks will tell of it. */
  take(system: FakeName, state: FakeState, hints: readonly Hint[]): void {
    this.past[system].push(this.systems[system]);
    this.systems[system] = state;
    this.webhooks.push(...hints);
  }
}

export const nameOf = (system: string): FakeName => {
  const name = SYSTEMS.find((candidate) => candidate === system);
  if (name === undefined) throw new Error(`No system ${system}`);
  return name;
};
