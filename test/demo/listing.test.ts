import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openCrm, openHelpdesk, type DemoClient } from './demo-client';

const pageSchema = z.object({ data: z.array(z.looseObject({ id: z.string(), updated_at: z.string() })), next: z.string().nullable() });
type Row = z.infer<typeof pageSchema>['data'][number];

async function allPages(client: DemoClient, query: string): Promise<Row[]> {
  const rows: Row[] = [];
  let path: string | null = query;
  while (path !== null) {
    const page: z.infer<typeof pageSchema> = pageSchema.parse((await client.api('GET', path)).body);
    rows.push(...page.data);
    path = page.next === null ? null : page.next.slice(client.system.collectionUrl.length);
  }
  return rows;
}

describe('listing', () => {
  it('without a date it lists every living record by id, in pages', async () => {
    const helpdesk = await openHelpdesk();
    await helpdesk.api('DELETE', '/T-1002');
    const ids = (await allPages(helpdesk, '?limit=50')).map((row) => row.id);
    expect(ids).toHaveLength(272);
    expect(new Set(ids).size).toBe(272);
    expect(ids.slice(0, 2)).toEqual(['T-1001', 'T-1003']);
  });

  it('pages by (updated_at, id) lose no record that shares its millisecond with others', async () => {
    const at = Date.parse('2026-02-01T10:00:00.000Z');
    const crm = await openCrm({ clock: () => at });
    await crm.admin('POST', '/admin/touch-all');
    const rows = await allPages(crm, '?updated_since=2026-02-01T10:00:00.000Z&limit=7');
    expect(rows).toHaveLength(300);
    expect(new Set(rows.map((row) => row.updated_at))).toEqual(new Set(['2026-02-01T10:00:00.000Z']));
    const afterAll = await allPages(crm, '?updated_since=2026-02-01T10:00:00.000Z&after_id=5000');
    expect(afterAll).toEqual([]);
  });

  it('finds by e-mail whatever the case, and shows every record that has it', async () => {
    const crm = await openCrm({ seedRecords: [] });
    await crm.api('POST', '', { last_name: 'A', email: 'Same@x.example' });
    await crm.api('POST', '', { last_name: 'B', email: 'same@X.example' });
    await crm.api('POST', '', { last_name: 'C', email: 'same@x.example.org' });
    expect((await allPages(crm, '?email=SAME@x.example')).map((row) => row.id)).toEqual(['4701', '4702']);
  });

  it('refuses a limit over 200, a date without a zone and a foreign id', async () => {
    const crm = await openCrm();
    for (const query of ['?limit=201', '?updated_since=2026-02-01T10:00:00', '?after_id=T-1']) {
      expect((await crm.api('GET', query)).status).toBe(400);
    }
  });

  it('a forbidden record is 403 and not listed, but not deleted', async () => {
    const crm = await openCrm();
    await crm.quirks({ forbidden_ids: ['4701'] });
    expect((await crm.api('GET', '/4701')).status).toBe(403);
    expect((await crm.api('PATCH', '/4701', { city: 'Bonn' })).status).toBe(403);
    expect((await allPages(crm, '?limit=200')).map((row) => row.id)).not.toContain('4701');
    await crm.quirks({ forbidden_ids: [] });
    expect((await crm.api('GET', '/4701')).status).toBe(200);
  });
});
