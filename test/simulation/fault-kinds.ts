/** What goes wrong in a history, counted by kind. The fixed-seed run asserts that each happened. */
export const FAULT_KINDS = [
  'webhook lost', 'webhook late', 'webhook doubled', 'webhooks batched',
  'read answered with 429', 'read timed out', 'read forbidden', 'read from the past',
  'write answered with 429', 'write answered with 409', 'write timed out before landing', 'write timed out after landing', 'write landed late', 'write refused with 412', 'write refused with 422',
  'lease expired during a slow write', 'clock moved past a lease', 'crash', 'ledger away', 'redis away',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];
