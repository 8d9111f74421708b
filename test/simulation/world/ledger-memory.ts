/**
 * What the ledger was told that the systems hold, field by field, in order: by a Commit, and by a write that landed, whose intent says
 * what was written and what the other side held. A value that stood in a system only between two of these was seen by nobody.
 */
import type { JsonValue, Patch } from '../../../core/model';
import type { CommitItem, CommitVerdict, RecheckReason, ReserveItem, ReserveVerdict } from '../../../ledger/ledger-store';
import type { WriteRequest } from '../../../core/stages/denormalize';
import { isFieldName, type FieldName } from '../fake-system';
import { plain, type Edit } from '../journal-of-edits';

interface Remembered {
  readonly by: 'commit' | 'write';
  readonly system: string;
  readonly id: string;
  readonly field: FieldName;
  /** As `plain` reads it. */
  readonly value: string;
}

type Held = { readonly [field: string]: JsonValue };

/** Rechecks of a Commit that stored nothing. */
const NOT_STORED: readonly RecheckReason[] = ['version', 'lease', 'hint', 'link_claimed', 'match_key_claimed', 'stale'];

/** A create that was answered with a record of another row. */
const isOver = ({ recheck }: CommitItem, reason: RecheckReason): boolean => reason === 'look_again' && recheck === null;

export class LedgerMemory {
  readonly #told: Remembered[] = [];
  /** By idempotency key: what a reserved write had read on the other side. */
  readonly #readBeside = new Map<string, { readonly system: string; readonly id: string; readonly from: Held }>();
  /** Native ids of which a Commit said that they are gone, and how often. */
  readonly #gone = new Map<string, number>();

  get length(): number {
    return this.#told.length;
  }

  reserved(items: readonly ReserveItem[], verdicts: readonly ReserveVerdict[]): void {
    for (const [index, { links, intents }] of items.entries()) {
      const verdict = verdicts[index];
      if (verdict?.kind !== 'Reserved') continue;
      for (const intent of intents) {
        for (const [system, id] of Object.entries(links)) if (system !== intent.system && id !== null) this.#readBeside.set(`${intent.system} ${intent.idempotency_key}`, { system, id, from: intent.from });
      }
    }
  }

  /** @param failed the writes of an item that its run does not know to have landed: what they were about is put back to what it was, whatever was read */
  committed(items: readonly CommitItem[], verdicts: readonly CommitVerdict[], failed: (item: CommitItem) => readonly Patch[]): void {
    for (const [index, item] of items.entries()) {
      const { links, snapshots } = item;
      const verdict = verdicts[index];
      if (verdict === undefined || (verdict.kind === 'Recheck' && (NOT_STORED.includes(verdict.reason) || isOver(item, verdict.reason)))) continue;
      const putBack = failed(item);
      for (const [system, snapshot] of Object.entries(snapshots)) {
        const id = links[system] ?? null;
        if (snapshot?.presence === 'gone' && id !== null) this.#gone.set(`${system} ${id}`, this.toldGone(system, id) + 1);
        this.#remember('commit', system, id, Object.fromEntries(Object.entries(snapshot?.record ?? {}).filter(([field]) => putBack.every(({ op, fields }) => op === 'update' && !Object.hasOwn(fields, field)))));
      }
    }
  }

  /** How often the ledger was told that this record is gone. */
  toldGone(system: string, id: string): number {
    return this.#gone.get(`${system} ${id}`) ?? 0;
  }

  /** @param held the system's values of the fields that were sent, after the write */
  landed(system: string, id: string, { idempotency_key }: WriteRequest, held: Held): void {
    this.#remember('write', system, id, held);
    const beside = this.#readBeside.get(`${system} ${idempotency_key}`);
    if (beside !== undefined) this.#remember('commit', beside.system, beside.id, beside.from);
  }

  #remember(by: Remembered['by'], system: string, id: string | null, held: Held): void {
    if (id === null) return;
    for (const [field, value] of Object.entries(held)) if (isFieldName(field)) this.#told.push({ by, system, id, field, value: plain(field, value) });
  }

  /**
   * Whether edits from `first` to `last` brought a field back to what it was before anybody told the ledger of what lay between: for
   * the sync, nothing happened there (E5).
   */
  isUnseenRoundTrip(first: Edit, last: Edit): boolean {
    const value = plain(last.field, last.value);
    if (plain(first.field, first.replaced) !== value) return false;
    const told = (from: number, to?: number): readonly Remembered[] => this.#told.slice(from, to).filter(({ system, id, field }) => system === last.system && id === last.id && field === last.field);
    if (told(first.remembered, last.remembered).some((between) => between.value !== value)) return false;
    const [next] = told(last.remembered);
    // What a write put there afterwards is not what a run saw before.
    return next === undefined || next.by === 'write' || next.value === value;
  }
}
