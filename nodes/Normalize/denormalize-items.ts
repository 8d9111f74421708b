import type { IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod';
import type { CompiledMapping } from '../../core/mapping';
import type { Plan, RunContext } from '../../core/model';
import { DEFAULT_SENTINEL } from '../../core/origin-stamp';
import { denormalizePatch, isTooLate, stampOfWrite, TOO_LATE } from '../../core/stages/denormalize';
import { planOf, reservationOf, runOf, writesOf, type IncomingJson } from '../shared/envelope';
import type { Reservation } from '../shared/envelope-shapes';
import type { ItemLoop } from '../shared/item-loop';
import { parameter } from '../shared/parameters';
import { carriedEnvelope, envelopeReader } from './item-envelope';
import { readMapping } from './settings';

export const DENORMALIZE_OUTPUTS = ['Valid', 'Rejected', 'No Patch'] as const;
type Loop = ItemLoop<(typeof DENORMALIZE_OUTPUTS)[number]>;

const stampOptions = z.object({ sentinel: z.string().min(1).default(DEFAULT_SENTINEL) });

interface PlannedItem {
  readonly envelope: IncomingJson;
  readonly run: RunContext;
  readonly plan: Plan;
  readonly reservation: Reservation | null;
}

export async function denormalizeItems(loop: Loop, context: IExecuteFunctions): Promise<void> {
  const compiled = await readMapping(context);
  const { sentinel } = parameter(context, 'options', 'Options', stampOptions);
  const envelopeOf = envelopeReader(context);
  const run: unknown = loop.all().length === 0 ? null : context.getNodeParameter('run', 0, null);
  const items = loop.read((json, index): PlannedItem => {
    const envelope = carriedEnvelope(envelopeOf(json, index), run);
    return { envelope, run: runOf(envelope), plan: planOf(envelope), reservation: reservationOf(envelope) };
  });
  for (const { index, value } of items) loop.attempt(index, () => placeItem(loop, index, compiled, value, sentinel));
}

function placeItem(loop: Loop, index: number, compiled: CompiledMapping, item: PlannedItem, sentinel: string): void {
  const { system } = compiled.mapping;
  const envelope = carriedEnvelope(item.envelope, item.run);
  const patch = item.plan.patches.find((candidate) => candidate.system === system);
  if (patch === undefined) {
    loop.place('No Patch', index, envelope);
    return;
  }
  if (item.reservation !== null && isTooLate(compiled, patch, item.reservation.lease_expires_at, new Date().toISOString())) {
    loop.place('Rejected', index, { ...envelope, writes: [...writesOf(item.envelope), { system, outcome: TOO_LATE }] });
    return;
  }
  const denormalized = denormalizePatch(compiled, patch, stampOfWrite(item.run, item.plan, patch, item.reservation, sentinel));
  if (denormalized.kind === 'Valid') {
    loop.place('Valid', index, { ...envelope, request: denormalized.request });
    return;
  }
  // The outcome goes along, so that Commit can release the lease and report the issue.
  const { reasons } = denormalized;
  const outcome = { kind: 'rejected', reason: reasons.join(' ') };
  loop.place('Rejected', index, {
    ...envelope,
    writes: [...writesOf(item.envelope), { system, outcome }],
    rejected: { code: 'rejected_write', system, native_id: patch.native_id, reasons, retryable: false },
  });
}
