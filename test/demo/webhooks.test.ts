import { describe, expect, it, vi } from 'vitest';
import { openCrm, openHelpdesk, receiverFor, WebhookReceiver } from './demo-client';

const settled = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('webhooks', () => {
  it('tell of every change, the API\'s own too, with the secret', async () => {
    const crm = await openCrm();
    const receiver = await receiverFor(crm);
    await crm.api('PATCH', '/4701', { city: 'Bonn', custom: { sync_origin: 'run-1' } });
    await crm.admin('POST', '/admin/users/edit', { id: '4702', changes: { city: 'Ulm' } });
    await crm.api('POST', '', { last_name: 'New', email: 'new@x.example' });
    await crm.api('DELETE', '/4703');
    await vi.waitFor(() => expect(receiver.events).toHaveLength(4));
    expect(receiver.events.map(({ type, id }) => [type, id])).toEqual([
      ['contact.updated', '4701'],
      ['contact.updated', '4702'],
      ['contact.created', '5001'],
      ['contact.deleted', '4703'],
    ]);
    expect(receiver.events[0]?.changed).toEqual({ city: 'Bonn', custom: { sync_origin: 'run-1' } });
    expect(receiver.events[0]?.record).toMatchObject({ id: '4701', city: 'Bonn', country: 'JP' });
    expect(receiver.headers[0]?.['x-demo-secret']).toBe('s3cret');
    await vi.waitFor(async () => expect(await crm.counters()).toMatchObject({ webhooks_sent: 4, webhooks_failed: 0 }));
  });

  it('are registered over the API, and the new registration replaces the old', async () => {
    const helpdesk = await openHelpdesk();
    const receiver = new WebhookReceiver();
    const port = await receiver.listen();
    const headers = { authorization: `Bearer ${helpdesk.system.apiToken}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ url: `http://127.0.0.1:${port}/a`, secret_header: 'x-key', secret: 'k' });
    expect((await fetch(`${helpdesk.system.url}/api/webhooks`, { method: 'POST', headers, body })).status).toBe(201);
    await helpdesk.admin('POST', '/admin/users/edit', { id: 'T-1001', changes: { address: { city: 'Ulm' } } });
    await vi.waitFor(() => expect(receiver.events[0]?.changed).toEqual({ address: { city: 'Ulm' } }));
    expect(receiver.headers[0]?.['x-key']).toBe('k');
  });

  it('are tried again after a refused connection and after an error answer', async () => {
    const crm = await openCrm();
    const receiver = new WebhookReceiver();
    const port = await receiver.listen();
    receiver.close();
    crm.system.setWebhook({ url: `http://127.0.0.1:${port}/`, header: null, secret: null });
    await crm.api('PATCH', '/4701', { city: 'Bonn' });
    await vi.waitFor(async () => expect((await crm.counters())['webhooks_failed']).toBe(1));
    receiver.failures = [500];
    await receiver.listen(port);
    await vi.waitFor(() => expect(receiver.events).toHaveLength(1), { timeout: 5000 });
    expect(await crm.counters()).toMatchObject({ webhooks_failed: 2 });
  });

  it('are sent again to a receiver that has taken them and answers too late', async () => {
    const crm = await openCrm();
    const receiver = new WebhookReceiver();
    receiver.unanswered = 1;
    crm.system.setWebhook({ url: `http://127.0.0.1:${await receiver.listen()}/`, header: null, secret: null, answerWithinMs: 50 });
    await crm.api('PATCH', '/4701', { city: 'Bonn' });
    await vi.waitFor(() => expect(receiver.deliveries).toHaveLength(2), { timeout: 5000 });
    expect(receiver.deliveries[0]).toEqual(receiver.deliveries[1]);
  });

  it('can come twice, carry the changed fields only, or not come at all', async () => {
    const crm = await openCrm();
    const receiver = await receiverFor(crm);
    await crm.quirks({ deliver_twice: true, partial_payloads: true });
    await crm.api('PATCH', '/4701', { city: 'Bonn' });
    await vi.waitFor(() => expect(receiver.deliveries).toHaveLength(2));
    expect(receiver.deliveries[0]).toEqual(receiver.deliveries[1]);
    expect(Object.keys(receiver.events[0]?.record ?? {}).sort()).toEqual(['city', 'id', 'updated_at']);
    await crm.quirks({ lose_next: 1, deliver_twice: false });
    await crm.api('PATCH', '/4701', { city: 'lost' });
    await crm.api('PATCH', '/4701', { city: 'told' });
    await crm.quirks({ webhooks_off: true });
    await crm.api('PATCH', '/4701', { city: 'silent' });
    await settled(150);
    expect(receiver.events.slice(2).map((event) => event.changed)).toEqual([{ city: 'told' }]);
  });

  it('can come late, out of order, or several in one delivery', async () => {
    const crm = await openCrm();
    const receiver = await receiverFor(crm);
    const edits = ['a', 'b', 'c', 'd', 'e', 'f'];
    await crm.quirks({ deliver_out_of_order: true });
    for (const city of edits) await crm.api('PATCH', '/4701', { city });
    await vi.waitFor(() => expect(receiver.events).toHaveLength(6));
    const cities = receiver.events.map((event) => event.changed['city']);
    expect(cities).not.toEqual(edits);
    expect([...cities].sort()).toEqual(edits);

    await crm.quirks({ deliver_out_of_order: false, deliver_late_ms: 200, group_events_ms: 100 });
    await crm.api('PATCH', '/4701', { city: 'g' });
    await crm.api('PATCH', '/4701', { city: 'h' });
    await settled(150);
    expect(receiver.deliveries).toHaveLength(6);
    await vi.waitFor(() => expect(receiver.deliveries).toHaveLength(7));
    expect(receiver.deliveries[6]?.events.map((event) => event.changed['city'])).toEqual(['g', 'h']);
  });

  it('of a bulk touch come in groups of 50 and name no changed field', async () => {
    const crm = await openCrm();
    const receiver = await receiverFor(crm);
    expect((await crm.admin('POST', '/admin/touch-all')).body).toEqual({ touched: 300 });
    await vi.waitFor(() => expect(receiver.deliveries.map((delivery) => delivery.events.length)).toEqual([50, 50, 50, 50, 50, 50]));
    expect(receiver.events.every((event) => Object.keys(event.changed).length === 0)).toBe(true);
    expect((await crm.api('GET', '/4701')).headers.get('etag')).toBe('"2"');
  });
});
