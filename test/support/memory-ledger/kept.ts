/** Values as a database would keep them: a copy with sorted keys, which nobody else holds. Records are immutable, so each is copied once. */
import { canonicalJson } from '../../../core/json/canonical-json';
import type { CanonicalRecord, JsonValue, Pair, Snapshot } from '../../../core/model';
import { jsonSchema, recordPairSchema, recordSchema } from '../../../core/json/guards';
import { toColumn } from '../../../ledger/json-column';

const copies = new WeakMap<CanonicalRecord, CanonicalRecord>();

export function keptRecord(record: CanonicalRecord): CanonicalRecord {
  const known = copies.get(record);
  if (known !== undefined) return known;
  const copy = recordSchema.parse(JSON.parse(canonicalJson(record)));
  copies.set(record, copy);
  copies.set(copy, copy);
  return copy;
}

export function keptSnapshot({ presence, record, fingerprint, mapping_fingerprint }: Snapshot): Snapshot {
  return { presence, record: keptRecord(record), fingerprint, mapping_fingerprint };
}

export function keptRecords(records: Pair<CanonicalRecord>): Pair<CanonicalRecord> {
  return recordPairSchema.parse(JSON.parse(canonicalJson(records)));
}

export function keptJson(value: unknown): JsonValue {
  return jsonSchema.parse(JSON.parse(toColumn(value)));
}
