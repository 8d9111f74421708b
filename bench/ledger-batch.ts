/** One batch through the steps of a ledger, as a run makes them: start, check, reserve, commit. */
import type { Observation } from '../core/model';
import { normalizeRecord } from '../core/stages/normalize';
import type { CheckVerdict, CommitItem, LedgerStore, ReserveItem } from '../ledger/ledger-store';
import { crmContact, MAPPINGS } from './people';
import { SYNC } from './seed-ledger';

export const STEPS = ['start', 'check', 'reserve', 'commit'] as const;
export type StepTimes = Readonly<Record<(typeof STEPS)[number], number>>;

type Known = NonNullable<Extract<CheckVerdict, { kind: 'Changed' }>['row']>;

/** The batch of one round: other people each time, every twentieth with a new job title. */
export function readBatch(people: number, keys: number, round: number): readonly Observation[] {
  return Array.from({ length: keys }, (_, place) => {
    const number = 1 + ((place * 7919 + round * 104_729) % people);
    const read = normalizeRecord(MAPPINGS.crm, crmContact(number, place % 20 === 0 ? `Title ${String(round)}` : 'Engineer'), { etag: null });
    if (read.kind !== 'Valid') throw new Error(read.reasons.join('; '));
    return read.observation;
  });
}

const reserveItem = ({ record_key, version, links }: Known): ReserveItem => ({
  record_key, version, links, lease_seconds: 120, findings: { gone_in: [], remapped_in: [], stamp: 0 },
  intents: [{ system: 'support', op: 'update', to: { job_title: 'x' }, from: { job_title: 'x' }, echo_fingerprint: null, idempotency_key: `${record_key}-v${String(version)}`, native_id: links['support'] ?? null, match_key: null, overrides: [], used: [] }],
});

function commitItem({ record_key, version, links }: Known, { record, fingerprint, schema }: Observation, fencing_token: number): CommitItem {
  const snapshot = { presence: 'present', record, fingerprint, mapping_fingerprint: schema.mapping_fingerprint } as const;
  return {
    record_key, version, links, fencing_token, snapshots: { crm: snapshot, support: snapshot }, written: ['support'], recheck: null,
    journal: [{ direction: 'crm-to-support', source_system: 'crm', target_system: 'support', field_hash: fingerprint ?? '', change_set: {}, idempotency_key: null, cause: 'bench' }],
    used_intents: [], keep_intents: [], open_reviews: [], close_reviews: [], overrides: [], effect: null, reason: 'bench', note_hints: [], issues: [],
  };
}

/** @returns milliseconds of each step. @throws Error when not exactly the changed records were committed: then nothing was measured. */
export async function playBatch(ledger: LedgerStore, observations: readonly Observation[]): Promise<StepTimes> {
  const times: Partial<Record<keyof StepTimes, number>> = {};
  const timed = async <T>(step: keyof StepTimes, work: () => Promise<T>): Promise<T> => {
    const started = performance.now();
    const result = await work();
    times[step] = performance.now() - started;
    return result;
  };
  const hints = observations.map(({ native_id }) => ({ system: 'crm', native_id: native_id ?? '' }));
  const { run } = await timed('start', () => ledger.start({ ...SYNC, hints, dry_run: false, attempt: 0, execution_id: null, cause: 'bench' }));
  const verdicts = await timed('check', () => ledger.check(run, observations.map(({ native_id, record_key, fingerprint, schema }) => ({
    system: 'crm', native_id: native_id ?? '', proposed_key: record_key, fingerprint, mapping_fingerprint: schema.mapping_fingerprint, stamp: null, full: false, as_record_key: null, recent_seconds: 600,
  }))));
  const changed = observations.flatMap((observation, place) => {
    const verdict = verdicts[place];
    return verdict?.kind === 'Changed' && verdict.row !== null ? [{ observation, row: verdict.row }] : [];
  });
  const reserved = await timed('reserve', () => ledger.reserve(run, changed.map(({ row }) => reserveItem(row))));
  const held = changed.flatMap(({ observation, row }, place) => {
    const verdict = reserved[place];
    return verdict?.kind === 'Reserved' ? [commitItem(row, observation, verdict.fencing_token)] : [];
  });
  const committed = await timed('commit', () => ledger.commit(run, held));
  if (held.length === 0 || committed.some(({ kind }) => kind !== 'Committed')) throw new Error('Nothing was committed, so nothing was measured.');
  return { start: times.start ?? 0, check: times.check ?? 0, reserve: times.reserve ?? 0, commit: times.commit ?? 0 };
}
