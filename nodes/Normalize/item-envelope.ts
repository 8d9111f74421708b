import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { isPlainObject } from '../../core/json/json-value';
import { SyncError } from '../../core/sync-error';
import { carried, type IncomingJson } from '../shared/envelope';

const ITEM_ITSELF = '={{ $json }}';

/**
 * Each item's envelope: the item itself, or the one in front of the HTTP Request that it answers. n8n evaluates an
 * expression per item, which is spared as long as the envelope is the item.
 */
export function envelopeReader(context: IExecuteFunctions): (json: IncomingJson, index: number) => IncomingJson {
  const given = context.getNode().parameters['envelope'];
  if (given === undefined || given === '' || given === ITEM_ITSELF) return (json) => json;
  return (_json, index) => {
    const envelope: unknown = context.getNodeParameter('envelope', index);
    if (!isPlainObject(envelope)) throw new SyncError('bad_item', '"Envelope" gives no item for it.', 'Point "Envelope" to the node in front of the HTTP Request, as {{ $(\'Node\').item.json }}.');
    return envelope;
  };
}

/** What goes on: the envelope's own keys, and the run where the item had none. */
export function carriedEnvelope(envelope: IncomingJson, run: unknown): IDataObject {
  const kept = carried(envelope);
  return isPlainObject(run) && !isPlainObject(kept['sync']) ? { ...kept, sync: run } : kept;
}
