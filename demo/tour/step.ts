import type { LogEntry } from './both-systems';
import type { TourWorld } from './world';

/** One thing that must hold: what was expected and what was seen, as texts that a person compares at a glance. */
export interface Finding {
  readonly what: string;
  readonly expected: string;
  readonly seen: string;
}

export interface Step {
  readonly title: string;
  readonly play: (world: TourWorld) => Promise<readonly Finding[]>;
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : value === undefined ? 'nothing' : JSON.stringify(value));

export const finding = (what: string, expected: unknown, seen: unknown): Finding => ({ what, expected: asText(expected), seen: asText(seen) });

/** "PATCH T-1001 requester.phone": stamps are bookkeeping and go along with each write. */
export function describeWrite({ method, record_id: id, changed }: LogEntry): string {
  const fields = Object.keys(changed).filter((path) => !path.endsWith('sync_origin')).sort();
  return method === 'PATCH' ? `PATCH ${id ?? '?'} ${fields.join(', ')}` : `${method} ${id ?? '?'}`;
}

/** The whole of what the sync wrote in this step, in both systems. */
export async function writesFinding(world: TourWorld, expected: { readonly crm: readonly string[]; readonly support: readonly string[] }): Promise<Finding> {
  const describe = async (system: 'crm' | 'support'): Promise<readonly string[]> => (await world.writes(system)).map(describeWrite).sort();
  const sorted = { crm: [...expected.crm].sort(), support: [...expected.support].sort() };
  return finding('writes', sorted, { crm: await describe('crm'), support: await describe('support') });
}
