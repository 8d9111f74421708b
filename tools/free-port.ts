import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the ports that systems give to outgoing connections (from 32768 on Linux, higher elsewhere): n8n takes seconds until it listens,
 * and a connection that is opened meanwhile could get the same number.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const given = new Set<number>();

/** A port that is free now, and that this process gives to nobody else. It is not reserved: start the server right away. */
export async function freePort(): Promise<number> {
  while (given.size < HIGHEST - LOWEST) {
    const port = randomInt(LOWEST, HIGHEST);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
  throw new Error(`No port from ${LOWEST} to ${HIGHEST} is free.`);
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => { resolve(false); });
    server.listen(port, '127.0.0.1', () => server.close(() => { resolve(true); }));
  });
}
