/** Who is meant by an alias: the record that a user made under it, and the record that the sync made for it on the other side. */
import { emailOf } from '../simulation/journal-of-edits';
import { SYSTEMS, type FakeName } from '../simulation/machine-settings';
import type { World } from '../simulation/world';
import type { Alias, RecordIn } from './happening';

export const emailFor = (alias: Alias): string => `${alias}@x.org`;

export class Cast {
  private readonly ids: { readonly [name in FakeName]: Map<Alias, string> } = { a: new Map(), b: new Map() };

  constructor(private readonly world: World) {}

  name({ system, alias }: RecordIn, id: string): void {
    this.ids[system].set(alias, id);
  }

  idOf({ system, alias }: RecordIn): string {
    const id = this.ids[system].get(alias);
    if (id === undefined) throw new Error(`${system} has no record of ${alias}.`);
    return id;
  }

  knows({ system, alias }: RecordIn): boolean {
    return this.ids[system].has(alias);
  }

  /** A record that the sync made belongs to whoever has its e-mail address and no record there that lives. */
  meetNewcomers(): void {
    for (const system of SYSTEMS) {
      const { records } = this.world.systems[system];
      const known = new Set(this.ids[system].values());
      for (const record of Object.values(records)) {
        if (known.has(record.id)) continue;
        const [alias] = emailOf(record.fields).split('@');
        const before = this.ids[system].get(alias ?? '');
        if (alias !== undefined && records[before ?? '']?.deleted !== false) this.ids[system].set(alias, record.id);
      }
    }
  }

  /** Every row of the ledger that is or was this record's. */
  rowsOf(alias: Alias): readonly string[] {
    return SYSTEMS.flatMap((system) => {
      const id = this.ids[system].get(alias);
      return id === undefined ? [] : [`${this.world.ledger.record_type}_${id}`];
    });
  }
}
