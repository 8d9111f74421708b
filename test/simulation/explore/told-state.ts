/** What of a run, of a row and of a system can still make a difference, as text with places. */
import type { StoredIntent } from '../../../ledger/steps/step';
import type { StoredRow } from '../../support/memory-ledger/state';
import type { FakeState } from '../fake-system';
import type { Pass } from '../machine/run-state';
import { Teller, type Told } from './told';
import type { Running } from './world';

/** The same for all, told elsewhere, or only ever written into the log. */
const NOT_LOOKED_AT = new Set(['schema', 'run_id', 'read_token', 'updated_at', 'execution_id', 'cause', 'reason', 'reasons', 'seen', 'mapping_fingerprint', 'overrides', 'situation', 'committed_version', 'seq', 'latest', 'recent']);

/** Keys of writes matter only to a system that remembers them. */
export function tellerOf(keysCount: boolean) {
  const runs = new WeakMap<Running, Told>();
  const rows = new WeakMap<StoredRow, Told>();
  const systems = new WeakMap<FakeState, Told>();
  const kept = <Part extends object>(known: WeakMap<Part, Told>, part: Part, tell: (part: Part) => Told): Told => {
    const told = known.get(part) ?? tell(part);
    known.set(part, told);
    return told;
  };
  return {
    run: (running: Running) => kept(runs, running, (part) => told(runOf(part), keysCount)),
    row: (row: StoredRow) => kept(rows, row, (part) => told(rowOf(part), keysCount)),
    system: (system: FakeState) => kept(systems, system, (part) => told(systemOf(part), keysCount)),
  };
}

function told(part: unknown, keysCount: boolean): Told {
  const teller = new Teller();
  return teller.told(JSON.stringify(part, function member(this: unknown, key: string, value: unknown) { return memberOf(teller, keysCount, this, key, value); }));
}

function memberOf(teller: Teller, keysCount: boolean, holder: unknown, key: string, value: unknown): unknown {
  if (NOT_LOOKED_AT.has(key)) return undefined;
  switch (key) {
    case 'attempt':
      return Math.min(1, Number(value));
    case 'idempotency_key':
      return keysCount ? value : undefined;
    case 'fencing_token':
      return typeof value === 'number' ? teller.place({ kind: 'token', token: value }) : value;
    case 'used':
    case 'used_intents':
      return Array.isArray(value) ? value.map((id) => intentText(teller, String(id))) : value;
    case 'stamp':
      return typeof value === 'string' ? stampText(teller, value) : value;
    case 'close_reviews':
      return Array.isArray(value) ? value.map((id) => teller.place({ kind: 'review', id: String(id) })) : value;
    case 'id':
      return typeof value === 'string' && value.startsWith('review') ? teller.place({ kind: 'review', id: value }) : value;
    case 'etag':
    case 'if_match':
      return typeof value === 'string' ? teller.place({ kind: 'etag', system: textIn(holder, 'system'), native_id: textIn(holder, 'native_id'), version: value }) : value;
    case 'version':
      return typeof value === 'number' ? teller.place({ kind: 'version', record_key: textIn(holder, 'record_key'), version: value }) : value;
    default:
      return value;
  }
}

function textIn(holder: unknown, name: string): string {
  return typeof holder === 'object' && holder !== null ? String(Reflect.get(holder, name)) : '';
}

function intentText(teller: Teller, id: string): string {
  const [token = '', system = ''] = id.split(':');
  return `${teller.place({ kind: 'token', token: Number(token) })} ${system}`;
}

/** What a stamp says of the values is read by nobody; who wrote it, by settling. */
function stampText(teller: Teller, stamp: string): string {
  const [, , record_key = '', token = ''] = stamp.split('|');
  return `${record_key} ${teller.place({ kind: 'stamp', token: Number(token) })}`;
}

/** The values that were read are asked for by the judge of writes only. */
function runOf({ state, seen }: Running): unknown {
  const { pass, jobs } = state;
  const mayWrite = pass !== null && pass.reads.length + pass.read.length + pass.target_reads.length + pass.target_read.length + pass.to_reserve.length + pass.reserved.length > 0;
  return [pass === null ? null : passOf(pass), jobs, mayWrite ? Object.entries(seen).sort(([a], [b]) => (a < b ? -1 : 1)) : null];
}

/** A queue that is new here is told as it is. */
function passOf({ run, reads, read, target_reads, target_read, questions, to_reserve, reserved, converged, ...rest }: Pass): unknown {
  const compared = target_read.map(({ item, target }) => [comparedOf(item), target]);
  const planned = [questions, to_reserve, reserved, converged].map((items) => items.map(plannedOf));
  return [run.source, reads.map(readOf), read.map((item) => [readOf(item.read), item.source]), target_reads.map(comparedOf), compared, planned, rest];
}

const readOf = ({ hint, full, as_record_key, record_key }: Pass['reads'][number]): unknown => [hint, full, as_record_key, record_key];

const comparedOf = ({ record_key, source, row, held_fields }: Pass['target_reads'][number]): unknown => ({ record_key, source, row, held_fields });

/** Once it is planned, of what was read only the plan counts, the ids to read again, and what Commit compares with. */
function plannedOf({ plan, row, source, target, fencing_token, writes }: Pass['reserved'][number]): unknown {
  const past = row === null ? null : { record_key: row.record_key, version: row.version, snapshots: row.snapshots, reviews: row.reviews };
  return { plan, row: past, read: [source.native_id, target.native_id], fencing_token, writes };
}

/** Version, lease and numbers are told by who knows them; whatever is new in a row is told as it is. */
function rowOf({ sync: _sync, version: _version, changed_seq: _changed, lease: _lease, tombstone_at: _tombstone, fencing_token, committed_token, intents, ...rest }: StoredRow): unknown {
  return [{ fencing_token }, committed_token === fencing_token, intents.map(intentOf), rest];
}

const intentOf = ({ may_land_until: _until, ...intent }: StoredIntent): unknown => intent;

/** Of a deleted record nothing is ever seen again but that it is gone. */
function systemOf({ records, answered }: FakeState): unknown {
  return [Object.values(records).map(({ id, fields, stamp, deleted }) => (deleted ? id : [id, fields.name, fields.city, { stamp }])), Object.keys(answered)];
}
