/** Every error this package raises on purpose. A conflict and a stale commit are outcomes, not errors. */
export type SyncErrorCode =
  | 'bad_setting' // a node parameter cannot be right; names the parameter
  | 'bad_item' // an incoming item lacks what an earlier step should have put there
  | 'ledger_unreachable' // fail closed: nothing may be written to a target
  | 'ledger_schema' // schema missing, newer than this package, or not allowed to be made
  | 'sync_conflict' // another sync already owns this pair of systems and record type
  | 'unsupported_runtime'; // e.g. node:sqlite on Node 20

export class SyncError extends Error {
  override readonly name = 'SyncError';

  constructor(
    readonly code: SyncErrorCode,
    message: string,
    /** One sentence that says what to do. Never holds a secret. */
    readonly hint: string,
  ) {
    super(message);
  }
}

/** Closes a `switch` over a union: the compiler complains when a kind is forgotten. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected kind: ${JSON.stringify(value)}`);
}
