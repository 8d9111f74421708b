import { canonicalRecord, fieldOf, sameValue } from '../json/canonical-record';
import { isSealed } from '../json/seal';
import type { UndoObstacle, WriteEffect } from '../ledger-request';
import type { CanonicalRecord, JsonValue, Pair, Patch, Plan, Snapshot, SystemName } from '../model';
import { isEmpty } from '../policies/field-rules';

/** What was written and what was tried in vain, and what both systems are remembered to hold by now. */
export interface Written {
  readonly plan: Plan;
  readonly written: readonly Patch[];
  readonly failed: readonly Patch[];
  readonly snapshots: Pair<Snapshot | null>;
}

/**
 * What these writes did, as an undo needs it. An undo brings back, on both sides, what a write replaced: the pair of values that both had
 * before somebody edited one of them, each in its own system's form; where a rule had overruled an edit, that edit.
 */
export function writeEffect(given: Written): WriteEffect | null {
  const { written } = given;
  if (written.length === 0) return null;
  const fields = new Set(written.filter(({ op }) => op === 'update').flatMap((patch) => Object.keys(patch.fields)));
  const found = [...fields].map((field) => [field, moveOf(given, field)] as const);
  const moves = found.flatMap(([field, move]) => (typeof move === 'string' ? [] : [[field, move] as const]));
  const side = (which: 'before' | 'after') => Object.fromEntries(systemsOf(given).map((system): [SystemName, CanonicalRecord] => [system, canonicalRecord(moves.map(([field, move]) => [field, move[which](system)]))]));
  const whole = written.filter(({ op }) => op !== 'update').map(({ op }) => ['*', op === 'create' ? 'created' : 'deleted'] as const);
  return {
    writes: written.length, before: side('before'), after: side('after'),
    obstacles: Object.fromEntries<UndoObstacle>([...found.flatMap(([field, move]) => (typeof move === 'string' ? [[field, move] as const] : [])), ...whole]),
  };
}

interface Move {
  before(system: SystemName): JsonValue;
  after(system: SystemName): JsonValue;
}

const systemsOf = ({ plan }: Written): readonly SystemName[] => Object.keys(plan.seen);

function moveOf(given: Written, field: string): Move | UndoObstacle {
  const { failed, snapshots } = given;
  const systems = systemsOf(given);
  if (!systems.every((system) => snapshots[system]?.presence === 'present')) return 'gone';
  if (failed.some((patch) => fieldOf(patch.fields, field) !== undefined)) return 'half';
  const before = pastOf(given, field);
  if (typeof before === 'string') return before;
  const after = new Map<SystemName, JsonValue>();
  for (const system of systems) {
    const value = fieldOf(snapshots[system]?.record ?? {}, field);
    if (value === undefined) return 'unseen';
    after.set(system, value);
  }
  if ([...before.values(), ...after.values()].some(isSealed)) return 'sealed';
  return { before: (system) => before.get(system) ?? null, after: (system) => after.get(system) ?? null };
}

function pastOf(given: Written, field: string): ReadonlyMap<SystemName, JsonValue> | UndoObstacle {
  const { plan, written } = given;
  const systems = systemsOf(given);
  const base = (system: SystemName): JsonValue | undefined => (plan.bases[system]?.presence === 'present' ? fieldOf(plan.bases[system].record, field) : undefined);
  const seen = (system: SystemName): JsonValue | undefined => fieldOf(plan.seen[system] ?? {}, field);
  const writers = written.filter((patch) => fieldOf(patch.fields, field) !== undefined).map(({ system }) => system);
  // The two had never agreed: the difference that was there comes back, and the side that was not written keeps what it has.
  if (systems.some((system) => base(system) === undefined)) return known(systems, seen);
  if (writers.every((system) => sameValue(seen(system), base(system)))) return known(systems, base);
  const [writer, other] = writers;
  if (writer === undefined || other !== undefined) return 'merged';
  // Put back on both sides, it would take from the other one what we never wrote there.
  return isEmpty(seen(writer)) ? 'filled' : known(systems, () => seen(writer));
}

function known(systems: readonly SystemName[], valueOf: (system: SystemName) => JsonValue | undefined): ReadonlyMap<SystemName, JsonValue> | UndoObstacle {
  const values = new Map<SystemName, JsonValue>();
  for (const system of systems) {
    const value = valueOf(system);
    if (value === undefined) return 'unseen';
    values.set(system, value);
  }
  return values;
}
