/** The only file that imports `ioredis`. Redis is optional: whatever fails here is answered with null, and the ledger does the work. */
import type { Redis } from 'ioredis';

export interface RedisConnection {
  /** All commands in one round trip; null when Redis did not do every one of them. */
  pipeline(commands: readonly (readonly [command: string, ...values: (string | number)[]])[]): Promise<readonly unknown[] | null>;
  close(): Promise<void>;
}

/** Longer than that, and asking the ledger would have been faster. */
const CONNECT_MS = 1000;
const COMMAND_MS = 500;
/** A Redis that is down costs one try in this time, not one per call. */
const RETRY_AFTER_MS = 5000;

const shared = new Map<string, { readonly connection: RedisConnection; users: number }>();

/** One connection per URL and process. */
export function connectRedis(url: string): RedisConnection {
  const entry = shared.get(url) ?? { connection: openRedis(url), users: 0 };
  shared.set(url, entry);
  entry.users += 1;
  let open = true;
  return {
    pipeline: (commands) => entry.connection.pipeline(commands),
    close: async () => {
      if (!open) return;
      open = false;
      entry.users -= 1;
      if (entry.users > 0) return;
      shared.delete(url);
      await entry.connection.close();
    },
  };
}

function openRedis(url: string): RedisConnection {
  let client: Redis | null = null;
  let failedAt = Number.NEGATIVE_INFINITY;

  const connected = async (): Promise<Redis | null> => {
    if (client?.status === 'ready') return client;
    if (Date.now() - failedAt < RETRY_AFTER_MS) return null;
    client?.disconnect();
    const { Redis: RedisClient } = await import('ioredis');
    const next = new RedisClient(url, { lazyConnect: true, connectTimeout: CONNECT_MS, commandTimeout: COMMAND_MS, maxRetriesPerRequest: 0, enableOfflineQueue: false, retryStrategy: () => null });
    // Without a listener a lost connection would be printed, or end n8n; the next call notices by itself.
    next.on('error', () => undefined);
    client = next;
    await next.connect();
    // An idle connection must not keep a process alive that has nothing else to do (`n8n execute`).
    next.stream.unref();
    return next;
  };

  return {
    pipeline: async (commands) => {
      try {
        const ready = await connected();
        if (ready === null) return null;
        const answers = await ready.pipeline(commands.map((command) => [...command])).exec();
        if (answers === null || answers.some(([error]) => error !== null)) return null;
        return answers.map(([, answer]) => answer);
      } catch {
        failedAt = Date.now();
        return null;
      }
    },
    close: () => {
      client?.disconnect();
      client = null;
      return Promise.resolve();
    },
  };
}
