import { canonicalRecord, fieldOf, pickFields, sameValue, withFields } from '../json/canonical-record';
import { fingerprint } from '../json/fingerprint';
import { isSealed } from '../json/seal';
import { directionOf, intentId, otherSystem } from '../model';
import type { CanonicalRecord, Difference, Intent, JsonValue, Observation, Override, Pair, Patch, Plan, ReviewDraft, ReviewKind, RunContext, Snapshot } from '../model';
import { isClaim, showsPresentValues } from '../policies/review-decisions';
import { idempotencyKey } from './idempotency-key';

interface Question {
  readonly kind: ReviewKind;
  readonly subject: string;
  readonly fields: readonly string[];
  /** What the question shows, where that is not what both sides hold of `fields`. */
  readonly shown?: Pair<CanonicalRecord>;
  readonly reason: string;
}

/** A plan under construction, for one record. Collects what the rules say; `plan()` makes the immutable result. */
export class PlanDraft {
  private readonly observed: Pair<Observation>;
  private readonly next = new Map<string, Map<string, JsonValue>>();
  private readonly writes = new Map<string, Map<string, { readonly value: JsonValue; readonly from: JsonValue | undefined }>>();
  private readonly frozen = new Set<string>();
  private readonly forgotten = new Set<string>();
  private readonly asked: ReviewDraft[] = [];
  private readonly kept = new Set<string>();
  private readonly overrides: Override[] = [];
  private readonly sure: Override[] = [];
  private readonly reasons = new Map<string, string>();
  private whole: { readonly op: 'create' | 'delete'; readonly system: string } | null = null;
  private seen = false;
  private lookAgain = false;
  private undecided = false;

  constructor(private readonly run: RunContext, private readonly difference: Difference) {
    this.observed = { [run.source]: difference.source, [run.target]: difference.target };
  }

  /** Both sides are remembered as they were read, save what is frozen or written afterwards. */
  seeBoth(): void {
    this.seen = true;
    for (const [system, side] of Object.entries(this.observed)) {
      const base = this.difference.bases[system];
      this.next.set(system, new Map(Object.entries(side.presence === 'present' ? withFields(base?.record ?? {}, side.record) : base?.record ?? {})));
    }
  }

  side(system: string): Observation {
    const side = this.observed[system];
    if (side === undefined) throw new Error(`No observation of ${system}`);
    return side;
  }

  value(system: string, field: string): JsonValue | undefined {
    return fieldOf(this.side(system).record, field);
  }

  baseValue(system: string, field: string): JsonValue | undefined {
    return fieldOf(this.baseRecord(system), field);
  }

  private baseRecord(system: string): CanonicalRecord {
    const base = this.difference.bases[system];
    return base?.presence === 'present' ? base.record : {};
  }

  /** Why a field moved or did not; shown in the history and in previews. */
  note(field: string, reason: string): void {
    this.reasons.set(field, reason);
  }

  override(override: Override): void {
    this.overrides.push(override);
  }

  /** The same, to be on record whatever becomes of this write: the next plan may not know any more what told this one. */
  overrideForSure(override: Override): void {
    this.sure.push(override);
  }

  /** The fields stay undecided: neither side's snapshot moves, so the difference is found again. */
  freeze(fields: readonly string[]): void {
    for (const field of fields) this.frozen.add(field);
  }

  /** Neither side counts as having been observed to hold these fields: the next run finds them as at first contact. */
  forget(fields: readonly string[]): void {
    for (const field of fields) this.forgotten.add(field);
  }

  ask({ shown, ...question }: Question): void {
    const existing = this.difference.row?.reviews.find((review) => review.subject === question.subject);
    const values = shown ?? this.shown(question.fields);
    if (existing !== undefined) this.kept.add(existing.id);
    // A person's answer to a claim stands for as long as the claim does.
    const stands = existing?.status === 'open' || (existing !== undefined && isClaim(existing));
    if (stands && existing.kind === question.kind && showsPresentValues(existing, values)) return;
    this.asked.push({ ...question, values, base: this.pairOf((system) => pickFields(this.baseRecord(system), question.fields)) });
  }

  /**
   * One field of one system is set. `from` is what was read on the other side: a later settling takes it for what both agreed on.
   * @returns false when the system does not take this field
   */
  set(system: string, field: string, value: JsonValue, from: JsonValue | undefined, reason: string): boolean {
    if (!this.side(system).schema.writable.includes(field)) {
      this.note(field, `${reason}; ${system} does not take this field`);
      return false;
    }
    this.note(field, reason);
    const fields = this.writes.get(system) ?? new Map<string, { value: JsonValue; from: JsonValue | undefined }>();
    this.writes.set(system, fields.set(field, { value, from }));
    return true;
  }

  write(system: string, fields: CanonicalRecord, reason: string): void {
    for (const [field, value] of Object.entries(fields)) this.set(system, field, value, this.value(otherSystem(this.run, system), field), reason);
  }

  create(system: string, reason: string): void {
    const survivor = otherSystem(this.run, system);
    const open = this.difference.open_create?.system === system ? this.difference.open_create : null;
    this.whole = { op: 'create', system };
    this.next.set(system, new Map());
    if (open === null) {
      for (const [field, value] of Object.entries(this.side(survivor).record)) if (value !== null) this.set(system, field, value, value, reason);
      this.note('*', reason);
      if (!this.writes.has(system)) this.createNothing(system);
      return;
    }
    // An open create is repeated exactly as it was: a provider that remembers the key replays the old body whatever we send
    // now. Newer values follow as an update, so the run has to look again.
    // A sealed value that nobody holds any more cannot be sent: it is left out, and the new one follows as an update too.
    const lostBehindSeal = Object.keys(open.to).filter((field) => this.isSealedField(field) && isSealed(fieldOf(open.to, field)) && this.behindSeal(field, fieldOf(open.to, field)) === undefined);
    for (const [field, value] of Object.entries(open.to)) this.set(system, field, value, fieldOf(open.from, field), `${reason} (repeated)`);
    for (const [field, value] of Object.entries(open.from)) {
      if (!sameValue(value, this.value(survivor, field))) this.lookAgain = true;
      this.next.get(survivor)?.set(field, value);
    }
    for (const field of lostBehindSeal) {
      this.lookAgain = true;
      this.writes.get(system)?.delete(field);
      this.next.get(survivor)?.delete(field);
    }
    // What was empty when it was first sent and is set by now has not travelled either: remembered as seen, it never would.
    for (const [field, value] of Object.entries(this.side(survivor).record)) {
      if (fieldOf(open.from, field) !== undefined || value === null) continue;
      this.lookAgain = true;
      this.next.get(survivor)?.delete(field);
    }
    this.note('*', `${reason}: repeated exactly as it was first sent`);
  }

  /** A record that would have no field is not written, so it must not be remembered as written either. */
  private createNothing(system: string): void {
    this.holdWhole(system);
    this.note('*', `${system} takes none of the record's fields: not created`);
  }

  remove(system: string, reason: string): void {
    this.whole = { op: 'delete', system };
    for (const [field, value] of Object.entries(this.side(system).record)) this.override({ system, field, lost: value, won: undefined, rule: reason });
    this.note('*', reason);
  }

  plan(): Plan {
    this.holdRefused();
    const patches = [...this.patches()];
    const { row } = this.difference;
    const { ended_claims } = this.difference;
    // What became of a second record cannot be seen in the linked one.
    const answered = (row?.reviews ?? []).filter((review) => (isClaim(review) ? ended_claims.includes(review.id) : this.seen && !this.kept.has(review.id)));
    return {
      record_key: this.difference.record_key,
      situation: this.difference.situation,
      patches,
      seen: this.pairOf((system) => this.side(system).record),
      links: this.links(),
      next: this.pairOf((system) => this.snapshot(system)),
      bases: this.difference.bases,
      open_reviews: this.asked,
      close_reviews: answered.map((review) => review.id),
      overrides: this.overrides,
      landed_overrides: [...this.difference.landed_overrides, ...this.sure],
      used_intents: this.difference.used_intents,
      reasons: Object.fromEntries(this.reasons),
      look_again: this.lookAgain,
    };
  }

  /**
   * A value that a system refused is not sent again until one side changes it. The question stays open; its fields are frozen.
   */
  private holdRefused(): void {
    for (const review of this.difference.row?.reviews ?? []) {
      const system = review.subject.startsWith('rejected:') ? review.subject.slice('rejected:'.length) : null;
      if (system === null || review.status !== 'open') continue;
      const whole = this.whole?.system === system;
      const writes = this.writes.get(system);
      // Since then a field may have turned to travel the other way: held like the others, it would be written in every run and never remembered.
      const refused = review.fields.filter((field) => writes?.has(field));
      if (refused.length === 0 && !whole) continue;
      if (!showsPresentValues(review, this.shown(review.fields))) continue;
      this.kept.add(review.id);
      this.freeze(refused);
      for (const field of refused) writes?.delete(field);
      if (whole) this.holdWhole(system);
    }
  }

  /** A refused create or delete: the record as a whole stays undecided, and neither snapshot moves. */
  private holdWhole(system: string): void {
    this.whole = null;
    this.undecided = true;
    this.writes.delete(system);
    this.overrides.length = 0;
  }

  private *patches(): Generator<Patch> {
    if (this.whole?.op === 'delete') {
      const { system } = this.whole;
      const { native_id, etag } = this.side(system);
      yield { system, op: 'delete', native_id, fields: canonicalRecord([]), from: canonicalRecord([]), if_match: etag, idempotency_key: this.keyOf(system, 'delete'), match_key: null, echo_fingerprint: null };
    }
    for (const [system, writes] of this.writes) {
      const fields = canonicalRecord([...writes].map(([field, { value }]) => [field, value]));
      const from = canonicalRecord([...writes].flatMap(([field, write]) => (write.from === undefined ? [] : [[field, write.from] as const])));
      const side = this.side(system);
      const isCreate = this.isWhole('create', system);
      if (writes.size === 0 && !isCreate) continue;
      const open = isCreate && this.difference.open_create?.system === system ? this.difference.open_create : null;
      yield {
        system,
        op: isCreate ? 'create' : 'update',
        native_id: isCreate ? null : side.native_id,
        fields,
        ...this.plainOf(fields),
        from,
        if_match: isCreate ? null : side.etag,
        idempotency_key: open?.idempotency_key ?? this.keyOf(system, isCreate ? 'create' : fields),
        match_key: isCreate ? open?.match_key ?? this.side(otherSystem(this.run, system)).match_key : null,
        echo_fingerprint: fingerprint(isCreate ? fields : withFields(side.record, fields)),
      };
    }
  }

  /**
   * The key of the newest write to this system that nobody committed, if this is the same one and it may not have landed. What has landed, or
   * was followed by another write, would be answered from memory and not applied: that one is counted on.
   */
  private keyOf(system: string, what: Parameters<typeof idempotencyKey>[3]): string {
    const { row, record_key } = this.difference;
    const name = idempotencyKey(this.directionTo(system), record_key, row?.committed_version ?? 0, what);
    const [newest, ...older] = (row?.intents ?? []).filter((intent) => intent.system === system);
    const taken = new Set(older.map((intent) => intent.idempotency_key));
    if (newest !== undefined && (this.isUsed(newest) || this.mayLieUnder(newest, older))) taken.add(newest.idempotency_key);
    let key = name;
    for (let time = 2; taken.has(key); time += 1) key = `${name}-${String(time)}`;
    return key;
  }

  private isUsed(intent: Intent): boolean {
    return this.difference.used_intents.includes(intentId(intent));
  }

  /**
   * An older write was found landed that this one's plan had not: it landed late, and if this one had landed before, it lies under it. That
   * cannot be told, so this one is not repeated but made anew. Only an update may be: applied twice, it is still the same.
   */
  private mayLieUnder(newest: Intent, older: readonly Intent[]): boolean {
    return newest.op === 'update' && older.some((intent) => this.isUsed(intent) && !newest.used.includes(intentId(intent)));
  }

  private isSealedField(field: string): boolean {
    return [this.run.source, this.run.target].some((system) => this.side(system).schema.sealed?.includes(field) === true);
  }

  /** The value behind a seal, from the side that was read with this very seal. */
  private behindSeal(field: string, seal: JsonValue | undefined): JsonValue | undefined {
    const sides = [this.side(this.run.source), this.side(this.run.target)];
    return sides.filter((side) => fieldOf(side.record, field) === seal).map((side) => fieldOf(side.plain ?? {}, field)).find((value) => value !== undefined);
  }

  private plainOf(fields: CanonicalRecord): { readonly plain?: CanonicalRecord } {
    const values = Object.entries(fields).filter(([field, value]) => this.isSealedField(field) && isSealed(value)).flatMap(([field, value]) => {
      const plain = this.behindSeal(field, value);
      return plain === undefined ? [] : [[field, plain] as const];
    });
    return values.length === 0 ? {} : { plain: canonicalRecord(values) };
  }

  private isWhole(op: 'create' | 'delete', system: string): boolean {
    return this.whole?.op === op && this.whole.system === system;
  }

  private directionTo(system: string): string {
    return directionOf(otherSystem(this.run, system), system);
  }

  private snapshot(system: string): Snapshot | null {
    const base = this.difference.bases[system] ?? null;
    const fields = this.next.get(system);
    const side = this.side(system);
    if (!this.seen || this.undecided || fields === undefined) return base;
    const mapping_fingerprint = side.schema.mapping_fingerprint;
    const created = this.isWhole('create', system);
    if (!created && (side.presence === 'gone' || this.isWhole('delete', system))) return { presence: 'gone', record: canonicalRecord(fields), fingerprint: null, mapping_fingerprint };
    if (!created && side.presence !== 'present') return base;
    for (const [field, { value }] of this.writes.get(system) ?? []) fields.set(field, value);
    for (const field of this.frozen) {
      const past = this.baseValue(system, field);
      if (past === undefined) fields.delete(field);
      else fields.set(field, past);
    }
    for (const field of this.forgotten) fields.delete(field);
    const record = canonicalRecord(fields);
    return { presence: 'present', record, fingerprint: fingerprint(record), mapping_fingerprint };
  }

  private links(): Pair<string | null> {
    const { row } = this.difference;
    const { source, target } = this.run;
    if (!this.seen) {
      // A question about a record that has no row yet needs one to hang on; what is merely left alone does not.
      if (row !== null || this.asked.length === 0) return row?.links ?? {};
      return { [source]: this.side(source).native_id, [target]: null };
    }
    const link = (system: string): string | null => (this.side(system).presence === 'present' ? this.side(system).native_id : row?.links[system] ?? this.side(system).native_id);
    return this.pairOf(link);
  }

  /** What both sides hold of these fields now: what a question shows. */
  private shown(fields: readonly string[]): Pair<CanonicalRecord> {
    return this.pairOf((system) => pickFields(this.side(system).record, fields));
  }

  private pairOf<T>(of: (system: string) => T): Pair<T> {
    const { source, target } = this.run;
    return { [source]: of(source), [target]: of(target) };
  }
}
