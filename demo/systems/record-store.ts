import type { FieldChanges, FieldValues } from './field-values';
import type { Json } from './json';

export type StoredRecord = {
  readonly id: string;
  /** The number in the id: ids are handed out, and compared, in the order of creation ("T-999" before "T-1000"). */
  readonly ordinal: number;
  readonly version: number;
  readonly values: FieldValues;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly deleted: boolean;
};

export type ListQuery = { readonly updatedSince: number | null; readonly afterOrdinal: number | null; readonly limit: number };
export type ListPage = { readonly records: readonly StoredRecord[]; readonly more: boolean };

export class RecordStore {
  private readonly records = new Map<string, StoredRecord>();
  private lastOrdinal: number;

  constructor(
    private readonly idOf: (ordinal: number) => string,
    firstOrdinal: number,
  ) {
    this.lastOrdinal = firstOrdinal - 1;
  }

  get(id: string): StoredRecord | undefined {
    return this.records.get(id);
  }

  all(): readonly StoredRecord[] {
    return [...this.records.values()];
  }

  living(): readonly StoredRecord[] {
    return this.all().filter((record) => !record.deleted);
  }

  load(record: StoredRecord): void {
    this.records.set(record.id, record);
    this.lastOrdinal = Math.max(this.lastOrdinal, record.ordinal);
  }

  insert(values: FieldValues, now: number): StoredRecord {
    const ordinal = this.lastOrdinal + 1;
    const record = { id: this.idOf(ordinal), ordinal, version: 1, values, createdAt: now, updatedAt: now, deleted: false };
    this.load(record);
    return record;
  }

  update(record: StoredRecord, changes: FieldChanges, now: number): StoredRecord {
    const values = new Map<string, Json>(record.values);
    for (const [path, change] of changes) values.set(path, change.to);
    return this.put({ ...record, values }, now);
  }

  setDeleted(record: StoredRecord, deleted: boolean, now: number): StoredRecord {
    return this.put({ ...record, deleted }, now);
  }

  /** A new version with the same content: what a bulk job leaves behind. */
  touch(record: StoredRecord, now: number): StoredRecord {
    return this.put(record, now);
  }

  /**
   * With `updatedSince` the order is (updated_at, id) and `afterOrdinal` breaks ties, so a page never skips a record that
   * shares its millisecond with the last one; without it the order is by id.
   */
  list(query: ListQuery, visible: (record: StoredRecord) => boolean): ListPage {
    const { updatedSince, afterOrdinal, limit } = query;
    const matching = this.living().filter((record) => visible(record) && isAfter(record, updatedSince, afterOrdinal));
    matching.sort((a, b) => (updatedSince === null ? 0 : a.updatedAt - b.updatedAt) || a.ordinal - b.ordinal);
    return { records: matching.slice(0, limit), more: matching.length > limit };
  }

  private put(record: StoredRecord, now: number): StoredRecord {
    const next = { ...record, version: record.version + 1, updatedAt: now };
    this.records.set(next.id, next);
    return next;
  }
}

function isAfter(record: StoredRecord, updatedSince: number | null, afterOrdinal: number | null): boolean {
  if (updatedSince === null) return afterOrdinal === null || record.ordinal > afterOrdinal;
  if (record.updatedAt !== updatedSince) return record.updatedAt > updatedSince;
  return afterOrdinal === null || record.ordinal > afterOrdinal;
}
