/**
 * A business system as a value: records, versions, remembered idempotency keys. It answers as an HTTP API would, and takes
 * what its users do. Old states stay as they were, so that a read can be answered from the past.
 */
import type { Hint, JsonValue, SystemName } from '../../core/model';
import type { WriteRequest } from '../../core/stages/denormalize';
import type { Asked } from '../../core/stages/read-response';
import { FIELDS, type FieldName } from './fake-system/fields';
import { rawRecord, readBody } from './fake-system/raw-record';
import { stored, type Quirks } from './fake-system/quirks';

export { FIELDS, fieldsIn, isFieldName, type FieldName } from './fake-system/fields';
export { compiledMapping, mappingOf } from './fake-system/mappings';
export type { Quirks } from './fake-system/quirks';

export type FakeFields = { readonly [field in FieldName]: JsonValue };

export interface FakeRecord {
  readonly id: string;
  readonly fields: FakeFields;
  readonly stamp: string | null;
  readonly version: number;
  readonly updated_at: string;
  readonly deleted: boolean;
  /** Who reads it gets that record instead. */
  readonly merged_into?: string;
  /** Requests and edits so far when it was made: a search that lags does not show it yet. */
  readonly made_at: number;
}

export interface FakeState {
  readonly name: SystemName;
  readonly quirks: Quirks;
  readonly records: { readonly [id: string]: FakeRecord };
  /** Requests and edits so far. */
  readonly clock: number;
  readonly made: number;
  /** Answers by idempotency key. */
  readonly answered: { readonly [key: string]: HttpResponse };
}

export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: JsonValue;
}

export type FakeRequest =
  | { readonly kind: 'read'; readonly asked: Asked }
  | { readonly kind: 'write'; readonly request: WriteRequest };

export interface FakeAnswer {
  readonly state: FakeState;
  readonly response: HttpResponse;
  /** What its webhook tells of it. */
  readonly hints: readonly Hint[];
}

export function fakeSystem(name: SystemName, quirks: Quirks): FakeState {
  return { name, quirks, records: {}, clock: 0, made: 0, answered: {} };
}

const reply = (statusCode: number, body: JsonValue = {}): HttpResponse => ({ statusCode, headers: {}, body });
const refusal = (statusCode: number, code: string): HttpResponse => reply(statusCode, { error: { code, message: code } });

export function answer(state: FakeState, request: FakeRequest, now: string): FakeAnswer {
  return request.kind === 'read' ? { state, response: read(state, request.asked), hints: [] } : write(state, request.request, now);
}

/** A search of a lagging index shows nothing that was made in the last few requests. */
const LAG = 3;

/** After a while in which nothing happened, a search shows everything. */
export const indexed = (state: FakeState): FakeState => ({ ...state, clock: state.clock + LAG });

function read(state: FakeState, { native_id, match_key }: Asked): HttpResponse {
  if (native_id !== null) {
    const asked = state.records[native_id];
    const record = asked?.merged_into === undefined ? asked : state.records[asked.merged_into];
    return record === undefined || record.deleted ? refusal(404, 'not_found') : reply(200, rawRecord(state, record));
  }
  const hits = liveRecords(state).filter((record) => record.fields.email === match_key && !(state.quirks.search_lags && state.clock - record.made_at < LAG));
  return reply(200, { data: hits.map((record) => rawRecord(state, record)) });
}

export function liveRecords(state: FakeState): readonly FakeRecord[] {
  return Object.values(state.records).filter((record) => !record.deleted);
}

function write(state: FakeState, request: WriteRequest, now: string): FakeAnswer {
  const known = state.quirks.honours_keys ? state.answered[request.idempotency_key] : undefined;
  if (known !== undefined) return { state, response: known, hints: [] };
  const done = apply(state, request, now);
  const remembers = state.quirks.honours_keys && done.response.statusCode < 300;
  return remembers ? { ...done, state: { ...done.state, answered: { ...done.state.answered, [request.idempotency_key]: done.response } } } : done;
}

function apply(state: FakeState, request: WriteRequest, now: string): FakeAnswer {
  const refused = (response: HttpResponse): FakeAnswer => ({ state, response, hints: [] });
  const { fields, stamp } = readBody(state.name, request.body);
  if (Object.values(fields).some((value) => typeof value === 'string' && value.startsWith('refused'))) return refused(refusal(422, 'invalid'));
  if (request.op === 'create') {
    const same = liveRecords(state).some((record) => record.fields.email === fields.email);
    if (same && state.quirks.unique_email) return refused(refusal(409, 'duplicate'));
    return created(state, { ...emptyFields, ...fields }, stamp, now, true);
  }
  const record = request.native_id === null ? undefined : state.records[request.native_id];
  if (record === undefined || record.deleted) return refused(refusal(404, 'not_found'));
  if (state.quirks.conditional && request.if_match !== null && request.if_match !== String(record.version)) return refused(refusal(412, 'stale'));
  if (request.op === 'delete') return { ...changed(state, record, { deleted: true }, now), response: reply(204, null) };
  const automation = state.quirks.automates && fields.city !== undefined ? { zip: zipOf(fields.city) } : {};
  const next = changed(state, record, { fields: stored(state.quirks, { ...record.fields, ...fields, ...automation }), stamp: stamp ?? record.stamp }, now);
  return { ...next, response: responseTo(next.state, record.id, 200, Object.keys(fields)) };
}

const zipOf = (city: JsonValue): JsonValue => (typeof city === 'string' ? `z-${city}` : null);

const emptyFields: FakeFields = { email: null, name: null, phone: null, city: null, zip: null, tags: [], score: null };

function created(state: FakeState, fields: FakeFields, stamp: string | null, now: string, shown: boolean): FakeAnswer {
  const id = `${state.name}${state.made + 1}`;
  const record: FakeRecord = { id, fields: stored(state.quirks, fields), stamp, version: 1, updated_at: now, deleted: false, made_at: state.clock };
  const next: FakeState = { ...state, made: state.made + 1, clock: state.clock + 1, records: { ...state.records, [id]: record } };
  return { state: next, response: shown ? responseTo(next, id, 201, FIELDS) : reply(201), hints: [{ system: state.name, native_id: id }] };
}

function changed(state: FakeState, record: FakeRecord, change: Partial<FakeRecord>, now: string): FakeAnswer {
  const next: FakeRecord = { ...record, ...change, version: record.version + 1, updated_at: now };
  return {
    state: { ...state, clock: state.clock + 1, records: { ...state.records, [record.id]: next } },
    response: reply(200),
    hints: [{ system: state.name, native_id: record.id }],
  };
}

/** The whole record, the written fields only, or nothing (an update that is carried out later). */
function responseTo(state: FakeState, id: string, status: number, written: readonly string[]): HttpResponse {
  const record = state.records[id];
  if (record === undefined) return reply(status);
  const whole = rawRecord(state, record);
  switch (state.quirks.answers) {
    case 'whole':
      return reply(status, whole);
    case 'part':
      return reply(status, rawRecord(state, record, written));
    case 'nothing':
      // Who creates is told the id at least.
      return status === 201 ? reply(202, rawRecord(state, record, [])) : reply(202, null);
  }
}

// ---- Users --------------------------------------------------------------------------------------------------------------

export function userCreates(state: FakeState, fields: Partial<FakeFields>, now: string): FakeAnswer {
  return created(state, { ...emptyFields, ...fields }, null, now, false);
}

export function userEdits(state: FakeState, id: string, fields: Partial<FakeFields>, now: string): FakeAnswer {
  const record = state.records[id];
  if (record === undefined || record.deleted) return { state, response: refusal(404, 'not_found'), hints: [] };
  return changed(state, record, { fields: stored(state.quirks, { ...record.fields, ...fields }) }, now);
}

export function userDeletes(state: FakeState, id: string, now: string): FakeAnswer {
  const record = state.records[id];
  if (record === undefined || record.deleted) return { state, response: refusal(404, 'not_found'), hints: [] };
  return changed(state, record, { deleted: true }, now);
}

/** Two records of one person become one: the losing id leads to the other record from now on. */
export function userMerges(state: FakeState, id: string, into: string, now: string): FakeAnswer {
  const record = state.records[id];
  if (record === undefined || record.deleted || state.records[into]?.deleted !== false) return { state, response: refusal(404, 'not_found'), hints: [] };
  return changed(state, record, { deleted: true, merged_into: into }, now);
}

/** From the waste basket, as it was. */
export function userUndeletes(state: FakeState, id: string, now: string): FakeAnswer {
  const record = state.records[id];
  if (record === undefined || !record.deleted) return { state, response: refusal(404, 'not_found'), hints: [] };
  return changed(state, record, { deleted: false }, now);
}
