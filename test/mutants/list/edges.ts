import { byTests, mutantsOf, type Mutant } from '../mutant';

const loop = mutantsOf('nodes/shared/item-loop.ts');
const redis = mutantsOf('ledger/redis/driver.ts');
const withRedis = mutantsOf('ledger/with-redis.ts');
const recent = mutantsOf('ledger/redis/recent-writes.ts');

/** Where the stages meet n8n and Redis. */
export const EDGE_MUTANTS: readonly Mutant[] = [
  loop('law 11', 'one bad record fails the whole batch', `      this.fail(index, failureOf(error));`, `      throw error;`, byTests('test/nodes/diff-engine.test.ts', 'test/nodes/normalize.test.ts')),
  loop('law 11', 'a failed item is worked on by the next node', `if (withFailed || !hasFailed(json)) return`, `if (withFailed || hasFailed(json) || !hasFailed(json)) return`, byTests('test/nodes/diff-engine.test.ts', 'test/nodes/ledger-commit.test.ts')),
  loop('law 12', 'ledger unreachable: its items go on as they came', `for (const index of indexes) this.fail(index, failure);`, `for (const index of indexes) for (const output of [...this.placed.keys()].slice(0, 1)) this.passOn(output, index);`, byTests('test/nodes/ledger-check.test.ts', 'test/nodes/ledger-commit.test.ts')),
  redis('law 12', 'Redis unreachable: the sync stops', `        failedAt = Date.now();\n        return null;`, `        throw new Error('Redis is away');`, byTests('test/ledger/redis.test.ts')),
  withRedis('law 13', 'a dry run is remembered in Redis', `if (!run.dry_run) await remember(`, `await remember(`, byTests('test/ledger/redis.test.ts')),
  recent('section 5', 'a Redis that was emptied is believed', `if (completeFrom === null || completeFrom > since.toISOString()) return null;`, '', byTests('test/ledger/redis.test.ts')),
];
