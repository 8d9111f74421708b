/** What goes wrong in a history, counted by kind. The fixed-seed run asserts that each happened. */
export const READ_FAULTS = ['read answered with 429', 'read timed out', 'read from the past', 'read forbidden'] as const;
export const WRITE_FAULTS = ['write answered with 429', 'write answered with 409', 'write timed out before landing', 'write timed out after landing', 'write landed late'] as const;
export type ReadFault = (typeof READ_FAULTS)[number];
export type WriteFault = (typeof WRITE_FAULTS)[number];

export const FAULT_KINDS = [
  'webhook lost', 'webhook late', 'webhook doubled', 'webhooks reordered', 'webhooks batched', ...READ_FAULTS, ...WRITE_FAULTS, 'write refused with 412', 'write refused with 422',
  'lease expired during a slow write', 'clock moved past a lease', 'crash', 'lease taken over', 'read delayed past another commit', 'ledger away', 'redis away', 'ledger pruned',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];
