/** One record that two systems had in step, or that only one of them had, and what users then did to it on each side. */
import fc from 'fast-check';
import { canonicalRecord, withFields } from '../../../core/json/canonical-record';
import type { JsonValue } from '../../../core/model';
import type { RuleSet } from '../../../core/policies/rule-set';

export type Fields = { readonly [field: string]: JsonValue };
export type Side = 'a' | 'b';
export const SIDES = ['a', 'b'] as const;
export const other = (side: Side): Side => (side === 'a' ? 'b' : 'a');

/** `past`: what the ledger remembers of this side; null: never seen. `now`: what it holds; null: nothing. */
export interface Perturbed {
  readonly past: { readonly fields: Fields; readonly gone: boolean } | null;
  readonly now: Fields | null;
}

export interface Perturbation {
  readonly sides: { readonly [side in Side]: Perturbed };
  readonly rules: RuleSet;
  readonly clearable: { readonly [side in Side]: readonly string[] };
  readonly writable: { readonly [side in Side]: readonly string[] };
  readonly updated_at: { readonly [side in Side]: string | null };
  /** Whether a side rewrites the texts it is given (unknown to the mapping). */
  readonly reformats: { readonly [side in Side]: boolean };
}

const TEXTS = ['name', 'phone', 'city', 'zip', 'note', '__proto__'] as const;
export const FIELDS: readonly string[] = [...TEXTS, 'tags'];

const text = fc.constantFrom<JsonValue>('p', 'q', 'r', 's', '', null);
const tags = fc.option(fc.subarray(['w', 'x', 'y', 'z']), { freq: 12 });
const entries = (requiredKeys: [] | undefined): fc.Arbitrary<Fields> => {
  const model = Object.fromEntries([...TEXTS.map((name): [string, fc.Arbitrary<JsonValue>] => [name, text]), ['tags', tags]]);
  // No prototype: `__proto__` is a field like any other.
  return fc.record(model, { noNullPrototype: false, ...(requiredKeys === undefined ? {} : { requiredKeys }) }).map((record) => canonicalRecord(given(record)));
};
const given = (record: { readonly [field: string]: JsonValue | undefined }): readonly (readonly [string, JsonValue])[] =>
  Object.entries(record).flatMap(([field, value]) => (value === undefined ? [] : [[field, value] as const]));
const whole = entries(undefined);
const partial = entries([]);
const over = withFields;

const edits = fc.oneof(
  { weight: 2, arbitrary: fc.constant<'leave'>('leave') },
  { weight: 5, arbitrary: partial },
  { weight: 1, arbitrary: fc.constant<'delete'>('delete') },
);
const edited = (past: Fields, edit: Fields | 'leave' | 'delete'): Fields | null => (edit === 'delete' ? null : edit === 'leave' ? past : over(past, edit));

const linked = fc.tuple(fc.oneof(whole, partial), fc.oneof({ weight: 3, arbitrary: fc.constant<Fields>({}) }, { weight: 1, arbitrary: partial }), edits, edits)
  .map(([old, drift, editA, editB]): Perturbation['sides'] => {
    const b = over(old, drift);
    return { a: { past: { fields: old, gone: false }, now: edited(old, editA) }, b: { past: { fields: b, gone: false }, now: edited(b, editB) } };
  });
const swapped = (sides: Perturbation['sides'], swap: boolean): Perturbation['sides'] => (swap ? { a: sides.b, b: sides.a } : sides);
const created = fc.tuple(whole, fc.boolean()).map(([record, swap]) => swapped({ a: { past: null, now: record }, b: { past: null, now: null } }, swap));
const found = fc.tuple(whole, partial).map(([record, drift]): Perturbation['sides'] => ({ a: { past: null, now: record }, b: { past: null, now: over(record, drift) } }));
/** Deleted on one side before, which is remembered; edited on the other one since, or come back. */
const buried = fc.tuple(whole, partial, fc.option(whole), fc.boolean()).map(([record, edit, back, swap]) =>
  swapped({ a: { past: { fields: record, gone: true }, now: back }, b: { past: { fields: record, gone: false }, now: over(record, edit) } }, swap));
export const sides: fc.Arbitrary<Perturbation['sides']> = fc.oneof(
  { weight: 8, arbitrary: linked }, { weight: 1, arbitrary: created }, { weight: 1, arbitrary: found }, { weight: 1, arbitrary: buried },
);

type Decide = RuleSet['rules'][number]['decide'];
const system = fc.constantFrom<Side>('a', 'b');
const lone_edit = fc.constantFrom('accept', 'revert', 'review');
const owner = fc.record({ by: fc.constant<'owner'>('owner'), owner: system, lone_edit });
const decide: fc.Arbitrary<Decide> = fc.oneof(
  owner, fc.constant<Decide>({ by: 'review' }),
  fc.record({ by: fc.constant<'latest'>('latest'), tolerance_seconds: fc.constantFrom(0, 5), fallback_owner: fc.option(system) }),
);
const empties = fc.constantFrom('mapping', 'never_erase', 'may_erase');
const ruleOf = (name: string, fields: readonly string[], how: fc.Arbitrary<Decide>): fc.Arbitrary<RuleSet['rules'][number] | null> =>
  fc.option(fc.record({ name: fc.constant(name), fields: fc.constant([...fields]), decide: how, empties }), { freq: 4 });
const merge: fc.Arbitrary<Decide> = fc.constant({ by: 'merge_set' });

export const ruleSets: fc.Arbitrary<RuleSet> = fc.record({
  rules: fc.tuple(
    ruleOf('name', ['name'], decide), ruleOf('phone', ['phone'], fc.oneof(decide, merge)), ruleOf('address', ['city', 'zip'], decide),
    ruleOf('__proto__', ['__proto__'], decide), ruleOf('tags', ['tags'], fc.oneof({ weight: 3, arbitrary: merge }, { weight: 1, arbitrary: decide })),
  ).map((found_rules) => found_rules.filter((found_rule) => found_rule !== null)),
  otherwise: fc.oneof(fc.constant<RuleSet['otherwise']>({ by: 'review' }), owner),
  deletes: fc.record({
    unchanged: fc.constantFrom('ignore', 'archive', 'propagate', 'review'), edited: fc.constantFrom('edit_wins', 'review'),
    archive_fields: fc.constant({ note: 'archived' }),
  }),
  creates: fc.record({ allowed_in: fc.constantFrom<string[]>(['a', 'b'], ['a', 'b'], ['a'], ['b'], []) }),
});

const each = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<{ readonly [side in Side]: T }> => fc.record({ a: arbitrary, b: arbitrary });
const moments = fc.constantFrom(null, '2026-01-01T10:00:00Z', '2026-01-01T10:00:03Z', '2026-01-01T12:00:00+01:00', '2026-01-01T10:00:00', '2027-01-01T00:00:00Z');

export const perturbations: fc.Arbitrary<Perturbation> = fc.record({
  sides,
  rules: ruleSets,
  clearable: each(fc.subarray([...FIELDS])),
  writable: each(fc.oneof({ weight: 4, arbitrary: fc.constant(FIELDS) }, { weight: 1, arbitrary: fc.subarray([...FIELDS]) })),
  updated_at: each(moments),
  reformats: each(fc.boolean()),
});
