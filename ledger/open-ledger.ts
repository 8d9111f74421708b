import type { LedgerStore } from './ledger-store';
import { PostgresLedger } from './postgres/store';
import { SqliteLedger } from './sqlite/store';

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
  switch (settings.kind) {
    case 'sqlite':
      return new SqliteLedger(settings.file, options.clock ?? (() => new Date()));
    case 'postgres':
      return new PostgresLedger(settings, options.clock ?? null);
  }
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
