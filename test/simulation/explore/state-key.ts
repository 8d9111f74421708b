/**
 * Equal for states whose futures are the same. Numbers of the ledger's sequence are only ever compared, so they are written by
 * their order; versions by how far they lie back; ids of runs and reviews not at all.
 */
import type { LedgerState } from '../../support/memory-ledger/state';
import type { Running, World } from './world';

const NUMBER = /(?<![0-9a-f])1\d{9}(?![0-9a-f])/gu;
const VERSIONS = /§([vce]):([^:§]*):(\d+)§|(?<=(contact_[ab]\d+)-v)(\d+)/gu;
const NOT_LOOKED_AT = new Set(['schema', 'run_id', 'updated_at', 'execution_id', 'cause', 'reason', 'reasons', 'id', 'seen', 'mapping_fingerprint', 'overrides']);

export function keyOf(world: World): string {
  const tokens = world.runs.map((running) => running.read_token).sort((a, b) => a - b);
  const runs = world.runs.map((running) => `${textOf(running)}${marksOf(world, running)}`);
  const text = [...runs, ...systemsOf(world), ...ledgerOf(world, tokens), hintsOf(world), JSON.stringify(world.left), JSON.stringify(world.past)].join('\n');
  return sortedRuns(ranked(relative(world, text), world.runs.length));
}

const texts = new WeakMap<object, string>();

function textOf(value: object): string {
  const known = texts.get(value) ?? JSON.stringify(value, member);
  texts.set(value, known);
  return known;
}

/** `JSON.stringify` calls it with the object that holds the member. */
function member(this: unknown, key: string, value: unknown): unknown {
  if (NOT_LOOKED_AT.has(key)) return key === 'id' && typeof value === 'string' && !value.startsWith('review') ? value : undefined;
  const holder = this as { readonly [name: string]: unknown };
  if (key === 'attempt') return Math.min(1, Number(value));
  if ((key === 'etag' || key === 'if_match') && typeof value === 'string') return `§e:${String(holder['system'])}/${String(holder['native_id'])}:${value}§`;
  if ((key === 'version' || key === 'committed_version') && typeof value === 'number' && typeof holder['record_key'] === 'string') return `§${key === 'version' ? 'v' : 'c'}:${holder['record_key']}:${value}§`;
  return value;
}

function marksOf(world: World, { run_id, seen }: Running): string {
  return JSON.stringify([seen, Object.values(world.ledger.records).filter((row) => row.lease?.run_id === run_id).map((row) => row.record_key)]);
}

function systemsOf({ systems }: World): readonly string[] {
  return [systems.a, systems.b].map((system) => JSON.stringify([Object.values(system.records).map(({ id, fields, stamp, deleted }) => [id, fields.name, fields.city, stamp, deleted]), Object.keys(system.answered)]));
}

function ledgerOf({ ledger, runs, now }: World, tokens: readonly number[]): readonly string[] {
  const age = (number: number): number => tokens.filter((token) => token < number).length;
  const rows = Object.values(ledger.records).map((row) => {
    const { lease } = row;
    const held = lease === null ? 'free' : `${runs.some((running) => running.run_id === lease.run_id) ? 'held' : 'left'} ${Date.parse(lease.expires_at) > now}`;
    const intents = row.intents.map((intent) => `${textOf({ ...intent, may_land_until: null })}${Date.parse(intent.may_land_until) > now}`);
    return [row.record_key, held, age(row.changed_seq), row.fencing_token, row.committed_token === row.fencing_token, JSON.stringify(row.links), textOf(row.snapshots), ...intents, textOf(row.reviews), latest(ledger, row.record_key)].join('|');
  });
  const notes = Object.values(ledger.notes).map((note) => [note.system, note.native_id, age(note.hint_seq), note.hint_seq > note.handled_seq, note.record_key].join('|'));
  return [...rows.sort(), ...notes.sort(), String(Object.keys(ledger.issues).length)];
}

function latest(ledger: LedgerState, record_key: string): string {
  const tuple = ledger.journal[JSON.stringify([record_key])]?.at(-1);
  return tuple === undefined ? '' : `${tuple.direction} ${tuple.field_hash}`;
}

function hintsOf({ hints }: World): string {
  return hints.map(({ system, native_id }) => `${system}${native_id}`).sort().join();
}

/** Versions count back from the present one: only whether they are still the present one, or the same, can matter. */
function relative({ ledger, systems }: World, text: string): string {
  const rows = new Map(Object.values(ledger.records).map((row) => [row.record_key, row]));
  return text.replace(VERSIONS, (_all, kind: string | undefined, name: string | undefined, number: string | undefined, key: string | undefined, committed: string | undefined) => {
    if (kind === undefined) return String((rows.get(key ?? '')?.committed_version ?? 0) - Number(committed));
    if (kind === 'e') {
      const [side, id] = (name ?? '').split('/');
      return (systems[side === 'a' ? 'a' : 'b'].records[id ?? '']?.version ?? 0) === Number(number) ? 'now' : 'old';
    }
    const row = rows.get(name ?? '');
    return String((kind === 'v' ? row?.version ?? 0 : row?.committed_version ?? 0) - Number(number));
  });
}

function ranked(text: string, _runs: number): string {
  const numbers = [...new Set(text.match(NUMBER) ?? [])].sort();
  const ranks = new Map(numbers.map((number, rank) => [number, `#${rank}`]));
  return text.replace(NUMBER, (number) => ranks.get(number) ?? number);
}

/** Which of the runs came first is not looked at by anything. */
function sortedRuns(text: string): string {
  const lines = text.split('\n');
  const runs = lines.filter((line) => line.startsWith('{"state"')).sort();
  return [...runs, ...lines.filter((line) => !line.startsWith('{"state"'))].join('\n');
}
