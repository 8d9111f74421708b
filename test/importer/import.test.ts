import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { program } from '../../importer/program';
import { referencesOf } from '../../importer/sub-workflow-references';
import { workflowSchema } from '../../importer/workflow-json';
import { WORKFLOWS } from '../workflows/shipped';
import { FakeN8n, KEY } from './fake-n8n';

const SHIPPED = readdirSync(WORKFLOWS).length;

let n8n: FakeN8n;
let said: string[];
beforeEach(async () => {
  n8n = await FakeN8n.start();
  said = [];
});
afterEach(async () => n8n.close());

const run = async (...args: readonly string[]): Promise<void> => {
  await program({ env: { N8N_API_KEY: KEY }, say: (line) => said.push(line) }).parseAsync(['node', 'cli', ...args]);
};
const runImport = async (...args: readonly string[]): Promise<void> => run('import', '--url', n8n.url, ...args);
const content = () => [...n8n.workflows.values()].map(({ active: _active, ...workflow }) => workflow);

describe('import', () => {
  it('creates all workflows with the references and tags of this instance', async () => {
    await runImport('--ledger', 'sqlite', '--activate', 'all');
    expect(n8n.workflows.size).toBe(SHIPPED);
    const ids = new Set(n8n.workflows.keys());
    for (const workflow of n8n.workflows.values()) {
      const parsed = workflowSchema.parse({ ...workflow, tags: [] });
      for (const id of referencesOf(parsed, ids)) expect(ids, workflow.name).toContain(id);
      expect(JSON.stringify(workflow)).not.toMatch(/"tws(?:CrmToSupport|SupportToCrm|Diff|Router|Ingest|Write|Errors|NoteHints|Drain)/u);
      expect(workflow.active, workflow.name).toBe(true);
      expect(workflow.tags).toHaveLength(1);
    }
    expect(n8n.tags).toHaveLength(1);
  });

  it('run again changes nothing', async () => {
    await runImport('--ledger', 'sqlite');
    const before = structuredClone(content());
    n8n.calls.length = 0;
    await runImport('--ledger', 'sqlite');
    expect(content()).toEqual(before);
    expect(n8n.calls.filter((call) => call.startsWith('POST /api/v1/workflows ') || call === 'POST /api/v1/credentials')).toEqual([]);
    expect(n8n.credentials).toHaveLength(1);
  });

  it('uses credentials that are there by name and type, and names those that are missing', async () => {
    n8n.credentials.push({ id: 'theirs', name: 'CRM API', type: 'httpBearerAuth', data: {} }, { id: 'other', name: 'CRM API', type: 'httpHeaderAuth', data: {} });
    await runImport();
    expect(JSON.stringify(n8n.byName('Writer - Update CRM Record'))).toContain('"httpBearerAuth":{"id":"theirs","name":"CRM API"}');
    expect(JSON.stringify(n8n.byName('Writer - Update Support Ticket'))).toContain('"httpBearerAuth":{"name":"Support API"}');
    expect(said.join('\n')).toContain('Support API (httpBearerAuth)');
    expect(said.join('\n')).not.toContain('  CRM API');
  });

  it('publishes sub-workflows only, unless told otherwise: nothing starts by itself before a preview', async () => {
    await runImport();
    const active = [...n8n.workflows.values()].filter((workflow) => workflow.active).map(({ name }) => name).sort();
    expect(active).toContain('Writer - Update CRM Record');
    expect(active.some((name) => name.startsWith('Sync - C') || name === 'Sync - Reconcile' || name === 'Review - Decide')).toBe(false);
  });

  it('puts the addresses of the two systems in', async () => {
    await runImport('--crm-url', 'https://crm.example/', '--support-url', 'https://help.example');
    expect(JSON.stringify(n8n.byName('Ingest - Normalize CRM Record')?.nodes)).toContain('https://crm.example/api/contacts');
    expect(JSON.stringify(content())).not.toContain('localhost:40');
  });

  it('takes along what a chosen workflow calls', async () => {
    await runImport('--only', 'Diff Engine - Compute Changes');
    expect([...n8n.workflows.values()].map(({ name }) => name)).toEqual(['Diff Engine - Compute Changes']);
    await runImport('--only', 'Sync - CRM to Support');
    expect(n8n.byName('Writer - Update Support Ticket')).toBeDefined();
    expect(n8n.byName('Sync - Reconcile')).toBeUndefined();
  });

  it('only says what it would do in a dry run', async () => {
    await runImport('--dry-run', '--ledger', 'sqlite');
    expect(n8n.calls.every((call) => call.startsWith('GET '))).toBe(true);
    expect(said.join('\n')).toContain(`${SHIPPED} would be created`);
  });

  it('refuses two workflows of one name instead of guessing', async () => {
    for (const id of ['a', 'b']) n8n.workflows.set(id, { id, name: 'Sync - Errors', nodes: [], connections: {}, settings: {}, active: false, tags: [] });
    await expect(runImport()).rejects.toThrow('2 workflows named "Sync - Errors"');
  });
});

describe('a mistake', () => {
  it('is said with its remedy, and never with the key', async () => {
    const secret = 'n8n_api_wrong';
    const error: unknown = await program({ env: {}, say: () => undefined }).parseAsync(['node', 'cli', 'import', '--url', n8n.url, '--api-key', secret]).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'ImportError', status: 401, hint: expect.stringContaining('N8N_API_KEY') as unknown });
    expect(JSON.stringify(error) + String(error)).not.toContain(secret);
  });

  it('such as a wrong address is told from a refusal', async () => {
    await expect(program({ env: { N8N_API_KEY: KEY }, say: () => undefined }).parseAsync(['node', 'cli', 'import', '--url', 'http://127.0.0.1:9'])).rejects.toThrow('No n8n answers');
    await expect(run('import', '--url', 'nowhere')).rejects.toThrow('is no address');
    await expect(runImport('--only', 'Nothing')).rejects.toThrow('There is no workflow "Nothing"');
  });

  it('in the ledger choice asks for the connection string in the environment', async () => {
    await expect(runImport('--ledger', 'postgres')).rejects.toThrow('SYNC_LEDGER_URL');
    expect(n8n.workflows.size).toBe(0);
  });
});

describe('export-dir', () => {
  it("writes what n8n's own command line takes, ids and credentials kept", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'two-way-sync-export-'));
    try {
      await run('export-dir', folder, '--crm-url', 'https://crm.example');
      const files = readdirSync(folder);
      expect(files).toHaveLength(SHIPPED);
      const text = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
      expect(text).toContain('https://crm.example/api/contacts');
      expect(text).toContain('"id": "twsLedger"');
      expect(text).toContain('"value": "twsDiffEngine"');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
