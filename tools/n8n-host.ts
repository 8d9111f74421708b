import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port';
import { type N8nFolder, n8nEnvironment } from './n8n-environment';
import { ensureN8n } from './n8n-install';

export interface N8nOptions extends N8nFolder {
  readonly port: number;
  /** What n8n prints is appended here. */
  readonly logFile: string;
  /** `start` is the server; in queue mode a worker is `['worker', '--concurrency=5']`. */
  readonly command?: readonly string[];
}

export interface N8n {
  readonly url: string;
  readonly pid: number;
  /** Ends it as an operator would: running executions finish. */
  stop(): Promise<void>;
  /** Ends it as a power cut would: the whole process group at once. The folder can be started again. */
  kill(): Promise<void>;
}

const START_LIMIT_MS = 600_000;
/** Printed after the published workflows got their webhooks; /healthz answers before that, when a webhook is still a 404. */
const READY_LINES = /Editor is now accessible via|n8n worker is now ready/;

async function waitUntilReady(url: string, logFile: string, logStart: number, hasEnded: () => boolean): Promise<void> {
  const limit = Date.now() + START_LIMIT_MS;
  const log = async (): Promise<string> => (await readFile(logFile)).subarray(logStart).toString('utf8');
  while (Date.now() < limit) {
    if (hasEnded()) throw new Error(`n8n ended while starting. Its last words (${logFile}):\n${(await log()).slice(-3000)}`);
    if (READY_LINES.test(await log())) {
      const answer = await fetch(`${url}/healthz`).catch(() => undefined);
      if (answer?.ok === true) return;
    }
    await sleep(100);
  }
  throw new Error(`n8n was not ready after ${START_LIMIT_MS / 1000} s. Its last words (${logFile}):\n${(await log()).slice(-3000)}`);
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: it has ended already, which is what was wanted.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Starts an n8n and returns when its webhooks answer. Two at once need two folders and two ports. */
export async function startN8n(options: N8nOptions): Promise<N8n> {
  const { port, logFile, command = ['start'] } = options;
  const install = await ensureN8n();
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  const logStart = (await stat(logFile)).size;
  const url = `http://127.0.0.1:${port}`;
  const env = {
    N8N_PORT: String(port),
    WEBHOOK_URL: url,
    N8N_EDITOR_BASE_URL: url,
    N8N_RUNNERS_BROKER_PORT: String(await freePort()),
    ...options.env,
  };
  const child = spawn(process.execPath, [join(install, 'node_modules', 'n8n', 'bin', 'n8n'), ...command], {
    cwd: options.userFolder,
    env: n8nEnvironment({ userFolder: options.userFolder, env }),
    stdio: ['ignore', log, log],
    // A group of its own, so that `kill` takes the task runners along.
    detached: true,
  });
  closeSync(log);
  const ended = once(child, 'exit');
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const { pid } = child;
  if (pid === undefined) throw new Error(`${process.execPath} could not be started.`);

  // A detached child outlives its parent: without this, an interrupted test run would leave an n8n behind.
  const killWithParent = (): void => signalGroup(pid, 'SIGKILL');
  process.once('exit', killWithParent);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!hasEnded()) {
      if (signal === 'SIGKILL') signalGroup(pid, signal);
      else child.kill(signal);
      const late = setTimeout(() => signalGroup(pid, 'SIGKILL'), 40_000);
      await ended;
      clearTimeout(late);
    }
    process.removeListener('exit', killWithParent);
  };

  try {
    await waitUntilReady(url, logFile, logStart, hasEnded);
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
  return { url, pid, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}
