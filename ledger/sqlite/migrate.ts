import { z } from 'zod';
import { SyncError } from '../../core/sync-error';
import type { SqliteConnection } from './driver';
import { migrations } from './migrations';

const CREATE_LOG = 'CREATE TABLE IF NOT EXISTS sync_migrations (number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL)';
const NEWEST = 'SELECT coalesce(max(number), 0) AS number FROM sync_migrations';
const LOG = 'INSERT INTO sync_migrations (number, name, applied_at) VALUES (?, ?, ?)';

const newestSchema = z.object({ number: z.number() });

/** Returns how many migrations were applied. One transaction: another process sees the old schema or the new one. */
export function migrateSqlite(connection: SqliteConnection, now: string): number {
  return connection.transaction(() => {
    connection.run(CREATE_LOG);
    const { number: present } = newestSchema.parse(connection.get(NEWEST));
    const known = migrations.length;
    if (present > known) {
      throw new SyncError('ledger_schema', `The ledger has schema version ${present}; this version of the package knows ${known}.`, 'Update n8n-nodes-two-way-sync on every n8n instance that uses this ledger.');
    }
    const missing = migrations.filter((migration) => migration.number > present);
    for (const migration of missing) {
      connection.script(migration.sql);
      connection.run(LOG, migration.number, migration.name, now);
    }
    return missing.length;
  });
}
