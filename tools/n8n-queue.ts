/** n8n in queue mode on one machine: a main process, workers that can be killed and started again, their Redis and PostgreSQL. */
import Redis from 'ioredis';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port';
import type { N8nFolder } from './n8n-environment';
import { type N8n, startN8n } from './n8n-host';
import type { PostgresServer } from './postgres';
import type { RedisServer } from './redis';

export interface QueueModeOptions {
  /** Shared by all processes, as one image would be: key and package files must be the same. */
  readonly userFolder: string;
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
  readonly workers: number;
  readonly concurrency: number;
}

export interface QueueModeN8n {
  readonly url: string;
  /** For the command line on the same instance. */
  readonly folder: N8nFolder;
  /** Like a power cut of one machine: what it was running never ends. */
  killWorker(index: number): Promise<void>;
  startWorker(index: number): Promise<void>;
  /** Those that are running. */
  workers(): readonly number[];
  /** The worker with the most executions begun and not ended. */
  busiestWorker(): Promise<number>;
  /** Executions that wait for a worker or that a worker holds; those of a killed one count until their lock is over. */
  jobs(): Promise<number>;
  kill(): Promise<void>;
}

const DATABASE = 'n8n';
const QUEUE = 'bull:jobs';
/** n8n's own 60 s would make a test wait that long until a killed worker's executions are given up. */
const LOCKS = { QUEUE_WORKER_LOCK_DURATION: '20000', QUEUE_WORKER_LOCK_RENEW_TIME: '4000', QUEUE_WORKER_STALLED_INTERVAL: '5000' };
/** No task runners (nothing runs code), and no data of executions that succeeded: half of what a small machine would do. */
const LIGHT = { N8N_RUNNERS_MODE: 'external', N8N_RUNNERS_AUTH_TOKEN: 'not-used', EXECUTIONS_DATA_SAVE_ON_SUCCESS: 'none' };

function environment({ postgres, redis }: QueueModeOptions): Readonly<Record<string, string>> {
  return {
    EXECUTIONS_MODE: 'queue',
    QUEUE_BULL_REDIS_HOST: redis.host,
    QUEUE_BULL_REDIS_PORT: String(redis.port),
    QUEUE_HEALTH_CHECK_ACTIVE: 'true',
    ...LOCKS,
    ...LIGHT,
    DB_TYPE: 'postgresdb',
    DB_POSTGRESDB_HOST: postgres.host,
    DB_POSTGRESDB_PORT: String(postgres.port),
    DB_POSTGRESDB_DATABASE: DATABASE,
    DB_POSTGRESDB_USER: postgres.user,
    DB_POSTGRESDB_PASSWORD: postgres.password,
  };
}

/** What a worker's log says since its last start: executions that it began and has not ended. */
async function heldBy(logFile: string): Promise<number> {
  const now = (await readFile(logFile, 'utf8')).split('n8n worker is now ready').at(-1) ?? '';
  const times = (what: RegExp): number => now.match(what)?.length ?? 0;
  return times(/Worker started execution/g) - times(/Worker finished execution/g);
}

export async function startQueueModeN8n(options: QueueModeOptions): Promise<QueueModeN8n> {
  const { userFolder, postgres, redis, concurrency } = options;
  await postgres.createDatabase(DATABASE);
  const env = environment(options);
  const log = (name: string): string => join(userFolder, `${name}.log`);
  // The main process first: it makes the database that the workers expect.
  const main = await startN8n({ userFolder, port: await freePort(), logFile: log('main'), env });
  const workers = new Map<number, N8n>();
  const startWorker = async (index: number): Promise<void> => {
    const port = await freePort();
    workers.set(index, await startN8n({ userFolder, port, logFile: log(`worker-${index}`), command: ['worker', `--concurrency=${concurrency}`], env: { ...env, QUEUE_HEALTH_CHECK_PORT: String(port) } }));
  };
  const killWorker = async (index: number): Promise<void> => {
    await workers.get(index)?.kill();
    workers.delete(index);
  };
  const busiestWorker = async (): Promise<number> => {
    const held = await Promise.all([...workers.keys()].map(async (index) => ({ index, executions: await heldBy(log(`worker-${index}`)) })));
    const [most] = held.sort((a, b) => b.executions - a.executions);
    if (most === undefined) throw new Error('No worker is running.');
    return most.index;
  };
  const queue = new Redis({ host: redis.host, port: redis.port, lazyConnect: true });
  const kill = async (): Promise<void> => {
    queue.disconnect();
    await Promise.all([main.kill(), ...[...workers.keys()].map(killWorker)]);
  };
  try {
    await queue.connect();
    await Promise.all(Array.from({ length: options.workers }, (_, index) => startWorker(index)));
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    url: main.url,
    folder: { userFolder, env },
    killWorker,
    startWorker,
    workers: () => [...workers.keys()],
    busiestWorker,
    jobs: async () => (await Promise.all([queue.llen(`${QUEUE}:wait`), queue.llen(`${QUEUE}:active`), queue.zcard(`${QUEUE}:delayed`)])).reduce((sum, count) => sum + count, 0),
    kill,
  };
}
