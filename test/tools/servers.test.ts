import { Client } from 'pg';
import { chromium } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { chromiumLaunchOptions } from '../../tools/chromium';
import { freePort } from '../../tools/free-port';
import { startPostgres } from '../../tools/postgres';
import { hasRedis, startRedis } from '../../tools/redis';

async function query(connectionString: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('the servers that tests start', () => {
  it('get ports that no other one gets, though they start at once, and none that a connection could have meanwhile', async () => {
    const ports = await Promise.all(Array.from({ length: 500 }, freePort));
    expect(new Set(ports).size).toBe(ports.length);
    expect(Math.max(...ports)).toBeLessThan(32_768);
  });

  it('PostgreSQL starts, also as root, and copies a template database', async () => {
    const server = await startPostgres();
    try {
      const template = await server.createDatabase('template');
      await query(template, "CREATE TABLE t AS SELECT 'copied' AS word");
      expect(await query(await server.createDatabase('copy', 'template'), 'SELECT word FROM t')).toEqual([{ word: 'copied' }]);
    } finally {
      await server.stop();
    }
    await expect(query(server.connectionString(), 'SELECT 1')).rejects.toThrow();
  });

  it.skipIf(!hasRedis())('Redis starts and stops', async () => {
    const server = await startRedis();
    expect(server.url).toMatch(/^redis:\/\/127\.0\.0\.1:\d+$/);
    await server.stop();
  });

  it('Chromium shows a page', async () => {
    const browser = await chromium.launch(chromiumLaunchOptions());
    try {
      const page = await browser.newPage();
      await page.setContent('<h1>hello</h1>');
      expect(await page.textContent('h1')).toBe('hello');
    } finally {
      await browser.close();
    }
  });

  it('node:sqlite can be loaded lazily inside the test runner', () => {
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    expect(new DatabaseSync(':memory:').prepare('SELECT 1 AS one').get()).toEqual({ one: 1 });
  });
});
