import type { Actor, ChangeFeed } from './change-feed';
import { changesBetween, completeValues, missingRequired, readValues, type FieldChanges, type FieldValues, type Refusal } from './field-values';
import type { Json } from './json';
import type { QuirkBoard } from './quirks';
import type { RecordStore, StoredRecord } from './record-store';
import type { SystemDefinition } from './system-definition';
import { appendOnWrite, isRejected, reformatValues } from './value-quirks';

export type Found = { readonly kind: 'found'; readonly record: StoredRecord } | Refused;
export type Written = { readonly kind: 'written'; readonly record: StoredRecord; readonly changes: FieldChanges } | Refused;
export type Refused = { readonly kind: 'refused'; readonly refusal: Refusal };

const NO_CHANGES: FieldChanges = new Map();

/** The system's business rules: what a write may do, what becomes of its values, and who hears of it. */
export class RecordDesk {
  constructor(
    private readonly definition: SystemDefinition,
    private readonly store: RecordStore,
    private readonly board: QuirkBoard,
    private readonly feed: ChangeFeed,
    private readonly clock: () => number,
  ) {}

  find(id: string, by: Actor): Found {
    if (by === 'api' && this.board.now.forbidden_ids.includes(id)) return refused(403, 'forbidden', `You may not see ${id}.`);
    const record = this.store.get(id);
    if (record === undefined) return refused(404, 'not_found', `There is no ${this.definition.recordType} ${id}.`);
    return record.deleted ? refused(410, 'gone', `${id} was deleted.`) : { kind: 'found', record };
  }

  create(body: unknown, by: Actor): Written {
    const read = readValues(this.definition.fields, body);
    if (read.kind === 'refused') return read;
    const empty = completeValues(this.definition.fields, new Map());
    const values = this.settle(empty, read.values, by);
    if (values.kind === 'refused') return values;
    const complete = completeValues(this.definition.fields, values.values);
    const missing = missingRequired(this.definition.fields, complete);
    if (missing !== null) return { kind: 'refused', refusal: missing };
    const record = this.store.insert(complete, this.clock());
    const changes = changesBetween(empty, complete);
    this.feed.publish([{ type: 'created', by, record, changes }]);
    return { kind: 'written', record, changes };
  }

  patch(id: string, body: unknown, by: Actor, ifMatch: string | null): Written {
    const target = this.findMatching(id, by, ifMatch);
    if (target.kind === 'refused') return target;
    const read = readValues(this.definition.fields, body);
    if (read.kind === 'refused') return read;
    const values = this.settle(target.record.values, read.values, by, id);
    return values.kind === 'refused' ? values : this.write(target.record, values.values, by);
  }

  remove(id: string, by: Actor, ifMatch: string | null): Written {
    const target = this.findMatching(id, by, ifMatch);
    if (target.kind === 'refused') return target;
    const record = this.store.setDeleted(target.record, true, this.clock());
    this.feed.publish([{ type: 'deleted', by, record, changes: NO_CHANGES }]);
    return { kind: 'written', record, changes: NO_CHANGES };
  }

  /** A person takes a record out of the bin; to listeners it appears anew under its old id. */
  restore(id: string): Written {
    const deleted = this.store.get(id);
    if (deleted === undefined || !deleted.deleted) return refused(404, 'not_found', `${id} is not in the bin.`);
    const record = this.store.setDeleted(deleted, false, this.clock());
    this.feed.publish([{ type: 'created', by: 'user', record, changes: NO_CHANGES }]);
    return { kind: 'written', record, changes: NO_CHANGES };
  }

  /** Past all validation, as an old import would have left it. */
  malform(id: string): Written {
    const target = this.find(id, 'user');
    if (target.kind === 'refused') return target;
    const { fields, emailPath } = this.definition;
    const values = new Map<string, Json>([[emailPath, 'not-an-email']]);
    const required = fields.find((spec) => spec.required === true && spec.path !== emailPath);
    if (required !== undefined) values.set(required.path, null);
    return this.write(target.record, values, 'user');
  }

  /** A bulk job: every record gets a new updated_at and version, and nothing else. */
  touchAll(): number {
    const touched = this.store.living().map((record) => this.store.touch(record, this.clock()));
    this.feed.publish(touched.map((record) => ({ type: 'updated', by: 'user', record, changes: NO_CHANGES })));
    return touched.length;
  }

  private findMatching(id: string, by: Actor, ifMatch: string | null): Found {
    const found = this.find(id, by);
    if (found.kind === 'refused' || ifMatch === null || ifMatch === '*') return found;
    const expected = ifMatch.replace(/^(?:W\/)?"(.*)"$/u, '$1');
    return expected === String(found.record.version)
      ? found
      : refused(412, 'precondition_failed', `${id} is at version ${found.record.version}, not ${expected}.`);
  }

  private settle(before: FieldValues, incoming: FieldValues, by: Actor, id?: string): { readonly kind: 'values'; readonly values: FieldValues } | Refused {
    const quirks = this.board.now;
    if (by === 'api' && isRejected(incoming, quirks)) {
      const field = quirks.reject_value?.field ?? null;
      return refused(422, 'rejected_value', `${field ?? 'A field'} does not accept this value.`, field);
    }
    const tidy = reformatValues(this.definition.fields, incoming, quirks);
    const longer = by === 'api' ? appendOnWrite(tidy, before, quirks) : tidy;
    const automated = this.definition.automate(before, new Map([...before, ...longer]), quirks);
    const values = new Map([...longer, ...automated]);
    const email = values.get(this.definition.emailPath);
    if (quirks.unique_email && typeof email === 'string' && this.isTaken(email, id)) {
      return refused(409, 'duplicate_email', `Another ${this.definition.recordType} has the e-mail ${email}.`, this.definition.emailPath);
    }
    return { kind: 'values', values };
  }

  private isTaken(email: string, id: string | undefined): boolean {
    return this.store.living().some((record) => {
      const other = record.values.get(this.definition.emailPath);
      return record.id !== id && typeof other === 'string' && other.toLowerCase() === email.toLowerCase();
    });
  }

  /** A write that changes nothing makes no new version and no webhook. */
  private write(before: StoredRecord, values: FieldValues, by: Actor): Written {
    const changes = changesBetween(before.values, values);
    if (changes.size === 0) return { kind: 'written', record: before, changes };
    const record = this.store.update(before, changes, this.clock());
    this.feed.publish([{ type: 'updated', by, record, changes }]);
    return { kind: 'written', record, changes };
  }
}

function refused(status: number, code: string, message: string, field: string | null = null): Refused {
  return { kind: 'refused', refusal: { status, code, message, field } };
}
