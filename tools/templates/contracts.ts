/** What the sub-workflows take, input by input. A caller hands each on under the same name. */
import type { Contract } from './n8n-nodes';

const RECORD = { sync: 'object', hint: 'object', full: 'boolean', as_record_key: 'string', record_key: 'string', source: 'object', row: 'object', held_fields: 'array' } as const satisfies Contract;

/** `read_request`: one record, by native id or by match key. `list`: all records, or those updated since. */
export const INGEST = { ...RECORD, read_request: 'object', list: 'object', complete_listing: 'boolean' } as const satisfies Contract;

/** `read_request`: what Check found to be read of the target. `reader`: id of the ingest workflow of the target. Items with an `observation` and no `source` are a listing of the target. */
export const DIFF = { ...RECORD, read_request: 'object', reader: 'string', observation: 'object', complete_listing: 'boolean' } as const satisfies Contract;

export const ROUTER = { ...RECORD, target: 'object', difference: 'object', plan: 'object', reviews: 'array', verdict: 'object' } as const satisfies Contract;

export const WRITER = { ...RECORD, target: 'object', difference: 'object', plan: 'object', reservation: 'object', writes: 'array' } as const satisfies Contract;

/** Hints (or a verdict that names what to read), records that were compared already, or a batch that was `taken` from the ledger: its hints are noted, and its run has begun. */
export const PARENT = { ...RECORD, attempt: 'number', verdict: 'object', target: 'object', difference: 'object', read_request: 'object', taken: 'boolean' } as const satisfies Contract;

export const RECONCILE = { mode: 'string', dry_run: 'boolean' } as const satisfies Contract;

/** `wait_seconds`: for more hints. `drain`: the drain that goes on, when its execution had its share of batches. */
export const DRAIN = { wait_seconds: 'number', drain: 'string' } as const satisfies Contract;
