import { createHash } from 'node:crypto';
import type { LedgerStore } from './ledger-store';
import { PostgresLedger } from './postgres/store';
import { connectRedis } from './redis/driver';
import { RecentWrites } from './redis/recent-writes';
import { SqliteLedger } from './sqlite/store';
import { withRedis } from './with-redis';

export interface SqliteSettings {
  readonly kind: 'sqlite';
  readonly file: string;
  readonly redisUrl?: string;
}

export interface PostgresSettings {
  readonly kind: 'postgres';
  /** Instead of the five fields below. */
  readonly connectionString?: string;
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  readonly ssl?: { readonly mode: 'disable' | 'require' | 'verify'; readonly ca?: string };
  readonly schema: string;
  readonly redisUrl?: string;
}

export type LedgerSettings = SqliteSettings | PostgresSettings;

export interface LedgerOptions {
  /** Tests inject time. Default: the database's clock in PostgreSQL (workers' clocks differ), this process's in SQLite. */
  readonly clock?: () => Date;
}

/** Opens a store; the schema is made or upgraded at its first step, once per store and process. */
export function openLedger(settings: LedgerSettings, options: LedgerOptions = {}): LedgerStore {
  const store = openStore(settings, options);
  if (settings.redisUrl === undefined) return store;
  const redis = connectRedis(settings.redisUrl);
  return withRedis(store, new RecentWrites(redis, nameOf(settings)), options.clock ?? (() => new Date()), () => redis.close());
}

function openStore(settings: LedgerSettings, options: LedgerOptions): LedgerStore {
  switch (settings.kind) {
    case 'sqlite':
      return new SqliteLedger(settings.file, options.clock ?? (() => new Date()));
    case 'postgres':
      return new PostgresLedger(settings, options.clock ?? null);
  }
}

/** Keeps ledgers that share one Redis apart. Workers may reach one database by different hosts, so only its own names count. */
function nameOf(settings: LedgerSettings): string {
  const parts = settings.kind === 'sqlite' ? [settings.file] : [settings.database ?? settings.connectionString?.split(/[?#]/)[0]?.split('/').at(-1) ?? '', settings.schema];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** For the Test button: opens the store, makes or checks its schema, and says in words what was found. */
export async function testLedger(settings: LedgerSettings): Promise<string> {
  const store = openLedger(settings);
  try {
    await store.migrate();
    return settings.kind === 'sqlite' ? `The SQLite ledger "${settings.file}" is ready.` : `The PostgreSQL ledger in schema "${settings.schema}" is ready.`;
  } finally {
    await store.close();
  }
}
