/** The settings of both systems' sync as the shipped workflows have them, over the fake systems' mappings. */
import { compileRules, type RuleSet } from '../../core/policies/rule-set';
import { compiledMapping, type Quirks } from './fake-system';
import type { MachineSettings } from './run-machine';

export const SYSTEMS = ['a', 'b'] as const;
export type FakeName = (typeof SYSTEMS)[number];

const rule = (name: string, decide: RuleSet['rules'][number]['decide']): RuleSet['rules'][number] => ({ name, fields: [name], decide, empties: 'mapping' });

/** One rule of each kind; what no rule names waits for a person. */
export const RULES: RuleSet = {
  rules: [
    rule('name', { by: 'owner', owner: 'a', lone_edit: 'accept' }),
    rule('phone', { by: 'owner', owner: 'b', lone_edit: 'accept' }),
    rule('zip', { by: 'latest', tolerance_seconds: 2, fallback_owner: 'b' }),
    rule('score', { by: 'owner', owner: 'a', lone_edit: 'revert' }),
    rule('tags', { by: 'merge_set' }),
  ],
  otherwise: { by: 'review' },
  deletes: { unchanged: 'propagate', edited: 'edit_wins', archive_fields: {} },
  creates: { allowed_in: ['a', 'b'] },
};

const compiledRules = compileRules(RULES, SYSTEMS);

export interface SettingsChoice {
  readonly quirks: { readonly [name in FakeName]: Quirks };
  readonly echo_guard?: boolean;
  readonly window?: boolean;
  readonly record_type?: string;
  readonly sync?: string;
  readonly now?: string;
}

export function machineSettings({ quirks, echo_guard = true, window = true, record_type = 'contact', sync = 'contacts', now = '2026-03-01T10:00:00.000Z' }: SettingsChoice): MachineSettings {
  return {
    sync, record_type, now,
    mappings: { a: compiledMapping('a', quirks.a, record_type), b: compiledMapping('b', quirks.b, record_type) },
    rules: compiledRules,
    echo: { origin_stamp: { on: echo_guard, sentinel: 'n8n-sync' }, write_hash: { on: echo_guard }, suppression_window: { on: window, seconds: 60, alternations: 3 } },
    diff: { only_fields: null, ignore_fields: [], detect_deletes: true },
    lease_seconds: 120, max_attempts: 5, recent_seconds: 60, list_path: 'data',
  };
}
