import type { Json } from '../../demo/systems/json';
import { SeededRandom } from '../../demo/systems/seeded-random';
import { otherSide, type Side } from './synced-fields';

export interface StormEdit {
  readonly pauseMs: number;
  readonly side: Side;
  readonly record: number;
  readonly field: string;
  readonly value: Json;
}

/** Mostly fields with an owner: one that waits for a person is frozen, and a storm of frozen fields is none. */
const FIELDS = ['phone', 'phone', 'phone', 'tags', 'tags', 'priority', 'priority', 'job_title', 'company', 'city'] as const;

/** No value but priorities comes twice, so that the logs tell which edit a value is. */
function valueFor(field: string, side: Side, serial: number, random: SeededRandom): Json {
  switch (field) {
    case 'phone':
      return `+49 30 90182${String(serial).padStart(3, '0')}`;
    case 'priority':
      return side === 'crm' ? random.pick(['1', '2', '3', '4']) : random.pick(['urgent', 'high', 'normal', 'low']);
    case 'tags':
      return ['vip', `tag-${serial}`];
    default:
      return `${field} ${serial}`;
  }
}

/** Edits of both sides on few records: alone, twice in a breath on one side, or on both sides at once. */
export function stormEdits(seed: number, count: number, records: number): readonly StormEdit[] {
  const random = new SeededRandom(seed);
  const edits: StormEdit[] = [];
  const add = (side: Side, record: number, field: string, pauseMs: number): void => {
    edits.push({ pauseMs, side, record, field, value: valueFor(field, side, edits.length + 1, random) });
  };
  while (edits.length < count) {
    const side: Side = random.chance(0.5) ? 'crm' : 'support';
    const record = random.below(records);
    const field = random.pick(FIELDS);
    add(side, record, field, 100 + random.below(600));
    if (random.chance(0.25)) add(otherSide(side), record, field, random.below(200));
    else if (random.chance(0.25)) add(side, record, field, random.below(200));
    else if (random.chance(0.25)) add(otherSide(side), record, random.pick(FIELDS), random.below(200));
  }
  return edits.slice(0, count);
}
