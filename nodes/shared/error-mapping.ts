import { NodeOperationError, type INode } from 'n8n-workflow';
import { SyncError } from '../../core/sync-error';

/** What went wrong with one item or one setting, in the words a person will read. */
export interface Failure {
  readonly reason: string;
  /** What to do about it. */
  readonly hint: string;
}

/** Where it went wrong. `item` is n8n's item index, counted from 0 as n8n itself shows it. */
export interface FailurePlace {
  readonly item?: number;
  readonly record_key?: string | null;
}

/** An error this package did not raise may quote a connection string: what stands between `//` and `@` never leaves the node. */
export function withoutSecrets(text: string): string {
  return text.replace(/\/\/[^@/\s]*@/gu, '//***@').replace(/(password|passwd|pwd)\s*[=:]\s*[^\s,;&]+/giu, '$1=***');
}

export function failureOf(error: unknown): Failure {
  if (error instanceof SyncError) return { reason: withoutSecrets(error.message), hint: error.hint };
  const reason = error instanceof Error ? error.message : String(error);
  return { reason: withoutSecrets(reason), hint: 'This was not expected. The execution log of n8n holds the details.' };
}

/** The one error a person sees: the item, the record, what is wrong and what to do. The cause is left out: it may hold a secret. */
export function nodeError(node: INode, failure: Failure, place: FailurePlace = {}): NodeOperationError {
  const record = place.record_key === undefined || place.record_key === null ? '' : ` (${place.record_key})`;
  const message = place.item === undefined ? failure.reason : `Item ${place.item}${record}: ${failure.reason}`;
  return new NodeOperationError(node, message, {
    description: failure.hint,
    ...(place.item === undefined ? {} : { itemIndex: place.item }),
  });
}

/** For settings and the ledger: an error that is about no single item. */
export function toNodeError(node: INode, error: unknown): NodeOperationError {
  return error instanceof NodeOperationError ? error : nodeError(node, failureOf(error));
}
