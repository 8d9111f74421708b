/** As much of a Redis as `RecentWrites` asks for; away, it answers nothing, as the driver says it. */
import type { RecentWrites } from '../../ledger/redis/recent-writes';

type Commands = Parameters<ConstructorParameters<typeof RecentWrites>[0]['pipeline']>[0];

export class RedisDouble {
  away = false;
  readonly #texts = new Map<string, string>();
  readonly #lists = new Map<string, string[]>();

  pipeline(commands: Commands): Promise<unknown[] | null> {
    return Promise.resolve(this.away ? null : commands.map((command) => this.#answer(command.map(String))));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #answer([name = '', key = '', first = '', second = '']: readonly string[]): unknown {
    switch (name) {
      case 'set':
        if (!this.#texts.has(key)) this.#texts.set(key, first);
        return 'OK';
      case 'get':
        return this.#texts.get(key) ?? null;
      case 'lpush':
        this.#lists.set(key, [first, ...(this.#lists.get(key) ?? [])]);
        return 1;
      case 'ltrim':
        this.#lists.set(key, (this.#lists.get(key) ?? []).slice(Number(first), Number(second) + 1));
        return 'OK';
      case 'lrange':
        return (this.#lists.get(key) ?? []).slice(Number(first), Number(second) + 1);
      default:
        return 1;
    }
  }
}
