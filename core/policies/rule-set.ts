import { z } from 'zod';
import { recordSchema } from '../json/guards';
import { SyncError } from '../sync-error';

/**
 * What a person wrote down beforehand, so that no run has to guess.
 * A rule speaks about one field or about a group of fields that are decided as one (city + zip).
 */
const fieldRule = z.object({
  /** Field name, or the group's name when `fields` has more than one. */
  name: z.string().min(1),
  fields: z.array(z.string().min(1)).min(1),
  decide: z.discriminatedUnion('by', [
    z.object({
      by: z.literal('owner'),
      owner: z.string().min(1),
      /** What becomes of an edit that only the other system made. */
      lone_edit: z.enum(['accept', 'revert', 'review']),
    }),
    z.object({ by: z.literal('review') }),
    z.object({
      by: z.literal('latest'),
      /** Two edits closer than this are a tie. */
      tolerance_seconds: z.number().min(0),
      /** An owner when timestamps cannot be trusted; null: a person decides. */
      fallback_owner: z.string().min(1).nullable(),
    }),
    z.object({ by: z.literal('merge_set') }),
  ]),
  /** `mapping`: as the field table of the mapping says. */
  empties: z.enum(['mapping', 'never_erase', 'may_erase']),
});

const deleteRule = z.object({
  /** What happens to the record whose counterpart was deleted, when it has not changed meanwhile. */
  unchanged: z.enum(['ignore', 'archive', 'propagate', 'review']),
  /** What happens when it has changed meanwhile. */
  edited: z.enum(['edit_wins', 'review']),
  /** For `archive`: fields to set on the surviving record. */
  archive_fields: recordSchema.default({}),
});

export const ruleSetSchema = z.object({
  rules: z.array(fieldRule),
  /** Fields that no rule names. `review` unless a person said otherwise. */
  otherwise: z.discriminatedUnion('by', [
    z.object({ by: z.literal('review') }),
    z.object({ by: z.literal('owner'), owner: z.string().min(1), lone_edit: z.enum(['accept', 'revert', 'review']) }),
  ]),
  deletes: deleteRule,
  /** First contact: `create` or only report records that the other system does not have; per source system. */
  creates: z.object({ allowed_in: z.array(z.string().min(1)) }),
});

export type RuleSet = z.infer<typeof ruleSetSchema>;
export type FieldRule = RuleSet['rules'][number];

/** Rules looked up by field; made once per batch. */
export interface CompiledRules {
  readonly set: RuleSet;
  ruleFor(field: string): FieldRule;
}

function refuse(message: string, hint: string): never {
  throw new SyncError('bad_setting', message, hint);
}

/**
 * Checks a rule set against the two systems and makes it quick to ask.
 * Refuses before the first item what can't be right: an unknown system, a field in two rules, a merge rule over a group.
 * @throws SyncError `bad_setting`, naming the rule.
 */
export function compileRules(input: unknown, systems: readonly [string, string]): CompiledRules {
  const parsed = ruleSetSchema.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    refuse(`Conflict rules: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'not readable'}`, 'Correct this rule in the Conflict Router.');
  }
  const set = parsed.data;
  const byField = new Map<string, FieldRule>();
  const names = new Set<string>();
  const known = (system: string, where: string): void => {
    if (!systems.includes(system)) refuse(`${where} names the system "${system}", but this sync is between "${systems[0]}" and "${systems[1]}".`, 'Use one of the two names of the sync.');
  };
  for (const rule of set.rules) {
    const where = `Rule "${rule.name}"`;
    if (names.has(rule.name)) refuse(`${where} is there twice.`, 'Give every rule its own name, or merge the two.');
    names.add(rule.name);
    if (rule.decide.by === 'owner') known(rule.decide.owner, where);
    if (rule.decide.by === 'latest' && rule.decide.fallback_owner !== null) known(rule.decide.fallback_owner, where);
    if (rule.decide.by === 'merge_set' && rule.fields.length > 1) refuse(`${where} merges a set, but groups ${rule.fields.length} fields.`, 'Give each set field a rule of its own.');
    for (const field of rule.fields) {
      const other = byField.get(field);
      if (other !== undefined) refuse(`Field "${field}" stands in rule "${other.name}" and in rule "${rule.name}".`, 'A field is decided by one rule: take it out of one of them.');
      byField.set(field, rule);
    }
  }
  if (set.otherwise.by === 'owner') known(set.otherwise.owner, 'The rule for all other fields');
  for (const system of set.creates.allowed_in) known(system, 'Creates');
  const { otherwise } = set;
  return {
    set,
    ruleFor: (field) => byField.get(field) ?? { name: field, fields: [field], decide: otherwise, empties: 'mapping' },
  };
}
