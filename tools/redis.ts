import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port';

export interface RedisServer {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const START_LIMIT_MS = 15_000;

export const hasRedis = (): boolean => spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;

async function answersPing(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, HOST, () => socket.write('PING\r\n'));
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString().startsWith('+PONG'));
    });
    socket.once('error', () => resolve(false));
  });
}

/** Starts a Redis that keeps everything in memory, on a free port. */
export async function startRedis(): Promise<RedisServer> {
  if (!hasRedis()) throw new Error('redis-server is not installed. On Debian or Ubuntu: sudo apt-get install redis-server');
  const folder = await mkdtemp(join(tmpdir(), 'two-way-sync-redis-'));
  const port = await freePort();
  const child = spawn('redis-server', ['--port', String(port), '--bind', HOST, '--save', '', '--appendonly', 'no', '--dir', folder], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const endWithParent = (): void => void child.kill('SIGKILL');
  process.once('exit', endWithParent);
  const stop = async (): Promise<void> => {
    if (!hasEnded()) {
      child.kill('SIGTERM');
      await ended;
    }
    process.removeListener('exit', endWithParent);
    await rm(folder, { recursive: true, force: true });
  };

  const limit = Date.now() + START_LIMIT_MS;
  while (!(await answersPing(port))) {
    if (hasEnded() || Date.now() > limit) {
      await stop();
      throw new Error(`redis-server did not answer on port ${port}.`);
    }
    await sleep(30);
  }
  return { host: HOST, port, url: `redis://${HOST}:${port}`, stop };
}
