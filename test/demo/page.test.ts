import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { openCrm, openHelpdesk, type DemoClient } from './demo-client';

const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

describe.skipIf(!existsSync(CHROMIUM))('the page', { timeout: 30_000 }, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
  }, 30_000);
  afterAll(() => browser.close());

  async function open(client: DemoClient): Promise<{ readonly page: Page; readonly errors: string[] }> {
    const page = await browser.newPage();
    onTestFinished(() => page.close());
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(client.system.url);
    await page.getByTestId('live').filter({ hasText: 'live' }).waitFor();
    return { page, errors };
  }

  it('saves only the fields that the person changed', async () => {
    const crm = await openCrm();
    await crm.admin('POST', '/admin/users/edit', { id: '4701', changes: { notes: 'one\r\ntwo', last_contacted_at: '2025-03-01T10:00:00.123Z', custom: { segment: 'smb' } } });
    const { page, errors } = await open(crm);
    await page.getByTestId('search').fill('4701');
    await page.getByTestId('row-4701').click();
    await page.getByTestId('field-city').fill('Bonn');
    await page.getByTestId('field-custom.segment').fill('');
    await page.getByTestId('save').click();
    await page.getByTestId('drawer').waitFor({ state: 'hidden' });
    const log = await crm.admin('GET', '/admin/log?since=1');
    expect(log.list).toMatchObject([{ by: 'user', status: 200, record_id: '4701' }]);
    const entry = z.array(z.object({ changed: z.record(z.string(), z.json()) })).parse(log.list)[0];
    expect(Object.keys(entry?.changed ?? {})).toEqual(['city', 'custom.segment']);
    expect(errors).toEqual([]);
  });

  it('shows what the API wrote at once, as text and never as HTML', async () => {
    const crm = await openCrm();
    const { page, errors } = await open(crm);
    const attack = '<img src=x onerror=alert(1)>';
    await crm.api('PATCH', '/4702', { city: attack });
    const cell = page.getByTestId('row-4702').locator('[data-field="city"]');
    await expect.poll(() => cell.textContent()).toBe(attack);
    expect(await cell.getAttribute('class')).toContain('flash');
    expect(await page.locator('main img').count()).toBe(0);
    await expect.poll(() => page.getByTestId('counter-writes').textContent()).toBe('1');
    await expect.poll(() => page.getByTestId('activity').textContent()).toContain('4702');
    expect(errors).toEqual([]);
  });

  it('follows the API in an open form, but never under the hands of the person who types', async () => {
    const crm = await openCrm();
    const { page } = await open(crm);
    await page.getByTestId('row-4703').click();
    await page.getByTestId('field-city').fill('typing');
    await crm.api('PATCH', '/4703', { city: 'Ulm', company: 'Acme AG' });
    await expect.poll(() => page.getByTestId('field-company').inputValue()).toBe('Acme AG');
    expect(await page.getByTestId('field-city').inputValue()).toBe('typing');
  });

  it('creates, tells what is wrong, deletes, and switches quirks', async () => {
    const helpdesk = await openHelpdesk();
    const { page, errors } = await open(helpdesk);
    await page.getByTestId('create').click();
    await page.getByTestId('field-requester.last_name').fill('Łuk');
    await page.getByTestId('save').click();
    await page.getByTestId('form-error').filter({ hasText: 'requester.email is required' }).waitFor();
    await page.getByTestId('field-requester.email').fill('luk@x.example');
    await page.getByTestId('save').click();
    await page.getByTestId('search').fill('luk@x');
    await page.getByTestId('row-T-1274').click();
    await page.getByTestId('delete').click();
    await page.getByTestId('row-T-1274').waitFor({ state: 'detached' });
    expect((await helpdesk.api('GET', '/T-1274')).status).toBe(410);
    await page.getByTestId('quirks').locator('summary').click();
    await page.getByTestId('quirk-deliver_twice').check();
    await expect.poll(async () => (await helpdesk.admin('GET', '/admin/quirks')).body['deliver_twice']).toBe(true);
    expect(errors).toEqual([]);
  });
});
