/** The only file that touches `node:sqlite`. One connection per file and process; other processes may have the file open too. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type * as Sqlite from 'node:sqlite';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { SyncError } from '../../core/sync-error';
import { escaped, holdsEscaped, unescaped } from '../odd-text';

export type SqlValue = SQLInputValue;

export interface SqliteConnection {
  /** Rows as they come: every caller parses them. */
  all(sql: string, ...values: SqlValue[]): unknown[];
  get(sql: string, ...values: SqlValue[]): unknown;
  /** Number of rows changed. */
  run(sql: string, ...values: SqlValue[]): number;
  script(sql: string): void;
  /**
   * IMMEDIATE: the write lock is taken before the first read. A deferred transaction that reads first and writes later can
   * be refused half-way when another process wrote in between.
   */
  transaction<T>(body: () => T): T;
  /** Runs `migrate` at the first call for this file in this process. */
  migrateOnce(migrate: () => void): void;
  close(): void;
}

interface Shared {
  readonly database: DatabaseSync;
  readonly statements: Map<string, StatementSync>;
  users: number;
  migrated: boolean;
}

const IN_MEMORY = ':memory:';

const shared = new Map<string, Shared>();

export function connectSqlite(file: string): SqliteConnection {
  // A ledger that is gone with its process is for tests; the credential refuses it.
  const path = file === IN_MEMORY ? file : resolve(file);
  const entry = shared.get(path) ?? openFile(path);
  shared.set(path, entry);
  entry.users += 1;
  return connection(path, entry);
}

function openFile(path: string): Shared {
  // The types promise a module; on Node 20 and early 22 there is none.
  const sqlite: typeof Sqlite | undefined = process.getBuiltinModule('node:sqlite');
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition
  if (sqlite === undefined) {
    throw new SyncError('unsupported_runtime', `The SQLite ledger needs Node.js 22.5 or newer; this is ${process.version}.`, 'Run n8n on Node.js 24, or choose PostgreSQL in the ledger credential.');
  }
  try {
    if (path !== IN_MEMORY) makeFolder(dirname(path));
    const database = new sqlite.DatabaseSync(path);
    database.exec('PRAGMA busy_timeout = 10000');
    intoWriteAheadLog(database);
    // Each step of a large batch writes the pages of its notes: 32 MB of log before they are copied back, instead of once after each step.
    // FULL: an intent must survive a power cut, or its write would not be recognized as ours. 64 MiB of cache at most: with the
    // 2 MiB of the default a batch reads the same pages of a large ledger again and again. Not mapped into memory, though that is faster still:
    // a disk that fails would then end n8n instead of one step.
    database.exec('PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 8000;');
    return { database, statements: new Map(), users: 0, migrated: false };
  } catch (error) {
    throw unreachable(path, error);
  }
}

const LOCKED = 5;
const TRIES = 100;

/** SQLite does not wait for its turn here, as it does everywhere else: of two processes that open a new file at once, one is refused. */
function intoWriteAheadLog(database: DatabaseSync): void {
  for (let tries = 1; ; tries += 1) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (tries === TRIES || !(error instanceof Error && 'errcode' in error && error.errcode === LOCKED)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  }
}

/** Not by `recursive`, which never returns where a file system lets no folder be made (below /proc): Node tries again for ever. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have been quicker.
    if (!existsSync(path)) throw error;
  }
}

function connection(path: string, entry: Shared): SqliteConnection {
  let open = true;
  const statement = (sql: string): StatementSync => {
    if (!open) throw new SyncError('ledger_unreachable', 'The ledger has been closed.', 'Open the ledger again.');
    const known = entry.statements.get(sql) ?? entry.database.prepare(sql);
    entry.statements.set(sql, known);
    return known;
  };
  return {
    all: (sql, ...values) => statement(sql).all(...values.map(bound)).map(read),
    get: (sql, ...values) => read(statement(sql).get(...values.map(bound))),
    run: (sql, ...values) => Number(statement(sql).run(...values.map(bound)).changes),
    script: (sql) => { entry.database.exec(sql); },
    transaction: (body) => inTransaction(path, statement, body),
    migrateOnce: (migrate) => {
      if (entry.migrated) return;
      migrate();
      entry.migrated = true;
    },
    close: () => {
      if (!open) return;
      open = false;
      entry.users -= 1;
      if (entry.users > 0) return;
      shared.delete(path);
      entry.database.close();
    },
  };
}

const bound = (value: SqlValue): SqlValue => (typeof value === 'string' ? escaped(value) : value);

/** A row as it is, unless some text in it stands for another one: hardly any does. */
function read(row: object | undefined): unknown {
  if (row === undefined || !holdsEscaped(row)) return row;
  return Object.fromEntries(Object.entries(row).map(([column, value]: [string, unknown]) => [column, typeof value === 'string' ? unescaped(value) : value]));
}

function inTransaction<T>(path: string, statement: (sql: string) => StatementSync, body: () => T): T {
  try {
    statement('BEGIN IMMEDIATE').run();
  } catch (error) {
    throw error instanceof SyncError ? error : unreachable(path, error);
  }
  try {
    const result = body();
    statement('COMMIT').run();
    return result;
  } catch (error) {
    try {
      statement('ROLLBACK').run();
    } catch {
      // SQLite has rolled back by itself (disk full, I/O error); the first error is the one to tell.
    }
    throw error instanceof SyncError ? error : isSqliteError(error) ? unreachable(path, error) : error;
  }
}

function isSqliteError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR';
}

function unreachable(path: string, error: unknown): SyncError {
  const reason = error instanceof Error ? error.message : String(error);
  return new SyncError('ledger_unreachable', `The SQLite ledger "${path}" cannot be used: ${reason}.`, 'Check that the folder exists, that n8n may write to it and that the disk is not full.');
}
