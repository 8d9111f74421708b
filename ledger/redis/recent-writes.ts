import { z } from 'zod';
import type { HistoryEntry, RecordKey } from '../../core/model';
import { textsSchema } from '../json-column';
import type { RedisConnection } from './driver';

/** As many as the ledger attaches to a row. */
const KEPT = 12;
export const REMEMBERED_SECONDS = 3600;

const entrySchema = z.object({ direction: z.string(), field_hash: z.string(), fields: textsSchema, at: z.string() });
const textSchema = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'not JSON' });
    return z.NEVER;
  }
});
const answersSchema = z.tuple([z.unknown(), z.string().nullable()]).rest(z.array(textSchema.pipe(entrySchema)));

/** A commit that was sent twice (a node run again) is one line in the ledger's history, and two here. */
function isRepeated(entry: HistoryEntry, older: HistoryEntry | undefined): boolean {
  return older?.direction === entry.direction && older.field_hash === entry.field_hash;
}

/**
 * Commits of the last hour, record by record. A Redis that was restarted has forgotten: `since` says from when on its memory
 * is complete, and before that the ledger is asked.
 */
export class RecentWrites {
  constructor(
    private readonly redis: RedisConnection,
    /** Keeps ledgers that share one Redis apart. */
    private readonly ledger: string,
  ) {}

  async push(sync: string, entries: readonly { readonly record_key: RecordKey; readonly entry: HistoryEntry }[], now: Date): Promise<void> {
    await this.redis.pipeline([
      ...this.#begin(now),
      ...entries.flatMap(({ record_key, entry }) => {
        const key = this.#key(sync, record_key);
        return [['lpush', key, JSON.stringify(entry)], ['ltrim', key, 0, KEPT - 1], ['expire', key, REMEMBERED_SECONDS]] as const;
      }),
    ]);
  }

  /** Newest first, per record; null when Redis cannot be asked or may have forgotten something since `since`. */
  async read(sync: string, record_keys: readonly RecordKey[], since: Date, now: Date): Promise<readonly (readonly HistoryEntry[])[] | null> {
    const answers = await this.redis.pipeline([...this.#begin(now), ...record_keys.map((record_key) => ['lrange', this.#key(sync, record_key), 0, KEPT - 1] as const)]);
    if (answers === null) return null;
    const parsed = answersSchema.safeParse(answers);
    // Somebody else's data under our keys is as good as no Redis.
    if (!parsed.success) return null;
    const [, completeFrom, ...lists] = parsed.data;
    if (completeFrom === null || completeFrom > since.toISOString()) return null;
    return lists.map((list) => list.filter((entry, index) => entry.at > since.toISOString() && !isRepeated(entry, list[index + 1])));
  }

  #begin(now: Date): readonly (readonly [string, ...(string | number)[]])[] {
    const since = `two-way-sync:${this.ledger}:since`;
    return [['set', since, now.toISOString(), 'NX'], ['get', since]];
  }

  #key(sync: string, record_key: RecordKey): string {
    return `two-way-sync:${this.ledger}:${JSON.stringify([sync, record_key])}`;
  }
}
