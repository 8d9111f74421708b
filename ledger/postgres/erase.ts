import { z } from 'zod';
import type { RecordKey } from '../../core/model';
import type { EraseVerdict, SyncScope } from '../ledger-store';
import type { PostgresConnection } from './driver';
import { callOnce, textToWire, toWire } from './wire';

const ERASE = 'SELECT {schema}.sync_erase($1::jsonb, $2, $3::timestamptz) AS answer';

const verdictSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('Erased'), purged: z.number() }),
  z.object({ kind: z.literal('Alive'), systems: z.array(z.string()) }),
  z.object({ kind: z.literal('Busy'), until: z.string() }),
  z.object({ kind: z.literal('Unknown') }),
]);

export function erase(connection: PostgresConnection, scope: SyncScope, record_key: RecordKey, now: Date | null): Promise<EraseVerdict> {
  return callOnce(connection, ERASE, [toWire(scope), textToWire(record_key), now], verdictSchema);
}
