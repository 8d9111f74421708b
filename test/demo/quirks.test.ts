import { describe, expect, it } from 'vitest';
import { openCrm, openHelpdesk } from './demo-client';

describe('quirks', () => {
  it('the helpdesk keeps phones in display form and e-mails in lower case; the CRM keeps both as given', async () => {
    const helpdesk = await openHelpdesk();
    const us = await helpdesk.api('PATCH', '/T-1001', { requester: { phone: '+14155552671', email: ' Ann@X.Example ' } });
    expect(us.body['requester']).toMatchObject({ phone: '(415) 555-2671', email: 'ann@x.example' });
    const gb = await helpdesk.api('PATCH', '/T-1001', { requester: { phone: '+442079460958' } });
    expect(gb.body['requester']).toMatchObject({ phone: '+44 20 7946 0958' });
    const crm = await openCrm();
    expect((await crm.api('PATCH', '/4701', { phone: '+14155552671', email: 'Ann@X.Example' })).body).toMatchObject({ phone: '+14155552671', email: 'Ann@X.Example' });
  });

  it('unset fields are null in the CRM and absent in the helpdesk, until switched', async () => {
    const crm = await openCrm();
    const helpdesk = await openHelpdesk();
    expect((await crm.api('PATCH', '/4701', { notes: null })).body).toHaveProperty('notes', null);
    expect((await helpdesk.api('PATCH', '/T-1001', { queue: null })).body).not.toHaveProperty('queue');
    await crm.quirks({ send_nulls: false });
    expect((await crm.api('GET', '/4701')).body).not.toHaveProperty('notes');
  });

  it('an urgent ticket is moved to the escalation queue by the helpdesk itself', async () => {
    const helpdesk = await openHelpdesk({ seedRecords: [] });
    await helpdesk.quirks({ automation_tags: true });
    await helpdesk.api('POST', '', { requester: { last_name: 'A', email: 'a@x.example' }, priority: 'low' });
    const urgent = await helpdesk.api('PATCH', '/T-1001', { priority: 'urgent' });
    expect(urgent.body).toMatchObject({ priority: 'urgent', queue: 'escalation', tags: ['escalated'] });
  });

  it('a field can grow at every API write, even one that did not name it', async () => {
    const crm = await openCrm();
    await crm.quirks({ append_on_write: 'city' });
    await crm.api('PATCH', '/4701', { city: 'Bonn' });
    expect((await crm.api('PATCH', '/4701', { score: 1 })).body['city']).toBe('Bonn * *');
    const byUser = await crm.admin('POST', '/admin/users/edit', { id: '4701', changes: { city: 'Ulm' } });
    expect(byUser.body['city']).toBe('Ulm');
  });

  it('a value can be rejected, and a second e-mail too', async () => {
    const crm = await openCrm({ seedRecords: [] });
    await crm.quirks({ reject_value: { field: 'city', value: 'Atlantis' }, unique_email: true });
    const person = { last_name: 'A', email: 'a@x.example' };
    expect((await crm.api('POST', '', { ...person, city: 'Atlantis' })).body['error']).toMatchObject({ code: 'rejected_value', field: 'city' });
    expect((await crm.api('POST', '', person)).status).toBe(201);
    expect((await crm.api('POST', '', { ...person, email: 'A@x.example' })).status).toBe(409);
    expect((await crm.api('PATCH', '/4701', { email: 'A@x.example' })).status).toBe(200);
  });

  it('over the limit it answers 429 with Retry-After, applies nothing, and recovers', async () => {
    const crm = await openCrm();
    await crm.quirks({ rate_limit: 2 });
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      const answer = await crm.api('PATCH', '/4701', { score: i });
      statuses.push(answer.status);
      if (answer.status === 429) expect(answer.headers.get('retry-after')).toBe('1');
    }
    expect(statuses.slice(-3)).toContain(429);
    await new Promise((resolve) => setTimeout(resolve, 1050));
    expect((await crm.api('GET', '/4701')).status).toBe(200);
    expect(await crm.counters()).toMatchObject({ rate_limited: statuses.filter((status) => status === 429).length });
  });

  it('failures can be ordered, and run out', async () => {
    const crm = await openCrm();
    await crm.quirks({ fail_next: { count: 2, status: 503 } });
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await crm.api('PATCH', '/4701', { city: 'Bonn' })).status);
    expect(statuses).toEqual([503, 503, 200]);
  });

  it('a write can be applied although its answer comes late or never, and is then in the log', async () => {
    const crm = await openCrm();
    await crm.quirks({ hang_next_write_ms: 300 });
    const start = performance.now();
    const hanging = crm.api('PATCH', '/4701', { city: 'slow' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await crm.api('GET', '/4701')).body['city']).toBe('slow');
    expect((await hanging).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThan(290);
    await crm.quirks({ drop_response_next: 1 });
    await expect(crm.api('PATCH', '/4701', { city: 'cut' }, { 'idempotency-key': 'k' })).rejects.toThrow();
    const log = await crm.admin('GET', '/admin/log');
    expect(log.list.at(-1)).toMatchObject({ by: 'api', record_id: '4701', status: 200, changed: { city: ['slow', 'cut'] }, idempotency_key: 'k' });
    expect((await crm.api('PATCH', '/4701', { city: 'cut' }, { 'idempotency-key': 'k' })).headers.get('idempotent-replay')).toBe('true');
  });

  it('an unknown quirk is refused', async () => {
    const crm = await openCrm();
    expect((await crm.admin('PATCH', '/admin/quirks', { deliver_thrice: true })).status).toBe(400);
  });
});
