/**
 * What the ledger was told that the systems hold, field by field, in order: by a Commit, and by a write that landed, whose intent says
 * what was written and, once somebody reads that it landed, what the other side held. A value that stood in a system only between two of
 * these was seen by nobody.
 */
import { canonicalJson } from '../../../core/json/canonical-json';
import type { JsonValue } from '../../../core/model';
import type { CommitItem, CommitVerdict, RecheckReason, ReserveItem, ReserveVerdict } from '../../../ledger/ledger-store';
import type { WriteRequest } from '../../../core/stages/denormalize';
import { isFieldName, type FieldName } from '../fake-system';
import { plain, type Edit } from '../journal-of-edits';

interface Remembered {
  /** `beside`: what the intent of a write that landed says of the other side. */
  readonly by: 'commit' | 'write' | 'beside';
  /** Alike for what was told together. */
  readonly occasion: number;
  readonly system: string;
  readonly id: string;
  readonly field: FieldName;
  /** As `plain` reads it. */
  readonly value: string;
  /** Step at which what an intent says was read: long before it is told. */
  readonly read_at: number;
}

type Held = { readonly [field: string]: JsonValue };

interface Beside {
  readonly system: string;
  readonly id: string;
  readonly from: Held;
  /** Step of its reading. */
  readonly read_at: number;
}

/** Rechecks of a Commit that stored nothing. */
const NOT_STORED: readonly RecheckReason[] = ['version', 'lease', 'hint', 'link_claimed', 'match_key_claimed', 'stale'];

/** A create that was answered with a record of another row. */
const isOver = ({ recheck }: CommitItem, reason: RecheckReason): boolean => reason === 'look_again' && recheck === null;

export class LedgerMemory {
  readonly #told: Remembered[] = [];
  #occasion = 0;
  /** By idempotency key: what a reserved write had read on the other side. */
  readonly #readBeside = new Map<string, Beside>();
  /** By record: the same of the writes that landed there and that nobody has read yet. */
  readonly #landedUnread = new Map<string, readonly Beside[]>();
  /** Native ids of which a Commit said that they are gone, and how often. */
  readonly #gone = new Map<string, number>();

  get length(): number {
    return this.#told.length;
  }

  /** @param readAt step at which its run read a record last */
  reserved(items: readonly ReserveItem[], verdicts: readonly ReserveVerdict[], readAt: (system: string, id: string) => number): void {
    for (const [index, { links, intents }] of items.entries()) {
      const verdict = verdicts[index];
      if (verdict?.kind !== 'Reserved') continue;
      for (const intent of intents) {
        for (const [system, id] of Object.entries(links)) if (system !== intent.system && id !== null) this.#plans(`${intent.system} ${intent.idempotency_key}`, { system, id, from: intent.from, read_at: readAt(system, id) });
      }
    }
  }

  /** A create that is repeated says what was read for the first one. */
  #plans(key: string, beside: Beside): void {
    const first = this.#readBeside.get(key);
    if (first === undefined || canonicalJson({ ...first.from }) !== canonicalJson({ ...beside.from })) this.#readBeside.set(key, beside);
  }

  /** @param seen what its run was last shown of a record: whatever else a Commit stores was kept from before, and tells nothing */
  committed(items: readonly CommitItem[], verdicts: readonly CommitVerdict[], seen: (system: string, id: string) => Held): void {
    for (const [index, item] of items.entries()) {
      const { links, snapshots } = item;
      this.#occasion += 1;
      const verdict = verdicts[index];
      if (verdict === undefined || (verdict.kind === 'Recheck' && (NOT_STORED.includes(verdict.reason) || isOver(item, verdict.reason)))) continue;
      for (const [system, snapshot] of Object.entries(snapshots)) {
        const id = links[system] ?? null;
        if (snapshot?.presence === 'gone' && id !== null) this.#gone.set(`${system} ${id}`, this.toldGone(system, id) + 1);
        const shown = id === null ? {} : seen(system, id);
        this.#remember('commit', system, id, Object.fromEntries(Object.entries(snapshot?.record ?? {}).filter(([field, value]) => isFieldName(field) && plain(field, shown[field]) === plain(field, value))));
      }
    }
  }

  /** How often the ledger was told that this record is gone. */
  toldGone(system: string, id: string): number {
    return this.#gone.get(`${system} ${id}`) ?? 0;
  }

  /** @param held the system's values of the fields that were sent, after the write */
  landed(system: string, id: string, { idempotency_key }: WriteRequest, held: Held): void {
    this.#occasion += 1;
    this.#remember('write', system, id, held);
    const beside = this.#readBeside.get(`${system} ${idempotency_key}`);
    if (beside !== undefined) this.#landedUnread.set(`${system} ${id}`, [...(this.#landedUnread.get(`${system} ${id}`) ?? []), beside]);
  }

  /** Somebody reads a record as it is now: a run that read it before the write landed could not know what the intent says. */
  read(system: string, id: string): void {
    this.#occasion += 1;
    for (const { system: other, id: otherId, from, read_at } of this.#landedUnread.get(`${system} ${id}`) ?? []) this.#remember('beside', other, otherId, from, read_at);
    this.#landedUnread.delete(`${system} ${id}`);
  }

  #remember(by: Remembered['by'], system: string, id: string | null, held: Held, read_at = 0): void {
    if (id === null) return;
    for (const [field, value] of Object.entries(held)) if (isFieldName(field)) this.#told.push({ by, occasion: this.#occasion, system, id, field, value: plain(field, value), read_at });
  }

  /** Whether a Commit after both edits, one on each side, was told that both sides hold what `left` put and `right` replaced: for the sync, `right` came later. */
  areInTurn(left: Edit, right: Edit): boolean {
    const value = plain(left.field, left.value);
    if (left.system === right.system || left.field !== right.field || plain(right.field, right.replaced) !== value) return false;
    const agreed = this.#told.slice(Math.max(left.remembered, right.remembered)).filter((told) => told.by === 'commit' && told.field === left.field && told.value === value);
    const holds = ({ system, id }: Edit, occasion: number): boolean => agreed.some((told) => told.occasion === occasion && told.system === system && told.id === id);
    return agreed.some(({ occasion }) => holds(left, occasion) && holds(right, occasion));
  }

  /**
   * Whether edits from `first` to `last` brought a field back to what it was before anybody told the ledger of what lay between: for
   * the sync, nothing happened there (E5).
   */
  isUnseenRoundTrip(first: Edit, last: Edit): boolean {
    const value = plain(last.field, last.value);
    if (plain(first.field, first.replaced) !== value) return false;
    const told = (from: number, to?: number): readonly Remembered[] => this.#told.slice(from, to).filter(({ system, id, field }) => system === last.system && id === last.id && field === last.field);
    const isSeen = ({ by, value: held }: Remembered): boolean => by !== 'beside' && held !== value;
    if (told(first.remembered, last.remembered).some(isSeen)) return false;
    const next = told(last.remembered).find(({ by }) => by !== 'beside');
    // By an intent that was known by then, of a reading between the two.
    const known = told(first.remembered, next === undefined ? undefined : this.#told.indexOf(next));
    if (known.some(({ by, value: held, read_at }) => by === 'beside' && held !== value && read_at >= first.step && read_at < last.step)) return false;
    // What a write put there afterwards is not what a run saw before.
    return next === undefined || next.by === 'write' || next.value === value;
  }
}
