import { describe, expect, it } from 'vitest';
import { openCrm, openHelpdesk } from './demo-client';

describe('people and evidence', () => {
  it('a person\'s edit is logged as a user\'s and counts as no API write', async () => {
    const helpdesk = await openHelpdesk();
    const edited = await helpdesk.admin('POST', '/admin/users/edit', { id: 'T-1001', changes: { address: { city: 'Ulm' } } });
    expect(edited.body).toMatchObject({ id: 'T-1001', version: 2, address: { city: 'Ulm' } });
    expect(await helpdesk.counters()).toMatchObject({ writes: 0, creates: 0, reads: 0 });
    const log = await helpdesk.admin('GET', '/admin/log?since=0');
    expect(log.list).toEqual([expect.objectContaining({ n: 1, by: 'user', record_id: 'T-1001', changed: { 'address.city': [expect.any(String), 'Ulm'] } })]);
    expect((await helpdesk.admin('GET', '/admin/log?since=1')).list).toEqual([]);
  });

  it('a person creates, deletes and takes out of the bin', async () => {
    const crm = await openCrm({ seedRecords: [] });
    expect((await crm.admin('POST', '/admin/users/create', { fields: { last_name: 'A', email: 'a@x.example' } })).status).toBe(201);
    await crm.admin('POST', '/admin/users/delete', { id: '4701' });
    expect((await crm.api('GET', '/4701')).status).toBe(410);
    expect((await crm.admin('GET', '/admin/state')).body['records']).toMatchObject([{ id: '4701', deleted: true }]);
    await crm.admin('POST', '/admin/users/restore', { id: '4701' });
    expect((await crm.api('GET', '/4701')).headers.get('etag')).toBe('"3"');
  });

  it('the API\'s requests are counted by kind, refusals apart', async () => {
    const crm = await openCrm();
    await crm.api('GET', '/4701');
    await crm.api('GET', '?limit=1');
    await crm.api('PATCH', '/4701', { city: 'Bonn' }, { 'if-match': '"1"' });
    await crm.api('PATCH', '/4701', { city: 'Ulm' }, { 'if-match': '"1"' });
    await crm.api('DELETE', '/4701');
    expect(await crm.counters()).toMatchObject({ reads: 1, lists: 1, writes: 1, deletes: 1, rejected: 1, creates: 0 });
    expect((await crm.admin('GET', '/admin/log')).list[3]).toMatchObject({ method: 'PATCH', status: 412, changed: {}, if_match: '"1"' });
    expect((await crm.admin('POST', '/admin/counters/reset')).body).toMatchObject({ reads: 0, rejected: 0 });
  });

  it('a malformed record is served as it is', async () => {
    const crm = await openCrm();
    await crm.admin('POST', '/admin/malform', { id: '4701' });
    expect((await crm.api('GET', '/4701')).body).toMatchObject({ email: 'not-an-email', last_name: null });
  });

  it('a reset gives a seeded system with its quirks, log and ids as at the start', async () => {
    const crm = await openCrm();
    await crm.quirks({ webhooks_off: true });
    await crm.api('DELETE', '/4701');
    expect((await crm.admin('POST', '/admin/reset', { seed: 7, count: 30 })).body).toEqual({ records: 30 });
    expect((await crm.admin('GET', '/admin/quirks')).body).toMatchObject({ webhooks_off: false, send_nulls: true });
    expect((await crm.admin('GET', '/admin/log')).list).toEqual([]);
    expect((await crm.api('POST', '', { last_name: 'A', email: 'a@x.example' })).body['id']).toBe('4731');
  });

  it('the page and its scripts are served, and the page tells of changes as they happen', async () => {
    const crm = await openCrm();
    for (const path of ['/', '/page.js', '/page.css', '/dom.js', '/activity.js', '/record-cell.js', '/record-form.js', '/quirk-panel.js']) {
      expect((await fetch(crm.system.url + path)).status).toBe(200);
    }
    const stream = await fetch(`${crm.system.url}/ui/events`);
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    await reader?.read();
    await crm.api('PATCH', '/4701', { city: 'Bonn' });
    expect((await reader?.read())?.value).toContain('"id":"4701","fields":["city"]');
  });

  it('closing ends open pages, hanging answers and webhook retries at once', async () => {
    const crm = await openCrm({ webhook: { url: 'http://127.0.0.1:9/', header: null, secret: null } });
    const stream = await fetch(`${crm.system.url}/ui/events`);
    await crm.quirks({ hang_next_write_ms: 60_000 });
    const hanging = crm.api('PATCH', '/4701', { city: 'Bonn' }).catch(() => 'cut');
    await new Promise((resolve) => setTimeout(resolve, 50));
    // Not after the minute for which the write would hang: this test would end first.
    await crm.system.close();
    expect(await hanging).toBe('cut');
    await expect(stream.text()).rejects.toThrow();
    await expect(fetch(crm.system.url)).rejects.toThrow();
  });
});
