import type { RunContext } from '../../core/model';
import type { SqliteConnection } from './driver';

/** One step of one run, inside its transaction. */
export interface Step {
  readonly connection: SqliteConnection;
  readonly run: RunContext;
  /** ISO 8601, the ledger's clock. */
  readonly now: string;
}
