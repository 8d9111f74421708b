/** The pure stages, per record, beside the least that could be done and beside what others use for a fingerprint. */
import { hash } from 'node:crypto';
import objectHash from 'object-hash';
import { serialize } from 'ohash';
import safeStringify from 'safe-stable-stringify';
import { fingerprint } from '../core/json/fingerprint';
import type { Difference, LedgerRow, Observation, RunContext, Snapshot } from '../core/model';
import { compileRules } from '../core/policies/rule-set';
import { decideRoute } from '../core/stages/conflict-router';
import { changeSet, computeDifference } from '../core/stages/diff-engine';
import { normalizeRecord } from '../core/stages/normalize';
import { crmContact, helpdeskTicket, MAPPINGS } from './people';
import type { Section } from './section';
import { sideBySide } from './side-by-side';

const DIFF = { only_fields: null, ignore_fields: [], detect_deletes: true };
const RULES = compileRules({
  rules: [], otherwise: { by: 'owner', owner: 'crm', lone_edit: 'accept' },
  deletes: { unchanged: 'ignore', edited: 'edit_wins', archive_fields: {} }, creates: { allowed_in: ['crm', 'support'] },
}, ['crm', 'support']);
const RUN: RunContext = { sync: 'contacts', record_type: 'contact', source: 'crm', target: 'support', run_id: 'bench', read_token: 1, dry_run: false, attempt: 0 };
const FACTS = { now: '2026-03-10T12:00:00.000Z', bulk_touched: [] };
const sha256 = (text: string): string => hash('sha256', text, 'hex');

function observed(system: 'crm' | 'support', raw: Readonly<Record<string, unknown>>): Observation {
  const read = normalizeRecord(MAPPINGS[system], raw, { etag: null });
  if (read.kind !== 'Valid') throw new Error(read.reasons.join('; '));
  return read.observation;
}

interface Known {
  readonly before: Observation;
  readonly source: Observation;
  readonly target: Observation;
  readonly row: LedgerRow;
}

/** A record that both systems share and whose job title a user of the CRM has just changed. */
function knownRecord(number: number): Known {
  const before = observed('crm', crmContact(number));
  const target = observed('support', helpdeskTicket(number));
  const snapshot = ({ record, fingerprint: of, schema }: Observation): Snapshot => ({ presence: 'present', record, fingerprint: of, mapping_fingerprint: schema.mapping_fingerprint });
  const row: LedgerRow = {
    record_key: `contact_c${String(number)}`, version: 2, committed_version: 1, links: { crm: before.native_id, support: target.native_id },
    snapshots: { crm: snapshot(before), support: snapshot(target) }, intents: [], reviews: [], latest: null, recent: [],
  };
  return { before, source: observed('crm', crmContact(number, 'Director')), target, row };
}

/** What a hand-written comparison of two flat records costs. */
function plainCompare(left: Observation['record'], right: Observation['record']): number {
  let changed = 0;
  for (const name of Object.keys(left)) {
    const [a, b] = [left[name], right[name]];
    if (a !== b && (typeof a !== 'object' || JSON.stringify(a) !== JSON.stringify(b))) changed += 1;
  }
  return changed;
}

export async function benchStages(records: number, runs: number): Promise<Section> {
  // Has no entry for `require`.
  const { default: canonicalize } = await import('canonicalize');
  const raw = Array.from({ length: records }, (_, place) => crmContact(place));
  const known = raw.map((_, place) => knownRecord(place));
  const plain = known.map(({ source }) => ({ ...source.record }));
  const differences: Difference[] = known.map(({ source, target, row }) => {
    const verdict = computeDifference(DIFF, RUN, { record_key: row.record_key, source, target, row, held_fields: [], sources: new Map() });
    if (verdict.kind !== 'Changed') throw new Error('The bench found no change.');
    return verdict.difference;
  });
  const each = <T>(values: readonly T[], work: (value: T) => unknown) => () => { for (const value of values) work(value); };
  const times = await sideBySide({
    'limit: JSON.stringify + SHA-256': each(plain, (record) => sha256(JSON.stringify(record))),
    'fingerprint': each(known, ({ source }) => fingerprint(source.record)),
    'safe-stable-stringify + SHA-256': each(plain, (record) => sha256(safeStringify(record))),
    'canonicalize + SHA-256': each(plain, (record) => sha256(canonicalize(record) ?? '')),
    'ohash serialize + SHA-256': each(plain, (record) => sha256(serialize(record))),
    'object-hash (SHA-256)': each(plain, (record) => objectHash(record, { algorithm: 'sha256' })),
    'normalize (fingerprint included)': each(raw, (record) => normalizeRecord(MAPPINGS.crm, record, { etag: null })),
    'limit: plain field compare': each(known, ({ source, before }) => plainCompare(source.record, before.record)),
    'change set of one side': each(known, ({ source, row }) => changeSet(DIFF, source, row.snapshots['crm'] ?? null)),
    'diff (both sides, intents, keys)': each(known, ({ source, target, row }) => computeDifference(DIFF, RUN, { record_key: row.record_key, source, target, row, held_fields: [], sources: new Map() })),
    'plan': each(differences, (difference) => decideRoute(RULES, RUN, difference, FACTS)),
  }, runs);
  const ms = (name: string): number => times[name] ?? Number.NaN;
  const hashing = ms('limit: JSON.stringify + SHA-256');
  return {
    id: 'stages', title: 'Stages, per record',
    about: `${String(records)} records of 14 fields, one changed field each; medians of ${String(runs)} turns, all in one process, turn by turn.`,
    columns: ['work', 'µs a record', 'records a second', 'times JSON.stringify + SHA-256'],
    rows: Object.entries(times).map(([name, time]) => [name, time * 1000 / records, Math.round(records / time * 1000), time / hashing]),
    targets: [],
  };
}
