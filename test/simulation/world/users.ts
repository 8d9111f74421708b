/** What people do in the systems, and what they will miss if it is lost. */
import type { JsonValue } from '../../../core/model';
import { fieldsIn, userCreates, userDeletes, userEdits, userMerges, userUndeletes, type FakeFields, type FieldName } from '../fake-system';
import { emailOf } from '../journal-of-edits';
import type { FakeName } from '../machine-settings';
import type { World } from '../world';

export function personCreates(world: World, system: FakeName, fields: Partial<FakeFields> & { readonly email: string }): void {
  const { state, hints } = userCreates(world.systems[system], fields, world.time);
  world.tell(`user creates ${JSON.stringify(fields)} in ${system}`);
  world.deeds.made.add(fields.email);
  world.take(system, state, hints);
  const id = hints[0]?.native_id ?? '';
  for (const field of fieldsIn(fields)) edited(world, system, id, fields.email, field, null);
  world.deeds.actions += 1;
}

export function personEdits(world: World, system: FakeName, id: string, fields: Partial<FakeFields>): void {
  const before = world.systems[system].records[id];
  if (before === undefined) return;
  const { state, hints } = userEdits(world.systems[system], id, fields, world.time);
  world.tell(`user edits ${id}: ${JSON.stringify(fields)}`);
  world.take(system, state, hints);
  for (const field of fieldsIn(fields)) edited(world, system, id, emailOf(before.fields), field, before.fields[field]);
  world.deeds.actions += 1;
}

function edited(world: World, system: FakeName, id: string, email: string, field: FieldName, replaced: JsonValue, restored = false): void {
  const value = world.systems[system].records[id]?.fields[field] ?? null;
  world.deeds.edits.push({ step: world.step, system, id, email, field, value, replaced, remembered: world.memory.length, blind: false, restored });
}

export function personDeletes(world: World, system: FakeName, id: string): void {
  const held = world.systems[system].records[id];
  if (held === undefined) return;
  const { state, hints } = userDeletes(world.systems[system], id, world.time);
  world.tell(`user deletes ${id}`);
  world.deeds.deletions.push({ step: world.step, system, id, email: emailOf(held.fields), held: held.fields, told_before: world.memory.toldGone(system, id) });
  world.take(system, state, hints);
  world.deeds.actions += 1;
}

export function personUndeletes(world: World, system: FakeName, id: string): void {
  const { state, hints } = userUndeletes(world.systems[system], id, world.time);
  world.tell(`user undeletes ${id}`);
  world.take(system, state, hints);
  const record = state.records[id];
  if (record !== undefined) {
    const email = emailOf(record.fields);
    world.deeds.undeleted.add(email);
    // Brought back before the ledger heard of the deletion, it was never away (E5).
    const deletion = world.deeds.deletions.findLast((candidate) => candidate.system === system && candidate.id === id);
    const unseen = deletion !== undefined && deletion.told_before === world.memory.toldGone(system, id);
    if (!unseen) for (const field of fieldsIn(record.fields)) edited(world, system, id, email, field, null, true);
  }
  world.deeds.actions += 1;
}

export function personMerges(world: World, system: FakeName, id: string, into: string): void {
  const { state, hints } = userMerges(world.systems[system], id, into, world.time);
  world.tell(`user merges ${id} into ${into}`);
  world.take(system, state, hints);
  world.deeds.actions += 1;
}
