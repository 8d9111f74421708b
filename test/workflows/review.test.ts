import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ID } from '../../tools/templates/names';
import { CONTACTS, TICKETS } from './sample-records';
import { errorOf, itemsOf, World } from './world';

let world: World;

beforeEach(async () => {
  world = await World.start({ crm: CONTACTS, support: TICKETS });
  await world.reconcile('full');
  await world.edit('crm', '4703', { job_title: 'Founder' });
  await world.edit('support', 'T-1003', { title: 'Owner <b>' });
  await world.deliver('crm', '4703');
});
afterEach(async () => world.close());

const send = async (body: object, accept = 'text/html') =>
  world.run(ID.decide, 'Receive decisions', [{ body: { ...body }, headers: { accept }, query: {}, user: 'ann@example.org' }]);

const decisionFor = async (decision: object) => {
  const { reviews } = await world.reviewPage();
  return { review_id: reviews[0]!.id, shown: reviews[0]!.values, decision };
};

describe('Review - Decide', () => {
  it('shows hostile values as text', async () => {
    const { html } = await world.reviewPage();
    expect(html).toContain('Owner &lt;b&gt;');
    expect(html).not.toContain('Owner <b>');
  });

  it('applies a decision at once, in both systems', async () => {
    const run = await send({ decision: ['', JSON.stringify(await decisionFor({ kind: 'winner', system: 'crm' }))] });
    expect(errorOf(run)).toBeUndefined();
    expect(await world.record('support', 'T-1003')).toMatchObject({ title: 'Founder' });
    expect((await world.reviewPage()).total).toBe(0);
    expect(JSON.stringify(itemsOf(run, 'Show what is still open'))).toContain('contact_4703, job_title: decided');
  });

  it('writes a third value to both', async () => {
    expect(errorOf(await send({ decisions: [await decisionFor({ kind: 'value', value: { job_title: 'Partner' } })] }, 'application/json'))).toBeUndefined();
    expect(await world.record('crm', '4703')).toMatchObject({ job_title: 'Partner' });
    expect(await world.record('support', 'T-1003')).toMatchObject({ title: 'Partner' });
  });

  it('decides nothing when a side holds another value by now', async () => {
    const decision = await decisionFor({ kind: 'winner', system: 'crm' });
    await world.edit('support', 'T-1003', { title: 'Chair' });
    await world.deliver('support', 'T-1003');
    const run = await send({ decisions: [decision] }, 'application/json');
    expect(errorOf(run)).toBeUndefined();
    expect(await world.record('support', 'T-1003')).toMatchObject({ title: 'Chair' });
    expect((await world.reviewPage()).total).toBe(1);
  });

  it('I1 links the match that a person chose of several, and asks no more', async () => {
    const twins = [await world.create('support', { 'requester.email': 'twin@example.org', 'requester.last_name': 'Twin' }), await world.create('support', { 'requester.email': 'twin@example.org', 'requester.last_name': 'Twin' })];
    const contact = await world.create('crm', { email: 'twin@example.org', last_name: 'Twin' });
    await world.deliver('crm', contact.id);
    const asked = (await world.reviewPage()).reviews.at(-1)!;
    const run = await send({ decisions: [{ review_id: asked.id, shown: asked.values, decision: { kind: 'link', native_id: twins[1]!.id } }] }, 'application/json');
    expect(errorOf(run)).toBeUndefined();
    expect((await world.reviewPage()).reviews.map(({ id }) => id)).not.toContain(asked.id);
    await world.edit('crm', contact.id, { job_title: 'Pilot' });
    await world.deliver('crm', contact.id);
    expect(await world.record('support', twins[1]!.id)).toMatchObject({ title: 'Pilot' });
    expect(await world.record('support', twins[0]!.id)).not.toMatchObject({ title: 'Pilot' });
  });

  it('says what answers the question when the answer sent has no meaning for it, and leaves it open', async () => {
    const run = await send({ decisions: [await decisionFor({ kind: 'link', native_id: 'T-1003' })] }, 'application/json');
    expect(errorOf(run)).toBeUndefined();
    expect(JSON.stringify(itemsOf(run, 'Show what is still open'))).toContain('cannot be answered with &quot;link&quot;, only with: winner, value, keep_apart');
    expect((await world.reviewPage()).total).toBe(1);
  });

  it('keeps the good decisions when one cannot be read, and answers for each', async () => {
    const run = await send({ decisions: [{ review_id: 'nobody', decision: {} }, await decisionFor({ kind: 'winner', system: 'support' })] }, 'application/json');
    expect(errorOf(run)).toBeUndefined();
    expect(await world.record('crm', '4703')).toMatchObject({ job_title: 'Owner <b>' });
    expect(itemsOf(run, 'What became of each')).toHaveLength(2);
    expect(run.timesRun.get('Answer the outcomes as JSON')).toBe(1);
  });
});
