/** What people build today, against the same two systems by HTTP: each lists both sides every quarter of an hour and writes whole rows. */
import { z } from 'zod';
import type { BusinessSystem } from '../../demo/systems/business-system';
import type { CanonicalRecord, Observation } from '../../core/model';
import { denormalizePatch } from '../../core/stages/denormalize';
import { normalizeRecord } from '../../core/stages/normalize';
import { MAPPINGS } from '../people';
import { crmId, ticketId, type Side } from './day';

export type Systems = Readonly<Record<Side, BusinessSystem>>;

/** Sweeps once; returns how many fields it sent. */
export type Peer = (systems: Systems, people: number) => Promise<number>;

interface Two {
  readonly crm: Observation;
  readonly support: Observation;
}

const pageSchema = z.object({ data: z.array(z.record(z.string(), z.unknown())), next: z.string().nullable() });

async function list(system: BusinessSystem, side: Side): Promise<ReadonlyMap<string, Observation>> {
  const found = new Map<string, Observation>();
  for (let url: string | null = `${system.collectionUrl}?limit=200`; url !== null;) {
    const response: Response = await fetch(url, { headers: { authorization: `Bearer ${system.apiToken}` } });
    const page = pageSchema.parse(await response.json());
    for (const record of page.data) {
      const read = normalizeRecord(MAPPINGS[side], record, { etag: null });
      if (read.kind === 'Valid' && read.observation.native_id !== null) found.set(read.observation.native_id, read.observation);
    }
    url = page.next;
  }
  return found;
}

async function pairs(systems: Systems, people: number): Promise<readonly Two[]> {
  const [crm, support] = [await list(systems.crm, 'crm'), await list(systems.support, 'support')];
  return Array.from({ length: people }, (_, place): Two => {
    const [left, right] = [crm.get(crmId(place + 1)), support.get(ticketId(place + 1))];
    if (left === undefined || right === undefined) throw new Error(`Person ${String(place + 1)} is missing in a listing.`);
    return { crm: left, support: right };
  });
}

/** The whole row of `from` over the record of the other side. */
async function writeRow(systems: Systems, { crm, support }: Two, from: Side): Promise<{ readonly sent: number; readonly record: CanonicalRecord }> {
  const [source, target] = from === 'crm' ? [crm, support] : [support, crm];
  const side: Side = from === 'crm' ? 'support' : 'crm';
  const patch = { system: side, op: 'update' as const, native_id: target.native_id, fields: source.record, from: {}, if_match: null, idempotency_key: '', match_key: null, echo_fingerprint: null };
  const written = denormalizePatch(MAPPINGS[side], patch, null);
  if (written.kind !== 'Valid') throw new Error(written.reasons.join('; '));
  const system = systems[side];
  const response = await fetch(`${system.collectionUrl}/${target.native_id ?? ''}`, { method: 'PATCH', headers: { authorization: `Bearer ${system.apiToken}`, 'content-type': 'application/json' }, body: JSON.stringify(written.request.body) });
  if (!response.ok) throw new Error(`A peer's write was refused: ${String(response.status)} ${await response.text()}`);
  return { sent: Object.keys(source.record).length, record: source.record };
}

const later = ({ crm, support }: Two): Side => ((crm.updated_at ?? '') >= (support.updated_at ?? '') ? 'crm' : 'support');

/** Knows nothing of the past: the side that was touched last is written over the other, row by row. */
export const mirror: Peer = async (systems, people) => {
  let sent = 0;
  for (const two of await pairs(systems, people)) sent += (await writeRow(systems, two, later(two))).sent;
  return sent;
};

/** Compare Datasets: only rows that differ are written, whole. */
export const compareDatasets: Peer = async (systems, people) => {
  let sent = 0;
  for (const two of await pairs(systems, people)) if (two.crm.fingerprint !== two.support.fingerprint) sent += (await writeRow(systems, two, later(two))).sent;
  return sent;
};

/** The Code-node recipe: a hash per row, and what changed since then is written over the other side, whole. */
export function hashRecipe(): Peer {
  const seen = new Map<string, string | null>();
  return async (systems, people) => {
    let sent = 0;
    for (const two of await pairs(systems, people)) {
      const known = seen.get(two.crm.native_id ?? '');
      const changed = (['crm', 'support'] as const).filter((side) => known !== undefined && two[side].fingerprint !== known);
      const winner = changed.length === 2 ? later(two) : changed[0];
      if (winner !== undefined) sent += (await writeRow(systems, two, winner)).sent;
      seen.set(two.crm.native_id ?? '', two[winner ?? 'crm'].fingerprint);
    }
    return sent;
  };
}
