import type { ReviewDecision, ReviewItem } from '../model';
import { assertNever } from '../sync-error';

/**
 * What answers a question. Any other answer would be stored and have no effect: a value says nothing about a deletion, about which
 * record is meant, or about what a system refused (that is sent again, whoever wins).
 */
export function answersTo({ kind }: Pick<ReviewItem, 'kind'>): readonly ReviewDecision['kind'][] {
  switch (kind) {
    case 'conflict':
    case 'lone_edit':
    case 'oscillation':
      return ['winner', 'value', 'keep_apart'];
    case 'delete':
    case 'rejected_write':
      return ['winner', 'keep_apart'];
    case 'ambiguous':
      return ['link', 'keep_apart'];
    // It is decided already; whoever thinks better of it in time leaves both sides as they are.
    case 'undo':
      return ['keep_apart'];
    default:
      return assertNever(kind);
  }
}
