import type { TourWorld } from './world';

export interface PairOfRecords {
  readonly crm: string;
  readonly support: string;
  readonly key: string;
}

/** Linked records that agree and have a phone, a job title and a country, in a fixed order: each step takes its own. */
export function pair(world: TourWorld, index: number): PairOfRecords {
  const { crm, expected } = world.seeds;
  const plain = expected.found.filter(({ crm: id }) => {
    const contact = crm.find((one) => one.id === id);
    return contact !== undefined && !expected.different.includes(id) && contact.phone !== null && contact.job_title !== null && contact.middle_name === null;
  });
  const found = plain[index];
  if (found === undefined) throw new Error(`The seed has only ${plain.length} plain pairs.`);
  return { crm: found.crm, support: found.helpdesk, key: `contact_${found.crm}` };
}

const at = (value: unknown, path: readonly string[]): unknown => path.reduce<unknown>((inner, name) => (typeof inner === 'object' && inner !== null ? Object.getOwnPropertyDescriptor(inner, name)?.value : undefined), value);

/** `requester.phone` of a record. */
export async function valueOf(world: TourWorld, system: 'crm' | 'support', id: string, path: string): Promise<unknown> {
  return at(await world.systems.record(system, id), path.split('.'));
}
