import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod';
import type { CompiledMapping } from '../../core/mapping';
import { recordSchema } from '../../core/json/guards';
import { withoutPlain } from '../../core/json/seal';
import type { CanonicalRecord, WriteOutcome } from '../../core/model';
import { askedFor } from '../../core/stages/asked-for';
import { normalizeRecord } from '../../core/stages/normalize';
import { at, readResponse, type Asked, type ReadOutcome } from '../../core/stages/read-response';
import { writeOutcome } from '../../core/stages/write-outcome';
import { assertNever } from '../../core/sync-error';
import { hintIfAny, rowOf, sideIfAny, writesOf, type IncomingJson } from '../shared/envelope';
import { UNAUTHORIZED } from '../shared/envelope-shapes';
import type { ItemLoop } from '../shared/item-loop';
import { parameter } from '../shared/parameters';
import { carriedEnvelope, envelopeReader } from './item-envelope';
import { readMapping } from './settings';

export const NORMALIZE_OUTPUTS = ['Valid', 'Rejected'] as const;
type Loop = ItemLoop<(typeof NORMALIZE_OUTPUTS)[number]>;

const text = z.string().transform((value) => value.trim());
const askedShape = z.object({ native_id: z.string().nullable(), match_key: z.string().nullable() });
const askedOptions = z.object({ askedNativeId: z.coerce.string().default(''), askedMatchKey: z.coerce.string().default('') });
const writtenShape = z.object({ op: z.enum(['create', 'update', 'delete']), native_id: z.string().nullable() });

export async function normalizeItems(loop: Loop, context: IExecuteFunctions): Promise<void> {
  const compiled = await readMapping(context);
  const holds = parameter(context, 'itemHolds', 'Item Holds', z.enum(['record', 'response', 'write_result']));
  const record_path = parameter(context, 'recordPath', 'Record Path', text);
  const envelopeOf = envelopeReader(context);
  const run: unknown = loop.all().length === 0 ? null : context.getNodeParameter('run', 0, null);
  const read = (json: IncomingJson, index: number) => ({ json, envelope: envelopeOf(json, index) });

  if (holds === 'write_result') {
    // Whatever became of the write, its lease must be released: no item leaves the way to Commit.
    for (const { index, value: { json, envelope } } of loop.read(read, true)) {
      const outcome = outcomeOf(compiled, json, envelope, record_path);
      loop.attempt(index, () => loop.place('Valid', index, { ...carriedEnvelope(envelope, run), writes: [...writesOf(envelope), { system: compiled.mapping.system, outcome }] }));
    }
    return;
  }

  const list_path = holds === 'response' ? parameter(context, 'listPath', 'List Path', text) : '';
  const askedOf = askedReader(context, compiled.mapping.system);
  for (const { index, value: { json, envelope } } of loop.read(read)) {
    loop.attempt(index, () => {
      const outcome = holds === 'record'
        ? normalizeRecord(compiled, at(json, record_path), { etag: null, native_id: null })
        : readResponse(compiled, json, askedOf(envelope, index), { list_path, record_path });
      place(loop, index, carriedEnvelope(envelope, run), outcome, compiled);
    });
  }
}

function place(loop: Loop, index: number, envelope: IDataObject, outcome: ReadOutcome, { mapping: { system } }: CompiledMapping): void {
  switch (outcome.kind) {
    case 'Valid': {
      const notes = outcome.notes.length === 0 ? {} : { notes: outcome.notes };
      loop.place('Valid', index, { ...envelope, observation: outcome.observation, ...notes });
      return;
    }
    case 'Rejected': {
      const { code, native_id, reasons } = outcome;
      loop.place('Rejected', index, { ...envelope, rejected: { code, system, native_id, reasons, retryable: false } });
      return;
    }
    case 'Failed': {
      const { reasons, retry_after_seconds, unauthorized } = outcome;
      loop.place('Rejected', index, { ...envelope, rejected: { code: unauthorized === true ? UNAUTHORIZED : 'read_failed', system, native_id: null, reasons, retryable: retry_after_seconds !== null, retry_after_seconds } });
      return;
    }
    default:
      return assertNever(outcome);
  }
}

function outcomeOf(compiled: CompiledMapping, json: IncomingJson, envelope: IncomingJson, record_path: string): WriteOutcome {
  const written = writtenShape.safeParse(envelope['request']);
  if (written.success) {
    const outcome = writeOutcome(compiled, json, written.data, record_path);
    return 'reason' in outcome ? { ...outcome, reason: withoutPlain(outcome.reason, plainOf(envelope, compiled.mapping.system)) } : outcome;
  }
  return { kind: 'unknown', reason: `${compiled.mapping.system}: the item carries no request, so what was written is unknown. Set "Envelope" to the node in front of the HTTP Request.` };
}

const plansShape = z.object({ patches: z.array(z.object({ system: z.string(), plain: recordSchema.optional() })) });

/** Values of sealed fields that this write sent. */
function plainOf(envelope: IncomingJson, system: string): CanonicalRecord {
  return plansShape.safeParse(envelope['plan']).data?.patches.find((patch) => patch.system === system)?.plain ?? {};
}

/** What each item's read asked for: as the options say, else as the envelope shows. */
function askedReader(context: IExecuteFunctions, system: string): (envelope: IncomingJson, index: number) => Asked {
  const options = context.getNode().parameters['options'];
  const given = askedOptions.safeParse(options).data;
  const isGiven = given !== undefined && (given.askedNativeId !== '' || given.askedMatchKey !== '');
  return (envelope, index) => {
    if (isGiven) {
      const { askedNativeId, askedMatchKey } = parameter(context, 'options', 'Options', askedOptions, index);
      return { native_id: askedNativeId === '' ? null : askedNativeId, match_key: askedMatchKey === '' ? null : askedMatchKey };
    }
    return askedFor(system, {
      hint: hintIfAny(envelope),
      read_request: askedShape.safeParse(envelope['read_request']).data ?? null,
      row: rowOf(envelope),
      source: sideIfAny(envelope, 'source'),
      target: sideIfAny(envelope, 'target'),
    });
  };
}
