import { canonicalRecord, fieldOf, sameValue } from '../json/canonical-record';
import { fingerprint } from '../json/fingerprint';
import { intentId } from '../model';
import type { Intent, JsonValue, LedgerRow, Observation, Override, Pair, RunContext, Snapshot } from '../model';
import { parseStamp, type OriginStamp } from '../origin-stamp';

export interface Settlement {
  /** What counts as each system's past once our own landed writes are taken into account. */
  readonly bases: Pair<Snapshot | null>;
  /** `intentId`s of the writes proven to have landed. */
  readonly used: readonly string[];
  /** What those writes took away. */
  readonly overrides: readonly Override[];
}

/**
 * Looks for our own writes that landed without being committed (a crash, an expired lease, a late answer).
 *
 * For a landed write the base of *that* system becomes what was written, and the base of the *other* system what the plan
 * had read there. Advancing only one of them parts the systems for good: the side we read from would look changed, or
 * unchanged, against a past that no longer belongs to the other side's.
 */
export function settleIntents(run: RunContext, observed: Pair<Observation>, row: LedgerRow | null): Settlement {
  const snapshots: Pair<Snapshot | null> = { [run.source]: row?.snapshots[run.source] ?? null, [run.target]: row?.snapshots[run.target] ?? null };
  if (row === null || row.intents.length === 0) return { bases: snapshots, used: [], overrides: [] };

  const bases = new Map([run.source, run.target].map((system) => [system, new Base(snapshots[system] ?? null, observed[system])]));
  const used = new Set<string>();
  const proven = provenByStamp(run, observed, row);
  settleDeletes(observed, row, bases, used);
  for (const field of writtenFields(row.intents)) settleField(run, field, observed, row, proven, bases, used);
  settleReverts(observed, row, proven, used);
  settleBuried(run, observed, row, used);
  for (const id of takenAlong(row, used)) used.add(id);
  return {
    bases: { [run.source]: bases.get(run.source)?.snapshot() ?? null, [run.target]: bases.get(run.target)?.snapshot() ?? null },
    used: [...used],
    overrides: row.intents.flatMap((intent) => (used.has(intentId(intent)) ? intent.overrides : [...takenElsewhere(intent), ...likelyOverrides(run, row, intent, observed[intent.system])])),
  };
}

function settleDeletes(observed: Pair<Observation>, row: LedgerRow, bases: Map<string, Base>, used: Set<string>): void {
  for (const intent of row.intents) {
    // A superseded delete proves nothing: by now a person may have deleted the record as well.
    if (intent.op !== 'delete' || intent.superseded) continue;
    if (observed[intent.system]?.presence !== 'gone' || row.snapshots[intent.system]?.presence !== 'present') continue;
    // It was planned since the other side was gone: there again, that record was brought back.
    for (const base of bases.values()) base.becomeGone();
    used.add(intentId(intent));
  }
}

function settleField(run: RunContext, field: string, observed: Pair<Observation>, row: LedgerRow, proven: ReadonlySet<string>, bases: Map<string, Base>, used: Set<string>): void {
  const newestLanded = (system: string): Intent | undefined =>
    row.intents.find((intent) => intent.system === system && fieldOf(intent.to, field) !== undefined && hasLanded(run, proven, row, intent, field, observed[system]));
  const hits = [newestLanded(run.source), newestLanded(run.target)].filter((hit) => hit !== undefined);
  const [newer, older] = hits.sort((a, b) => b.fencing_token - a.fencing_token);
  if (newer === undefined) return;
  adopt(newer, field, bases);
  // An older intent that landed after the newer one was planned, which therefore could not take it into account: it is our
  // own late write, so that system counts as unchanged and the other one as changed. It is not a user's edit.
  if (older !== undefined && !newer.used.includes(intentId(older))) adopt(older, field, bases);
  for (const hit of hits) used.add(intentId(hit));
}

/** A write that put back what the snapshot says moves no base, and yet it took an edit away, or made the record that is there now. */
function settleReverts(observed: Pair<Observation>, row: LedgerRow, proven: ReadonlySet<string>, used: Set<string>): void {
  for (const intent of row.intents) {
    const side = observed[intent.system];
    if ((intent.overrides.length > 0 || intent.op === 'create') && side?.presence === 'present' && proven.has(intentId(intent))) used.add(intentId(intent));
  }
}

/**
 * A write that landed after a newer one's plan had read, and before that one laid its stamp over it. That its value is there proves nothing,
 * since a user may have set it: no base moves. But what it took away goes on record, once.
 */
function settleBuried(run: RunContext, observed: Pair<Observation>, row: LedgerRow, used: Set<string>): void {
  for (const intent of row.intents) {
    const side = observed[intent.system];
    if (!intent.superseded || intent.op !== 'update' || side?.presence !== 'present' || !side.holds_stamps || stampOver(run, row, intent, side) !== 'newer') continue;
    if (intent.overrides.some(({ system, field, won }) => system === intent.system && won !== undefined && sameValue(fieldOf(side.record, field), won))) used.add(intentId(intent));
  }
}

/**
 * The same where only the value can speak: what lost is there no more, and whether we or a user replaced it cannot be told, least of all in a
 * system that reformats. On record once too often is better than nowhere. The intent stays, since its write may still be under way;
 * superseded by then, it is not asked again.
 */
function likelyOverrides(run: RunContext, row: LedgerRow, intent: Intent, observation: Observation | undefined): readonly Override[] {
  if (intent.superseded || intent.op !== 'update' || observation?.presence !== 'present' || stampSpeaks(run, row, intent, observation)) return [];
  return intent.overrides.filter(({ system, field, lost, won }) => system === intent.system && won !== undefined && !sameValue(fieldOf(observation.record, field), lost));
}

/** What its plan knew that earlier writes had taken away, whatever became of its own. */
function takenElsewhere(intent: Intent): readonly Override[] {
  return intent.superseded ? [] : intent.overrides.filter(({ system }) => system !== intent.system);
}

/**
 * What the other side held is what both agree on. Mostly it is what was written; a merged set or a person's own value has still to
 * travel there, so the written side counts as changed by it.
 */
function adopt(intent: Intent, field: string, bases: Map<string, Base>): void {
  for (const base of bases.values()) base.set(field, fieldOf(intent.from, field));
}

function hasLanded(run: RunContext, proven: ReadonlySet<string>, row: LedgerRow, intent: Intent, field: string, observation: Observation | undefined): boolean {
  const snapshot = row.snapshots[intent.system] ?? null;
  if (observation?.presence !== 'present') return false;
  const now = fieldOf(observation.record, field);
  const past = snapshot === null ? undefined : fieldOf(snapshot.record, field);
  const wanted = fieldOf(intent.to, field);
  const moved = !sameValue(now, past);
  // The stamp is proof even when the value changed again since. Without one only the value can speak.
  if (stampSpeaks(run, row, intent, observation)) {
    return proven.has(intentId(intent)) && (moved || !sameValue(past, wanted));
  }
  return moved && sameValue(now, wanted);
}

/** Whether a landed write would have left its stamp: not where the late one of an older write lies over it. */
function stampSpeaks(run: RunContext, row: LedgerRow, intent: Intent, observation: Observation): boolean {
  return observation.holds_stamps && stampOver(run, row, intent, observation) !== 'older';
}

/**
 * Whether the stamp that is shown tells if the write landed: it is of the same record, and no other write's lies over it. What a create
 * made is known by its own stamp only: without that, it may have made a record that is gone again, and this is another one.
 */
export function stampTells(run: RunContext, row: LedgerRow, intent: Intent, observation: Observation): boolean {
  const isSameRecord = intent.native_id === null ? ownStamp(run, row, observation.stamp)?.fencing_token === intent.fencing_token : intent.native_id === observation.native_id;
  return observation.holds_stamps && isSameRecord && stampOver(run, row, intent, observation) === null;
}

/**
 * Which other write of ours may have laid its stamp over this one's: a newer one, or an older one that nobody had seen landed when this one
 * was planned.
 */
function stampOver(run: RunContext, row: LedgerRow, intent: Intent, observation: Observation): 'older' | 'newer' | null {
  const shown = ownStamp(run, row, observation.stamp)?.fencing_token ?? 0;
  if (shown > intent.fencing_token) return 'newer';
  const older = row.intents.find((other) => other.system === intent.system && other.fencing_token === shown && shown < intent.fencing_token);
  return older === undefined || intent.used.includes(intentId(older)) ? null : 'older';
}

/** Writes whose stamp a record still carries, and what these took along. */
function provenByStamp(run: RunContext, observed: Pair<Observation>, row: LedgerRow): ReadonlySet<string> {
  const stamped = row.intents.filter((intent) => {
    const side = observed[intent.system];
    return side?.presence === 'present' && side.holds_stamps && ownStamp(run, row, side.stamp)?.fencing_token === intent.fencing_token;
  });
  return takenAlong(row, new Set(stamped.map(intentId)));
}

/** A later write lays its stamp over an earlier one's. What its plan had found landed has landed, whoever died before saying so. */
function takenAlong(row: LedgerRow, landed: ReadonlySet<string>): ReadonlySet<string> {
  const all = new Set(landed);
  // Newest first: what an intent had used is older than itself.
  for (const intent of row.intents) if (all.has(intentId(intent))) for (const id of intent.used) all.add(id);
  return new Set(row.intents.map(intentId).filter((id) => all.has(id)));
}

/** The whole stamp is compared, since two ledgers may have drawn one number; the first word may be any that a mapping chose. */
function ownStamp(run: RunContext, row: LedgerRow, text: string | null): OriginStamp | null {
  const stamp = parseStamp(text, null);
  return stamp?.sync === run.sync && stamp.record_key === row.record_key ? stamp : null;
}

function writtenFields(intents: readonly Intent[]): ReadonlySet<string> {
  return new Set(intents.flatMap((intent) => Object.keys(intent.to)));
}

/** A snapshot under change; the ledger's own stays as it is. */
class Base {
  private presence: 'present' | 'gone' | null;
  private readonly fields: Map<string, JsonValue>;
  private touched = false;

  constructor(private readonly original: Snapshot | null, private readonly observation: Observation | undefined) {
    this.presence = original?.presence ?? null;
    this.fields = new Map(original === null ? [] : Object.entries(original.record));
  }

  set(field: string, value: JsonValue | undefined): void {
    this.touched = true;
    this.presence = 'present';
    if (value === undefined) this.fields.delete(field);
    else this.fields.set(field, value);
  }

  becomeGone(): void {
    this.touched = true;
    this.presence = 'gone';
  }

  snapshot(): Snapshot | null {
    if (!this.touched) return this.original;
    const record = canonicalRecord(this.fields);
    return {
      presence: this.presence ?? 'present',
      record,
      fingerprint: this.presence === 'gone' ? null : fingerprint(record),
      mapping_fingerprint: this.original?.mapping_fingerprint ?? this.observation?.schema.mapping_fingerprint ?? '',
    };
  }
}
