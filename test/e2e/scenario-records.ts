/** A scenario's fields as the two demo systems keep them, and the rules of the scenarios as the shipped workflows hold them. */
import { z } from 'zod';
import type { SystemName, SystemRecord } from '../../demo/tour/both-systems';
import type { JsonObject } from '../../demo/systems/json';
import { canonicalRecord } from '../../core/json/canonical-record';
import type { CanonicalRecord, JsonValue } from '../../core/model';
import { RULES } from '../simulation/machine-settings';
import type { FieldName } from '../simulation/fake-system';
import { fieldNamed } from '../scenarios/fields';
import { at, changeOf, fieldNamed as syncedField, type SyncedField } from '../storm/synced-fields';

/** The scenarios' name in the shipped mappings; null: no such field is shipped. */
const SHIPPED: Readonly<Record<FieldName, string | null>> = { email: 'email', name: 'last_name', phone: 'phone', city: 'city', zip: 'zip', tags: 'tags', score: null };
export const SYSTEM = { a: 'crm', b: 'support' } as const satisfies Readonly<Record<'a' | 'b', SystemName>>;

/** How the shipped workflows call a scenario's field. */
export function shippedName(field: string): string {
  const name = SHIPPED[fieldNamed(field)];
  if (name === null) throw new Error(`The shipped workflows sync no ${field}.`);
  return name;
}

const fieldOf = (name: string): SyncedField => syncedField(shippedName(name));

/** What a person would type into the system's page. */
export function typed(system: SystemName, fields: CanonicalRecord): JsonObject {
  const members = Object.entries(fields).map(([name, value]) => changeOf(fieldOf(name), system, plainJson(value)));
  return members.reduce<JsonObject>((all, one) => mergeOneLevel(all, one), {});
}

function mergeOneLevel(all: JsonObject, one: JsonObject): JsonObject {
  const merged = { ...all };
  for (const [name, value] of Object.entries(one)) {
    const [before, after] = [z.record(z.string(), z.json()).safeParse(merged[name]), z.record(z.string(), z.json()).safeParse(value)];
    merged[name] = before.success && after.success ? { ...before.data, ...after.data } : value;
  }
  return merged;
}

const plainJson = (value: JsonValue): z.infer<ReturnType<typeof z.json>> => z.json().parse(value);

/** The scenario's fields of a record, by the scenario's names. */
export function held(system: SystemName, record: SystemRecord, names: readonly string[]): CanonicalRecord {
  return canonicalRecord(names.map((name) => [name, z.json().parse(at(record, fieldOf(name).path[system]) ?? null)]));
}

export function emailIn(system: SystemName, record: SystemRecord): string {
  const { email } = held(system, record, ['email']);
  return typeof email === 'string' ? email : '';
}

/** A user's change of the shipped workflows: the rules that the scenarios are told under. */
export function withScenarioRules(workflows: string): string {
  const rule = RULES.rules.flatMap(({ fields, decide }) => fields.flatMap((field) => {
    const name = SHIPPED[fieldNamed(field)];
    if (name === null || decide.by === 'latest' || decide.by === 'review') return [];
    return [decide.by === 'owner' ? { fields: name, name, decideBy: 'owner', owner: SYSTEM[decide.owner === 'a' ? 'a' : 'b'], loneEdit: decide.lone_edit, empties: 'mapping' } : { fields: name, name, decideBy: decide.by, empties: 'mapping' }];
  }));
  const changed = workflows.replaceAll(/"rules":\{"rule":\[[^\]]*\]\}/gu, `"rules":${JSON.stringify({ rule })}`);
  if (changed === workflows) throw new Error('The shipped workflows hold no rules where a person would change them.');
  return changed;
}
