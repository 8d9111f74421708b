import { describe, expect, it } from 'vitest';
import { openCrm, openHelpdesk } from './demo-client';

describe('the demo systems keep the promises of a REST API', () => {
  it('a request without the token is refused', async () => {
    const crm = await openCrm();
    expect((await crm.api('GET', '/4701', undefined, { authorization: 'Bearer wrong' })).status).toBe(401);
  });

  it('a record is read with its version as ETag; one that never was is 404, a deleted one 410', async () => {
    const crm = await openCrm();
    const read = await crm.api('GET', '/4701');
    expect(read.status).toBe(200);
    expect(read.headers.get('etag')).toBe('"1"');
    expect(read.body).toMatchObject({ id: '4701', custom: { sync_origin: null } });
    expect((await crm.api('GET', '/9999')).status).toBe(404);
    expect((await crm.api('DELETE', '/4701')).status).toBe(204);
    expect((await crm.api('GET', '/4701')).status).toBe(410);
    expect((await crm.api('DELETE', '/4701')).status).toBe(410);
    expect((await crm.api('PATCH', '/4701', { city: 'Bonn' })).status).toBe(410);
  });

  it('PATCH changes the given fields only, nested ones too, and answers the whole record', async () => {
    const crm = await openCrm();
    const before = await crm.api('PATCH', '/4702', { custom: { segment: 'smb' } });
    const after = await crm.api('PATCH', '/4702', { score: 0, newsletter: false, tags: [], custom: { sync_origin: 'run-1' } });
    expect(after.headers.get('etag')).toBe('"3"');
    expect(after.body).toEqual({
      ...before.body,
      etag: '"3"',
      score: 0,
      newsletter: false,
      tags: [],
      custom: { sync_origin: 'run-1', segment: 'smb' },
      updated_at: after.body['updated_at'],
    });
  });

  it('a PATCH that changes nothing makes no new version', async () => {
    const crm = await openCrm();
    await crm.api('PATCH', '/4702', { city: 'Bonn' });
    expect((await crm.api('PATCH', '/4702', { city: 'Bonn' })).headers.get('etag')).toBe('"2"');
  });

  it('If-Match of another version is refused with 412 and changes nothing', async () => {
    const crm = await openCrm();
    expect((await crm.api('PATCH', '/4702', { city: 'Bonn' }, { 'if-match': '"1"' })).status).toBe(200);
    expect((await crm.api('PATCH', '/4702', { city: 'Ulm' }, { 'if-match': '"1"' })).status).toBe(412);
    expect((await crm.api('DELETE', '/4702', undefined, { 'if-match': '"1"' })).status).toBe(412);
    expect((await crm.api('GET', '/4702')).body['city']).toBe('Bonn');
  });

  it.each([
    [{ nickname: 'x' }, 'unknown_field', 'nickname'],
    [{ score: '5' }, 'wrong_type', 'score'],
    [{ status: 'open' }, 'wrong_type', 'status'],
    [{ email: null }, 'wrong_type', 'email'],
    [{ birthday: '2025-02-30' }, 'wrong_type', 'birthday'],
    [{ last_contacted_at: '2025-02-03T10:00:00' }, 'wrong_type', 'last_contacted_at'],
    [{ custom: { constructor: 'x' } }, 'unknown_field', 'custom.constructor'],
    [{ custom: null }, 'wrong_type', 'custom'],
    [{ updated_at: '2025-01-01T00:00:00Z' }, 'read_only', 'updated_at'],
  ])('refuses %j as %s of field %s', async (body, code, field) => {
    const crm = await openCrm();
    const answer = await crm.api('PATCH', '/4703', body);
    expect(answer.status).toBe(422);
    expect(answer.body['error']).toMatchObject({ code, field });
  });

  it('creates with a fresh id, and refuses a record without its required fields', async () => {
    const helpdesk = await openHelpdesk({ seedRecords: [] });
    const created = await helpdesk.api('POST', '', { requester: { last_name: 'Łuk', email: 'luk@x.example' }, subscribed: false });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ id: 'T-1001', requester: { last_name: 'Łuk', email: 'luk@x.example' }, subscribed: false, address: {} });
    const refused = await helpdesk.api('POST', '', { requester: { email: 'luk@x.example' } });
    expect(refused.body['error']).toMatchObject({ code: 'required', field: 'requester.last_name' });
  });

  it('the same Idempotency-Key replays the first answer, whatever the body, and applies nothing', async () => {
    const crm = await openCrm({ seedRecords: [] });
    const key = { 'idempotency-key': 'k1' };
    const first = await crm.api('POST', '', { last_name: 'A', email: 'a@x.example' }, key);
    const again = await crm.api('POST', '', { last_name: 'B', email: 'b@x.example' }, key);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers.get('idempotent-replay')).toBe('true');
    const patch = { 'idempotency-key': 'k2' };
    await crm.api('PATCH', '/4701', { city: 'Bonn' }, patch);
    await crm.api('PATCH', '/4701', { city: 'Ulm' });
    expect((await crm.api('PATCH', '/4701', { city: 'Bonn' }, patch)).body['city']).toBe('Bonn');
    expect((await crm.api('GET', '/4701')).body['city']).toBe('Ulm');
    expect(await crm.counters()).toMatchObject({ creates: 1, writes: 2, replayed: 2 });
  });

  it('a refused write leaves its key free', async () => {
    const crm = await openCrm({ seedRecords: [] });
    const key = { 'idempotency-key': 'k1' };
    expect((await crm.api('POST', '', { email: 'a@x.example' }, key)).status).toBe(422);
    expect((await crm.api('POST', '', { last_name: 'A', email: 'a@x.example' }, key)).status).toBe(201);
  });

  it('a malformed body is a 400, not a crash', async () => {
    const crm = await openCrm();
    const headers = { authorization: `Bearer ${crm.system.apiToken}`, 'content-type': 'application/json' };
    const response = await fetch(`${crm.system.collectionUrl}/4701`, { method: 'PATCH', headers, body: '{"city":' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_request' } });
  });
});
