import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { askedFor } from '../../../core/stages/asked-for';
import { normalizeRecord } from '../../../core/stages/normalize';
import { readResponse, type ReadOutcome } from '../../../core/stages/read-response';
import { writeOutcome } from '../../../core/stages/write-outcome';
import type { WriteOutcome } from '../../../core/model';
import { jsonValue, deepFreeze } from '../../support/json-values';
import { compiledCrm, rawContact } from '../../support/mappings';

const crm = compiledCrm();
const byId = { native_id: '4829', match_key: null };
const bySearch = { native_id: null, match_key: 'ann.lee@example.org' };
const read = (response: unknown, asked: Parameters<typeof readResponse>[2] = byId): ReadOutcome => readResponse(crm, deepFreeze(response), asked, { list_path: 'data' });
const answer = (statusCode: number, body: unknown = null, headers: Readonly<Record<string, string>> = {}) => ({ statusCode, headers, body });
const observed = (presence: string, more = {}) => ({ kind: 'Valid', observation: { system: 'crm', presence, schema: crm.schema, ...more } });

describe('what an answer to a read proves', () => {
  it('a record is present, with the version of its header, however that is spelled', () => {
    expect(read(answer(200, rawContact, { ETag: '"7"' }))).toMatchObject(observed('present', { native_id: '4829', etag: '"7"' }));
  });

  it.each([404, 410])('D6 %i for an id means gone', (status) => {
    expect(read(answer(status, { error: { code: 'not_found' } }))).toMatchObject(observed('gone', { native_id: '4829', fingerprint: null, record: {} }));
  });

  it('D6 404 without an id proves nothing', () => {
    expect(read(answer(404), bySearch)).toMatchObject(observed('none'));
    expect(read(answer(404), { native_id: null, match_key: null })).toMatchObject({ kind: 'Failed', retry_after_seconds: null });
  });

  it('I6 D6 403 means out of scope, never a delete', () => {
    expect(read(answer(403))).toMatchObject(observed('out_of_scope', { native_id: '4829' }));
  });

  it('D6 an empty listing is no delete', () => {
    expect(read(answer(200, { data: [] }), bySearch)).toMatchObject(observed('none'));
    expect(read(answer(200, { data: [] }))).toMatchObject(observed('none', { native_id: null }));
  });

  it.each([401, 408, 429, 500, 502, 503])('F3 F4 %i fails and may be tried again', (status) => {
    expect(read(answer(status, null, { 'retry-after': '7' }))).toMatchObject({ kind: 'Failed', retry_after_seconds: 7 });
  });

  it.each([301, 304, 400, 422])('%i fails, and trying again does not help', (status) => {
    expect(read(answer(status, { error: { message: 'bad filter' } }))).toMatchObject({ kind: 'Failed', retry_after_seconds: null });
  });

  it('F3 no answer at all fails: never gone', () => {
    expect(read({ error: { message: 'timeout of 3000ms exceeded', code: 'ECONNABORTED' } })).toMatchObject({ kind: 'Failed', retry_after_seconds: 60, reasons: [expect.stringContaining('timeout of 3000ms')] });
    expect(read({ id: '4829' })).toMatchObject({ kind: 'Failed', retry_after_seconds: null, reasons: [expect.stringContaining('Include Response Headers and Status')] });
  });

  it('without "Never Error", the error’s own status counts', () => {
    expect(read({ error: { message: 'Request failed', status: 404 } })).toMatchObject(observed('gone'));
  });

  it('I1 one hit is present, several are ambiguous and named', () => {
    expect(read(answer(200, { data: [rawContact] }, { etag: '"list"' }), bySearch)).toMatchObject(observed('present', { native_id: '4829', etag: null }));
    expect(read(answer(200, { data: [rawContact, { ...rawContact, id: 4830 }] }), bySearch)).toMatchObject(observed('ambiguous', { native_id: null, candidates: ['4829', '4830'], record: {} }));
  });

  it('I2 a hit with another match key is another person, and one that cannot be read may be the one', () => {
    const joann = { ...rawContact, id: 'x', email: 'joann.lee@example.org' };
    expect(read(answer(200, { data: [joann, rawContact] }), bySearch)).toMatchObject(observed('present', { native_id: '4829' }));
    expect(read(answer(200, { data: [joann] }), bySearch)).toMatchObject(observed('none'));
    expect(read(answer(200, { data: [rawContact, { ...rawContact, id: 'y', email: 'hidden' }] }), bySearch)).toMatchObject(observed('ambiguous', { candidates: ['4829', 'y'] }));
  });

  it('a body that is no record is rejected', () => {
    expect(read(answer(200, '<html>'))).toMatchObject({ kind: 'Rejected', native_id: '4829', reasons: [expect.stringContaining('expected a record')] });
  });
});

describe('which record a read asked for', () => {
  const nothing = { hint: null, read_request: null, row: null, source: null, target: null };
  const other = normalizeRecord(crm, rawContact, { etag: null });
  const source = other.kind === 'Valid' ? other.observation : null;

  it('the hinted one in its own system, what Diff Engine wants in the other, else by match key', () => {
    expect(askedFor('crm', { ...nothing, hint: { system: 'crm', native_id: '1' } })).toEqual({ native_id: '1', match_key: null });
    expect(askedFor('support', { ...nothing, hint: { system: 'crm', native_id: '1' }, read_request: { native_id: 'T-1', match_key: null } })).toEqual({ native_id: 'T-1', match_key: null });
    expect(askedFor('support', { ...nothing, hint: { system: 'crm', native_id: '1' }, source })).toEqual({ native_id: null, match_key: 'ann.lee@example.org' });
    expect(askedFor('crm', nothing)).toEqual({ native_id: null, match_key: null });
  });
});

describe('what became of a write', () => {
  const update = { op: 'update', native_id: '4829' } as const;
  const create = { op: 'create', native_id: null } as const;
  const remove = { op: 'delete', native_id: '4829' } as const;
  const outcome = (response: unknown, written: Parameters<typeof writeOutcome>[2] = update): WriteOutcome => writeOutcome(crm, deepFreeze(response), written);

  it('E11 written, as the system’s own answer shows it', () => {
    expect(outcome(answer(200, { ...rawContact, phone: '+1 201 555 0123' }, { etag: '"8"' }))).toMatchObject({ kind: 'written', observation: { presence: 'present', etag: '"8"', record: { phone: '+12015550123' } } });
  });

  it('V2 an answer that shows part of the record is taken for that part', () => {
    const written = outcome(answer(200, { phone: '(201) 555-0123', country: 'US' }));
    expect(written).toMatchObject({ kind: 'written', observation: { native_id: '4829', record_key: null } });
    expect(written.kind === 'written' ? { ...written.observation?.record } : null).toEqual({ phone: '+12015550123' });
  });

  it('written without a readable answer is still written', () => {
    expect(outcome(answer(204))).toEqual({ kind: 'written', observation: null });
    expect(outcome(answer(201, { ok: true }), create)).toEqual({ kind: 'written', observation: null });
  });

  it.each([200, 204, 404, 410])('D3 a delete answered %i leaves the record gone', (status) => {
    expect(outcome(answer(status), remove)).toMatchObject({ kind: 'written', observation: { presence: 'gone', native_id: '4829' } });
  });

  it.each([404, 409, 410, 412, 428])('F7 an update answered %i was refused: the record moved', (status) => {
    expect(outcome(answer(status)).kind).toBe('refused');
  });

  it('I5 a create that meets an existing record is refused, one without an address is rejected', () => {
    expect(outcome(answer(409), create).kind).toBe('refused');
    expect(outcome(answer(404), create).kind).toBe('rejected');
  });

  it('F5 a rejected value carries the system’s message, and nothing else of its answer', () => {
    const body = { error: { code: 'invalid_value', message: `No such\nphone ${'9'.repeat(300)}`, field: 'phone' }, request: { token: 'secret' } };
    const rejected = outcome(answer(422, body));
    expect(rejected.kind === 'rejected' ? rejected.reason : '').toMatch(/^crm: update 422 invalid_value: No such phone 9+… \(field phone\)$/u);
    expect(JSON.stringify(rejected)).not.toContain('secret');
    expect(outcome(answer(403)).kind).toBe('rejected');
  });

  it.each([
    [429, { 'Retry-After': '30' }, 30],
    [503, { 'retry-after': 'Wed, 21 Oct 2026 07:29:30 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' }, 90],
    [503, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT', date: 'Wed, 21 Oct 2026 07:29:00 GMT' }, 1],
    [429, { 'retry-after': 'soon' }, 60],
    [429, {}, 60],
    [401, {}, 60],
  ])('F4 F12 %i with %j is postponed by %i s', (status, headers, seconds) => {
    expect(outcome(answer(status, null, headers))).toMatchObject({ kind: 'postponed', retry_after_seconds: seconds });
  });

  it.each([answer(500), answer(504), answer(408), answer(302), {}, { error: { message: 'socket hang up' } }, null])('F3 %j leaves it unknown', (response) => {
    expect(outcome(response).kind).toBe('unknown');
  });

  it('never throws, whatever comes back', () => {
    fc.assert(fc.property(fc.oneof(jsonValue, fc.record({ statusCode: fc.oneof(fc.integer({ min: 90, max: 610 }), jsonValue), headers: jsonValue, body: jsonValue, error: jsonValue })), (response) => {
      for (const written of [update, create, remove]) expect(outcome(response, written).kind).toBeTypeOf('string');
      for (const asked of [byId, bySearch]) expect(read(response, asked).kind).toBeTypeOf('string');
    }));
  });
});
