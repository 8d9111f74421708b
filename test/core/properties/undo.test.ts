/** A run of any kind, undone: by the real stages, under any rules, with edits made meanwhile, and undone again. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldOf, sameValue, withFields } from '../../../core/json/canonical-record';
import type { JsonValue } from '../../../core/model';
import { undoDrafts, type UndoDraft } from '../../../core/policies/undo';
import { runs } from '../../support/property-runs';
import { FIELDS, perturbations, SIDES, type Side } from './perturbed-records';
import { carryOut, leftToDo, pairOf, pass, reformatted, worldOf, type World } from './two-systems';

const settle = (world: World, source: Side): World => carryOut(world, pass(world, source, true));
const held = (world: World, side: Side, field: string): JsonValue | undefined => fieldOf(world.holds[side] ?? {}, field);

/** What an undo of the last write would leave; null when there is nothing to put back. */
function draftFor(world: World): UndoDraft | null {
  const { row, effect } = world;
  if (row === null || effect === null) return null;
  const holds = Object.fromEntries(Object.entries(row.snapshots).flatMap(([system, kept]) => (kept?.presence === 'present' ? [[system, kept.record]] : [])));
  return undoDrafts([{ record_key: row.record_key, effect, holds, waiting: false }], 'r', 'ann')[0] ?? null;
}

function asked(world: World, draft: UndoDraft): World {
  return world.row === null ? world : { ...world, effect: null, row: { ...world.row, reviews: [...world.row.reviews, { ...draft, id: 'undo', status: 'decided' }] } };
}

/** Both sides have their former value (in whatever form the system keeps it), or both have what they had. */
function expectWhole(before: World, after: World, draft: UndoDraft, fields: readonly string[]): readonly string[] {
  const isFormer = (side: Side, field: string): boolean => {
    const former = fieldOf(draft.base[side] ?? {}, field) ?? null;
    return [former, before.given.reformats[side] ? reformatted(former) : former].some((form) => sameValue(held(after, side, field), form));
  };
  return fields.filter((field) => {
    const done = SIDES.every((side) => isFormer(side, field));
    if (!done && !SIDES.every((side) => sameValue(held(after, side, field), held(before, side, field)))) throw new Error(`half of ${field} was put back: ${JSON.stringify(pairOf((side) => held(after, side, field)))}`);
    return done;
  });
}

describe('a run that is undone', () => {
  it('G9 is put back whole or not at all, field by field; nothing else moves, and it comes to rest', () => {
    let put_back = 0;
    fc.assert(fc.property(perturbations, fc.constantFrom(...SIDES), fc.constantFrom(...SIDES), (given, source, next) => {
      const synced = settle(worldOf(given), source);
      const draft = draftFor(synced);
      if (draft === null) return;
      const undone = settle(asked(synced, draft), next);
      const done = expectWhole(synced, undone, draft, draft.fields);
      put_back += done.length;
      for (const field of FIELDS) if (!draft.fields.includes(field)) for (const side of SIDES) expect(held(undone, side, field)).toEqual(held(synced, side, field));
      for (const side of SIDES) expect(leftToDo(undone, pass(undone, side, true))).toEqual([]);
      const again = draftFor({ ...undone, effect: synced.effect })?.fields ?? [];
      expect(again.filter((field) => done.includes(field))).toEqual([]);
    }), runs(1500));
    expect(put_back).toBeGreaterThan(0);
  });

  it('G9 loses no edit that was made before the undo is carried out, and says what it replaces', () => {
    fc.assert(fc.property(perturbations, fc.constantFrom(...SIDES), fc.constantFrom(...SIDES), fc.nat(), (given, source, editor, pick) => {
      const synced = settle(worldOf(given), source);
      const draft = draftFor(synced);
      const record = synced.holds[editor];
      if (draft === null || record === null) return;
      const field = draft.fields[pick % draft.fields.length] ?? '';
      const value: JsonValue = field === 'tags' ? ['edited'] : 'edited';
      const edited = { ...asked(synced, draft), holds: { ...synced.holds, [editor]: withFields(record, { [field]: value }) } };
      const after = settle(edited, source);
      const isKept = sameValue(held(after, editor, field), value) || after.overrides.some((one) => one.system === editor && one.field === field && sameValue(one.lost, value));
      // A merged set may have grown.
      const isMerged = Array.isArray(held(after, editor, field)) && (held(after, editor, field) as readonly JsonValue[]).includes('edited');
      if (!isKept && !isMerged) throw new Error(`${editor}.${field} was lost to ${JSON.stringify(held(after, editor, field))}`);
      for (const side of SIDES) expect(leftToDo(after, pass(after, side, true))).toEqual([]);
    }), runs(1500));
  });

  it('G9 comes again when the undo is undone', () => {
    fc.assert(fc.property(perturbations, fc.constantFrom(...SIDES), (given, source) => {
      const synced = settle(worldOf(given), source);
      const draft = draftFor(synced);
      if (draft === null) return;
      const undone = settle(asked(synced, draft), source);
      const back = draftFor(undone);
      if (back === null) return;
      const redone = settle(asked(undone, back), source);
      for (const field of expectWhole(undone, redone, back, back.fields)) {
        for (const side of SIDES) expect([held(synced, side, field), reformatted(held(synced, side, field) ?? null)]).toContainEqual(held(redone, side, field));
      }
    }), runs(1500));
  });
});
