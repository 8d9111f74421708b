import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from './free-port';
import { postgresBinaries } from './postgres-binaries';
import { postgresUser } from './postgres-user';
import { runCommand } from './run-command';

export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The connection string of a database of this server, by default of `postgres`. */
  connectionString(database?: string): string;
  /** Creates a database, as a copy of `template` when given (milliseconds), and returns its connection string. */
  createDatabase(name: string, template?: string): Promise<string>;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const USER = 'postgres';
const PASSWORD = 'postgres';
const START_LIMIT_MS = 60_000;
/** A test server's data is thrown away: it need not survive a power cut, but be fast, and many tests connect at once. */
const SETTINGS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200', 'shared_buffers=64MB', 'unix_socket_directories='];

const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

async function withClient<T>(connectionString: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function waitUntilReady(connectionString: string, hasEnded: () => string | undefined): Promise<void> {
  const limit = Date.now() + START_LIMIT_MS;
  for (;;) {
    const ended = hasEnded();
    if (ended !== undefined) throw new Error(`PostgreSQL ended while starting:\n${ended}`);
    try {
      await withClient(connectionString, (client) => client.query('SELECT 1'));
      return;
    } catch (error) {
      if (Date.now() > limit) throw new Error(`PostgreSQL was not ready after ${START_LIMIT_MS / 1000} s.`, { cause: error });
      await sleep(50);
    }
  }
}

/**
 * Starts a real PostgreSQL on a free port with an empty data folder, which `stop` removes.
 * @param settings more of them, as `name=value`; they outdo those of a test server
 */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
  const binaries = await postgresBinaries();
  const user = postgresUser();
  const data = await mkdtemp(join(tmpdir(), 'two-way-sync-pgdata-'));
  if (user !== undefined) await chown(data, user.uid, user.gid);
  const env = { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' };
  const run = { cwd: tmpdir(), env, ...user };

  await runCommand(join(binaries, 'bin', 'initdb'), ['-D', data, '-U', USER, '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'], run);
  const port = await freePort();
  const args = ['-D', data, '-h', HOST, '-p', String(port), ...[...SETTINGS, ...settings].flatMap((setting) => ['-c', setting])];
  const child = spawn(join(binaries, 'bin', 'postgres'), args, { ...run, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => void (log = (log + chunk.toString('utf8')).slice(-4000)));
  const ended = once(child, 'exit');
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;

  // SIGQUIT is "immediate": the server takes its children along, which a SIGKILL would leave behind.
  const endWithParent = (): void => {
    child.kill('SIGQUIT');
    rmSync(data, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once('exit', endWithParent);
  const stop = async (): Promise<void> => {
    if (!hasEnded()) {
      child.kill('SIGQUIT');
      await ended;
    }
    process.removeListener('exit', endWithParent);
    await rm(data, { recursive: true, force: true, maxRetries: 3 });
  };

  const connectionString = (database = 'postgres'): string => `postgresql://${USER}:${PASSWORD}@${HOST}:${port}/${encodeURIComponent(database)}`;
  try {
    await waitUntilReady(connectionString(), () => (hasEnded() ? log : undefined));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    host: HOST,
    port,
    user: USER,
    password: PASSWORD,
    connectionString,
    createDatabase: async (name, template) => {
      const from = template === undefined ? '' : ` TEMPLATE ${quoteIdentifier(template)}`;
      await withClient(connectionString(), (client) => client.query(`CREATE DATABASE ${quoteIdentifier(name)}${from}`));
      return connectionString(name);
    },
    stop,
  };
}
