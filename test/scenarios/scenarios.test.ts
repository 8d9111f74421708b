import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryLedger, sharedLedger } from '../simulation/stores';
import { startPostgres, type PostgresServer } from '../../tools/postgres';
import { CHECKOUT } from '../../tools/checkout';
import { parseScenario } from './parse';
import { playScenario } from './play';

const FOLDER = join(CHECKOUT, 'test', 'scenarios');
const SCENARIOS = readdirSync(FOLDER).filter((name) => name.endsWith('.scenario')).sort().map((file) => parseScenario(file, readFileSync(join(FOLDER, file), 'utf8')));
const told = SCENARIOS.map((scenario, index) => ({ scenario, index, name: `${scenario.cases.join(' ')} ${scenario.title}` }));

describe('scenarios on the ledger in memory', () => {
  it.each(told)('$name', async ({ scenario }) => {
    await expect(playScenario(scenario, memoryLedger(false))).resolves.toBeUndefined();
  });
});

describe('scenarios on a SQLite file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'two-way-sync-scenarios-'));
  const { open, close } = sharedLedger({ kind: 'sqlite', file: join(folder, 'ledger.sqlite') });
  afterAll(async () => {
    await close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(told)('$name', async ({ scenario, index }) => {
    await expect(playScenario(scenario, open(index))).resolves.toBeUndefined();
  });
});

describe('scenarios on PostgreSQL', () => {
  let server: PostgresServer;
  let shared: ReturnType<typeof sharedLedger>;
  beforeAll(async () => {
    server = await startPostgres();
    shared = sharedLedger({ kind: 'postgres', connectionString: server.connectionString(), schema: 'public' });
  });
  afterAll(async () => {
    await shared.close();
    await server.stop();
  });

  it.each(told)('$name', async ({ scenario, index }) => {
    await expect(playScenario(scenario, shared.open(index))).resolves.toBeUndefined();
  });
});
