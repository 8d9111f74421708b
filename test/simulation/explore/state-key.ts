/**
 * Equal for states whose futures are the same. Numbers of the ledger's sequence are only ever compared: of a read token it is told what
 * is younger than it, of fencing tokens their order, of versions whether they are the present ones. Runs have no names.
 */
import { latestSeq } from '../../../ledger/steps/step';
import type { LedgerState } from '../../support/memory-ledger/state';
import type { Scope } from './scope';
import { filled, type Place, type Told } from './told';
import { tellerOf } from './told-state';
import type { Running, World } from './world';

const COMMITTED = /(contact_[ab]\d+)-v(\d+)/gu;

export function keysOf({ idempotent }: Scope): (world: World) => string {
  const keysCount = idempotent.a || idempotent.b;
  const teller = tellerOf(keysCount);
  return (world) => {
    const rows = Object.values(world.ledger.records);
    const [runs, held, systems] = [world.runs.map(teller.run), rows.map(teller.row), [teller.system(world.systems.a), teller.system(world.systems.b)]];
    const fill = filling(world, [...runs, ...held]);
    const told = [
      ...world.runs.map((running, index) => filled(runs[index] ?? NOTHING, fill) + standingOf(world, running)).sort(),
      ...rows.map((row, index) => filled(held[index] ?? NOTHING, fill) + circumstances(world, row.record_key)).sort(),
      ...systems.map((system) => filled(system, fill)),
      notesOf(world), hintsOf(world), JSON.stringify([Object.keys(world.ledger.issues).length, world.ledger.holds, world.ledger.takes]), leftOf(world),
    ].join('\n');
    return keysCount ? sinceCommit(world, told) : told;
  };
}

const NOTHING: Told = { texts: [], places: [] };

function filling({ ledger, systems }: World, remembered: readonly Told[]): (place: Place) => string {
  const tokens = new Set(remembered.flatMap(({ places }) => places.flatMap((place) => (place.kind === 'token' ? [place.token] : []))));
  const ranks = new Map([...tokens].sort((a, b) => a - b).map((token, rank) => [token, `#${rank}`]));
  const rows = Object.values(ledger.records);
  return (place) => {
    switch (place.kind) {
      case 'version':
        return rows.some((row) => row.record_key === place.record_key && row.version === place.version) ? 'now' : 'old';
      case 'etag':
        return String(systems[place.system === 'a' ? 'a' : 'b'].records[place.native_id]?.version) === place.version ? 'now' : 'old';
      case 'token':
      case 'stamp':
        return ranks.get(place.token) ?? 'past';
      case 'review':
        return rows.flatMap((row) => row.reviews).find(({ id }) => id === place.id)?.subject ?? 'closed';
    }
  };
}

/** What is younger than the run's read token, and the lease it holds. */
function standingOf({ ledger }: World, { state, run_id, read_token }: Running): string {
  const rows = Object.values(ledger.records);
  const holds = rows.filter((row) => row.lease?.run_id === run_id).map((row) => row.record_key);
  if (state.pass === null) return `holds ${holds.join()}`;
  const younger = [...rows.filter((row) => row.changed_seq > read_token).map((row) => row.record_key), ...Object.values(ledger.notes).filter((note) => latestSeq(note) > read_token).map(({ system, native_id }) => `${system}/${native_id}`)];
  return `holds ${holds.join()} before ${younger.sort().join()}`;
}

/** The lease of a row, which of its writes may still land, and its newest tuple. */
function circumstances({ ledger, runs, now }: World, record_key: string): string {
  const row = Object.values(ledger.records).find((candidate) => candidate.record_key === record_key);
  const lease = row?.lease ?? null;
  const held = lease === null ? 'free' : `${runs.some((running) => running.run_id === lease.run_id) ? 'held' : 'left'} ${Date.parse(lease.expires_at) > now}`;
  return `${held} ${row?.intents.map((intent) => Date.parse(intent.may_land_until) > now).join() ?? ''} ${latest(ledger, record_key)}`;
}

function latest(ledger: LedgerState, record_key: string): string {
  const tuple = ledger.journal[JSON.stringify([record_key])]?.at(-1);
  return tuple === undefined ? '' : `${tuple.direction} ${tuple.field_hash}`;
}

function notesOf({ ledger }: World): string {
  return Object.values(ledger.notes).map((note) => [note.system, note.native_id, note.hint_seq > note.handled_seq, note.record_key].join('|')).sort().join();
}

function hintsOf({ hints }: World): string {
  return hints.map(({ system, native_id }) => `${system}${native_id}`).sort().join();
}

function leftOf({ left, past }: World): string {
  const { edits, creates, deletes, duplicates, losses, crashes, expiries, timeouts, decisions, partials } = left;
  return JSON.stringify([edits, creates, deletes, duplicates, losses, crashes, expiries, timeouts, decisions, partials, past]);
}

/** Keys of writes count back from the present committed version. */
function sinceCommit({ ledger }: World, text: string): string {
  const committed = new Map(Object.values(ledger.records).map((row) => [row.record_key, row.committed_version]));
  return text.replace(COMMITTED, (_all, record_key: string, version: string) => `${record_key}-v${(committed.get(record_key) ?? 0) - Number(version)}`);
}
