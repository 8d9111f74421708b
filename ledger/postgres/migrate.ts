import { z } from 'zod';
import { SyncError } from '../../core/sync-error';
import type { PostgresConnection } from './driver';
import { migrations } from './migrations';

const HAS_SCHEMA = 'SELECT 1 FROM pg_namespace WHERE nspname = $1';
const CREATE_SCHEMA = 'CREATE SCHEMA {schema}';
const HAS_LOG = `SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = 'sync_migrations'`;
const CREATE_LOG = 'CREATE TABLE {schema}.sync_migrations (number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at TIMESTAMPTZ NOT NULL DEFAULT now())';
const NEWEST = 'SELECT coalesce(max(number), 0)::integer AS number FROM {schema}.sync_migrations';
const LOG = 'INSERT INTO {schema}.sync_migrations (number, name) VALUES ($1, $2)';
// Of the transaction, so that a process that dies in the middle leaves neither a lock nor half a schema.
const LOCK = `SELECT pg_advisory_xact_lock(hashtext('n8n-two-way-sync migrations'), hashtext($1))`;

const newestSchema = z.tuple([z.object({ number: z.number() })]);

/** Returns how many migrations were applied. Everybody else waits for the first; then there is nothing left to do. */
export function migratePostgres(connection: PostgresConnection): Promise<number> {
  const { schema } = connection;
  return connection.transaction(async (rows) => {
    const exists = async (sql: string): Promise<boolean> => (await rows(sql, [schema])).length > 0;
    const version = async (): Promise<number> => ((await exists(HAS_LOG)) ? newestSchema.parse(await rows(NEWEST, []))[0].number : 0);
    // Asked before the lock: a user without the right to create tables can still work with a schema that is complete.
    if ((await version()) === migrations.length) return 0;
    await rows(LOCK, [schema]);
    if (!(await exists(HAS_SCHEMA))) await rows(CREATE_SCHEMA, []);
    if (!(await exists(HAS_LOG))) await rows(CREATE_LOG, []);
    const present = await version();
    if (present > migrations.length) {
      throw new SyncError('ledger_schema', `The ledger has schema version ${present}; this version of the package knows ${migrations.length}.`, 'Update n8n-nodes-two-way-sync on every n8n instance that uses this ledger.');
    }
    const missing = migrations.filter((migration) => migration.number > present);
    for (const migration of missing) {
      await rows(migration.sql, []);
      await rows(LOG, [migration.number, migration.name]);
    }
    return missing.length;
  });
}
