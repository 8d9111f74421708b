import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../../core/json/fingerprint';
import type { Observation } from '../../../core/model';
import { denormalizePatch } from '../../../core/stages/denormalize';
import { normalizeRecord, type Rejection } from '../../../core/stages/normalize';
import { compiledCrm, compiledFrom, rawContact } from '../../support/mappings';
import { deepFreeze } from '../../support/json-values';

const crm = compiledCrm();

export function valid(raw: unknown, compiled = crm): Observation {
  const normalized = normalizeRecord(compiled, deepFreeze(raw), { etag: '"7"' });
  if (normalized.kind === 'Rejected') throw new Error(normalized.reasons.join('\n'));
  return normalized.observation;
}
function rejected(raw: unknown, compiled = crm): Rejection {
  const normalized = normalizeRecord(compiled, deepFreeze(raw), { etag: null });
  if (normalized.kind === 'Valid') throw new Error('not rejected');
  return normalized;
}

describe('Normalize', () => {
  it('makes the canonical record, with all that is known about the read', () => {
    const observation = valid(rawContact);
    expect(observation).toMatchObject({
      system: 'crm', presence: 'present', native_id: '4829', record_key: 'contact_4829', match_key: 'ann.lee@example.org', etag: '"7"', stamp: null, holds_stamps: true,
      updated_at: '2026-03-10T12:00:00.000Z', candidates: [], fingerprint: fingerprint(observation.record), schema: crm.schema,
    });
    expect({ ...observation.record }).toEqual({
      first_name: 'Ann', last_name: 'Lee', email: 'ann.lee@example.org', phone: '+12015550123', city: '', newsletter: false, tags: ['beta', 'vip'], priority: 'urgent', revenue: '1250000', score: 0,
    });
  });

  it('drops what no row maps', () => {
    expect(JSON.stringify(valid(rawContact))).not.toContain('never mapped');
  });

  it('E11 a phone in another spelling, a trimmed name, another case are no difference', () => {
    expect(valid({ ...rawContact, phone: '+1 201 555 0123', first_name: 'Ann', email: 'ANN.LEE@example.org', tags: ['beta', 'vip'], annual_revenue: 1250000 }).fingerprint).toBe(valid(rawContact).fingerprint);
  });

  it('V1 V2 keeps absent, null and "" apart', () => {
    const { city: _city, phone: _phone, ...partial } = rawContact;
    expect(Object.keys(valid(partial).record)).not.toContain('city');
    expect(valid({ ...rawContact, city: null }).record['city']).toBeNull();
    expect(valid(rawContact).record['city']).toBe('');
    expect(new Set([partial, { ...rawContact, city: null }, rawContact].map((raw) => valid(raw).fingerprint)).size).toBe(3);
  });

  it('V3 0, false, "" and [] survive', () => {
    expect({ ...valid({ ...rawContact, tags: [] }).record }).toMatchObject({ score: 0, newsletter: false, city: '', tags: [] });
  });

  it('a rejected record carries every reason: name, path, what was found, what to do', () => {
    const { code, native_id, reasons } = rejected({ ...rawContact, email: 'not-an-email', last_name: ' ', newsletter: 'perhaps', annual_revenue: 'x'.repeat(500) });
    expect({ code, native_id }).toEqual({ code: 'rejected_record', native_id: '4829' });
    expect(reasons).toHaveLength(4);
    expect(reasons.map((reason) => reason.split(' ')[0])).toEqual(['email', 'last_name', 'newsletter', 'revenue']);
    expect(reasons[0]).toBe('email (email): expected an e-mail address, found text "not-an-email". Correct the address in the system, or choose the field type Text.');
    expect(reasons[1]).toContain('last_name (last_name): is empty, but the mapping requires it');
    expect(reasons[3]).not.toContain('x'.repeat(61));
  });

  it('V1 a required field that is absent is a reason, 0 and false are not empty', () => {
    const { email: _email, ...without } = rawContact;
    expect(rejected(without).reasons).toEqual([expect.stringContaining('email (email): is missing')]);
    expect(valid({ id: 1, n: 0, b: false }, compiledFrom([{ name: 'n', path: 'n', type: 'number', required: true }, { name: 'b', path: 'b', type: 'boolean', required: true }])).record).toMatchObject({ n: 0, b: false });
  });

  it.each([null, 'text', 42, [], [rawContact], undefined])('%j is no record', (raw) => {
    expect(rejected(raw).reasons[0]).toContain('expected a record');
  });

  it('a record without an id is refused: nothing could be written back to it', () => {
    expect(rejected({ ...rawContact, id: null }).reasons).toEqual([expect.stringContaining('record key (id)'), expect.stringContaining('native id (id)')]);
  });

  it('V8 keys that name built-in members are ordinary data', () => {
    const compiled = compiledFrom([{ name: '__proto__', path: '__proto__', type: 'json' }, { name: 'constructor', path: 'constructor', type: 'text' }, { name: 'toString', path: 'toString', type: 'text' }]);
    const { record } = valid(JSON.parse('{"id":1,"__proto__":{"admin":true},"constructor":"c"}'), compiled);
    expect(JSON.stringify(record)).toBe('{"__proto__":{"admin":true},"constructor":"c"}');
    expect('admin' in {}).toBe(false);
  });

  it('V10 a field that is only written is not read, and one that is only read is refused as a write', () => {
    const compiled = compiledFrom([{ name: 'note', path: 'note', type: 'text', direction: 'out' }, { name: 'score', path: 'score', type: 'number', direction: 'in' }]);
    expect({ ...valid({ id: 1, note: 'x', score: 3 }, compiled).record }).toEqual({ score: 3 });
    expect(compiled.schema.writable).toEqual(['note']);
  });

  it('a version in the record is read from there, and an origin stamp is found', () => {
    const compiled = compiledFrom([{ name: 'a', path: 'a', type: 'text' }], { etag: { from: 'path', path: 'meta.version' }, stamp_path: 'meta.stamp', record_key: { path: 'id', prefix: 's-' } });
    expect(valid({ id: 9, meta: { version: 3, stamp: 'n8n-sync|x' } }, compiled)).toMatchObject({ etag: '3', stamp: 'n8n-sync|x', record_key: 'contact_s-9' });
  });

  it('says when a phone was kept as text', () => {
    expect(normalizeRecord(crm, { ...rawContact, phone: 'ask reception' }, { etag: null })).toMatchObject({ kind: 'Valid', notes: [expect.stringContaining('phone (phone): not a phone number')] });
  });
});

describe('Denormalize', () => {
  const patch = { system: 'crm', op: 'update', native_id: '4829', from: {}, if_match: '"7"', idempotency_key: 'contact_4829_phone_from_support-v7', match_key: null, echo_fingerprint: null } as const;

  it('writes only the given fields, nested, in the system’s form, with the stamp', () => {
    const written = denormalizePatch(crm, { ...patch, fields: deepFreeze({ priority: 'high', revenue: '12.5', phone: null, newsletter: false, tags: [] }) }, 'stamp');
    expect(JSON.parse(JSON.stringify(written))).toEqual({
      kind: 'Valid',
      request: {
        op: 'update', native_id: '4829', if_match: '"7"', idempotency_key: 'contact_4829_phone_from_support-v7',
        body: { priority: '2', annual_revenue: '12.50', phone: null, newsletter: false, tags: [], custom: { sync_origin: 'stamp' } },
      },
    });
  });

  it('V10 I8 refuses what may not or cannot be written, with every reason', () => {
    const written = denormalizePatch(crm, { ...patch, fields: { score: 1, priority: 'whenever', nickname: 'x', last_name: null } }, null);
    expect(written).toMatchObject({
      kind: 'Rejected',
      reasons: [expect.stringContaining('is read only'), expect.stringContaining('one of the mapped canonical values'), expect.stringContaining('nickname: crm does not map'), expect.stringContaining('last_name (last_name): is empty')],
    });
  });

  it('a create needs what the system requires, a delete needs an id and has no body', () => {
    expect(denormalizePatch(crm, { ...patch, op: 'create', native_id: null, fields: { last_name: 'Lee' } }, null)).toMatchObject({ kind: 'Rejected', reasons: [expect.stringContaining('email (email)')] });
    expect(denormalizePatch(crm, { ...patch, op: 'delete', fields: {} }, 'stamp')).toMatchObject({ kind: 'Valid', request: { body: {} } });
    expect(denormalizePatch(crm, { ...patch, op: 'delete', native_id: null, fields: {} }, null)).toMatchObject({ kind: 'Rejected' });
  });
});
