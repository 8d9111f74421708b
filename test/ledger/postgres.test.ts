import { Client } from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { openLedger } from '../../ledger/open-ledger';
import { startPostgres, type PostgresServer } from '../../tools/postgres';
import { ledgerContract } from './contract';

let server: PostgresServer;
let schemas = 0;
beforeAll(async () => { server = await startPostgres(); });
afterAll(() => server.stop());

const newSchema = (): string => `ledger_${(schemas += 1)}`;

async function withClient<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: server.connectionString() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const dumpOf = (schema: string): Promise<unknown> => withClient(async (client) => {
  const { rows } = await client.query<{ tablename: string }>(`SELECT tablename FROM pg_tables WHERE schemaname = $1 AND tablename NOT IN ('sync_runs', 'sync_migrations') ORDER BY tablename`, [schema]);
  const tables = [];
  for (const { tablename } of rows) tables.push([tablename, (await client.query(`SELECT to_jsonb(t) FROM "${schema}"."${tablename}" t ORDER BY to_jsonb(t)::text`)).rows]);
  return tables;
});

ledgerContract('PostgreSQL', (clock) => {
  const schema = newSchema();
  return Promise.resolve({ store: openLedger({ kind: 'postgres', connectionString: server.connectionString(), schema }, { clock }), dump: () => dumpOf(schema) });
});
