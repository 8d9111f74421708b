import type { IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod';
import type { Differences } from '../../core/stages/rebaseline';
import { jsonParameter, nameList, parameter } from '../shared/parameters';

const text = z.string().default('').transform((value) => value.trim());

const formRule = z.object({
  fields: nameList,
  name: text,
  decideBy: z.enum(['owner', 'review', 'latest', 'merge_set']).default('owner'),
  owner: text,
  loneEdit: z.string().default('accept'),
  toleranceSeconds: z.number().default(5),
  fallbackOwner: text,
  empties: z.string().default('mapping'),
});
type FormRule = z.infer<typeof formRule>;

const formRules = z.object({ rule: z.array(formRule).default([]) });
const formFields = z.object({ field: z.array(z.object({ name: text, value: z.json().default('') })).default([]) });

export const readDifferences = (context: IExecuteFunctions): Differences => parameter(context, 'differences', 'Differences', z.enum(['rules', 'keep_apart']));

/**
 * The rule set as a person wrote it down, for `compileRules` to judge: the form and JSON are checked by the same rules.
 * @param systems the two systems of the run, for "create in both"
 */
export function readRuleSet(context: IExecuteFunctions, systems: readonly [string, string]): unknown {
  if (parameter(context, 'defineBy', 'Define By', z.enum(['form', 'json'])) === 'json') {
    return parameter(context, 'rulesJson', 'Rule Set', jsonParameter);
  }
  const value = (name: string): unknown => context.getNodeParameter(name, 0, '');
  const archive = parameter(context, 'deleteUnchanged', 'Deleted Here, Unchanged There', z.string()) === 'archive'
    ? parameter(context, 'archiveFields', 'Archive Fields', formFields).field
    : [];
  return {
    rules: parameter(context, 'rules', 'Rules', formRules).rule.map(ruleOf),
    otherwise: value('otherwise') === 'owner'
      ? { by: 'owner', owner: value('otherwiseOwner'), lone_edit: value('otherwiseLoneEdit') }
      : { by: value('otherwise') },
    deletes: {
      unchanged: value('deleteUnchanged'),
      edited: value('deleteEdited'),
      archive_fields: Object.fromEntries(archive.map(({ name, value: set }) => [name, set])),
    },
    creates: { allowed_in: createdIn(context, systems) },
  };
}

function ruleOf(rule: FormRule): unknown {
  return {
    name: rule.name === '' ? rule.fields.join(' + ') : rule.name,
    fields: rule.fields,
    decide: decideOf(rule),
    empties: rule.empties,
  };
}

function decideOf({ decideBy, owner, loneEdit, toleranceSeconds, fallbackOwner }: FormRule): unknown {
  switch (decideBy) {
    case 'owner':
      return { by: 'owner', owner, lone_edit: loneEdit };
    case 'latest':
      return { by: 'latest', tolerance_seconds: toleranceSeconds, fallback_owner: fallbackOwner === '' ? null : fallbackOwner };
    case 'review':
    case 'merge_set':
      return { by: decideBy };
  }
}

function createdIn(context: IExecuteFunctions, systems: readonly [string, string]): readonly string[] {
  switch (parameter(context, 'createIn', 'Create Missing Records', z.enum(['both', 'none', 'listed']))) {
    case 'both':
      return systems;
    case 'none':
      return [];
    case 'listed':
      return parameter(context, 'createInSystems', 'Create In', nameList);
  }
}
