import type { RunContext } from '../../../core/model';
import type { Tables } from './tables';

/** One step of one run: all of it happens, or (when it throws) nothing. */
export interface Step {
  readonly tables: Tables;
  readonly run: RunContext;
  /** ISO 8601, the ledger's clock. */
  readonly now: string;
}
