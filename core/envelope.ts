/**
 * What an item carries from node to node. Every node keeps these keys and drops all others: a raw record, with fields nobody
 * mapped, must not travel on into logs, the ledger or the other system.
 */
export const ENVELOPE_KEYS = [
  // What the run is about.
  'sync',
  'hint',
  'full',
  'attempt',
  'as_record_key',
  'record_key',
  // What was read, and what the ledger knew.
  'source',
  'target',
  'row',
  // Fields that Echo Guard holds, on their way to Diff Engine; and what Diff Engine asks the target's reader for.
  'held_fields',
  'read_request',
  // What was decided, reserved and written.
  'difference',
  'plan',
  'reservation',
  'request',
  'writes',
  // What a whole listing proved, for reconcile runs.
  'complete_listing',
  'reads',
] as const;

export type EnvelopeKey = (typeof ENVELOPE_KEYS)[number];
