/** The only file that imports `pg`. One small pool per connection and process; no message ever holds a password or a connection string. */
import { Pool, type PoolClient, type PoolConfig } from 'pg';
import { SyncError } from '../../core/sync-error';
import type { PostgresSettings } from '../open-ledger';
import { withoutSslMode } from './connection-string';

export interface PostgresConnection {
  /** One statement, one round trip. `{schema}` in the text stands for the quoted schema. Rows as they come: every caller parses them. */
  rows(sql: string, values: readonly unknown[]): Promise<unknown[]>;
  /** Several statements on one connection, as one transaction. Only migrations need that. */
  transaction<T>(body: (rows: PostgresConnection['rows']) => Promise<T>): Promise<T>;
  /** Runs `migrate` once per schema and process; a failed one is tried again by the next call. */
  migrateOnce(migrate: () => Promise<void>): Promise<void>;
  readonly schema: string;
  close(): Promise<void>;
}

interface Shared {
  readonly pool: Pool;
  readonly migrations: Map<string, Promise<void>>;
  users: number;
}

const shared = new Map<string, Shared>();

export function connectPostgres(settings: PostgresSettings): PostgresConnection {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(settings.schema)) {
    throw new SyncError('bad_setting', `"${settings.schema}" cannot be the name of the ledger's schema.`, 'Use lower-case letters, digits and underscores, beginning with a letter, at most 63.');
  }
  const config = poolConfig(settings);
  const key = JSON.stringify(config);
  const entry = shared.get(key) ?? { pool: openPool(config), migrations: new Map<string, Promise<void>>(), users: 0 };
  shared.set(key, entry);
  entry.users += 1;
  return connection(settings.schema, key, entry);
}

function poolConfig({ connectionString, host, port, database, user, password, ssl }: PostgresSettings): PoolConfig {
  const where = connectionString === undefined ? { host, port, database, user, password } : { connectionString: ssl === undefined ? connectionString : withoutSslMode(connectionString, ssl.mode) };
  const given = Object.fromEntries(Object.entries(where).filter(([, value]) => value !== undefined));
  return { ...given, ...sslConfig(ssl), max: 5, idleTimeoutMillis: 10_000, connectionTimeoutMillis: 10_000, allowExitOnIdle: true, application_name: 'n8n-two-way-sync' };
}

function sslConfig(ssl: PostgresSettings['ssl']): PoolConfig {
  switch (ssl?.mode) {
    case undefined:
      return {};
    case 'disable':
      return { ssl: false };
    case 'require':
      return { ssl: { rejectUnauthorized: false } };
    case 'verify':
      return { ssl: { rejectUnauthorized: true, ...(ssl.ca === undefined ? {} : { ca: ssl.ca }) } };
  }
}

function openPool(config: PoolConfig): Pool {
  const pool = new Pool(config);
  // An idle connection that breaks is taken out of the pool by itself; without a listener it would end n8n.
  pool.on('error', () => undefined);
  return pool;
}

/** pg types rows as anything; every caller parses them. */
async function rowsOf(client: Pick<Pool, 'query'>, sql: string, values: readonly unknown[]): Promise<unknown[]> {
  const { rows }: { readonly rows: unknown[] } = await client.query(sql, [...values]);
  return rows;
}

function connection(schema: string, key: string, entry: Shared): PostgresConnection {
  const text = (sql: string): string => sql.replaceAll('{schema}', `"${schema}"`);
  let open = true;
  return {
    schema,
    rows: (sql, values) => {
      if (!open) throw new SyncError('ledger_unreachable', 'The ledger has been closed.', 'Open the ledger again.');
      return retried(async () => await rowsOf(entry.pool, text(sql), values));
    },
    transaction: async (body) => {
      const client = await connected(entry.pool);
      let broken = false;
      try {
        await client.query('BEGIN');
        const result = await body(async (sql, values) => await rowsOf(client, text(sql), values));
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK').catch(() => { broken = true; });
        throw explained(error);
      } finally {
        client.release(broken);
      }
    },
    migrateOnce: (migrate) => {
      const known = entry.migrations.get(schema);
      if (known !== undefined) return known;
      const started = migrate().catch((error: unknown) => {
        entry.migrations.delete(schema);
        throw error;
      });
      entry.migrations.set(schema, started);
      return started;
    },
    close: async () => {
      if (!open) return;
      open = false;
      entry.users -= 1;
      if (entry.users > 0) return;
      shared.delete(key);
      await entry.pool.end();
    },
  };
}

async function connected(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw explained(error);
  }
}

const TRIES = 3;

/** A step is one statement: when PostgreSQL broke it off to let another one through, nothing of it has happened. */
async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (tries < TRIES && ['40P01', '40001'].includes(codeOf(error))) continue;
      throw explained(error);
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** In words, by code and never by text. The server's own sentence is told only where it cannot hold what was typed into the credential. */
function explained(error: unknown): Error {
  if (error instanceof SyncError) return error;
  const code = codeOf(error);
  const unreachable = (message: string, hint: string): SyncError => new SyncError('ledger_unreachable', message, hint);
  switch (code) {
    case '28P01':
    case '28000':
      return unreachable('PostgreSQL refused the login of the ledger.', 'Check user and password of the Sync Ledger credential.');
    case '3D000':
      return unreachable('The database of the ledger does not exist.', 'Create it, or correct "Database" in the Sync Ledger credential.');
    case '53300':
      return unreachable('PostgreSQL has no free connection for the ledger.', 'Raise max_connections, or run fewer workers at once.');
    case '25006':
      return unreachable('The database of the ledger is read-only.', 'Connect to the primary server, not to a replica.');
    case '42501':
      return new SyncError('ledger_schema', 'The user of the ledger lacks a right in its schema.', 'Grant this user USAGE and CREATE on the schema (or let an administrator create the schema with this user as its owner).');
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'CERT_HAS_EXPIRED':
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return unreachable(`The certificate of the PostgreSQL server cannot be trusted (${code}).`, 'Give the authority that signed it in "CA Certificate" of the Sync Ledger credential, and connect by the name that the certificate has.');
    case 'ECONNREFUSED':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ECONNRESET':
      return unreachable(`PostgreSQL cannot be reached for the ledger (${code}).`, 'Check host, port and firewall, and that the server is running.');
    default:
      return unreachable(code === '' ? 'PostgreSQL did not answer for the ledger: no connection, or one that broke.' : `PostgreSQL failed for the ledger (${code}).`,
        code === '' ? 'Check that the server is running, and the SSL setting of the Sync Ledger credential.' : 'Look the code up in the log of the PostgreSQL server.');
  }
}
