import type { IDataObject } from 'n8n-workflow';
import { reasonOf, remedyOf, type Hold } from '../../core/policies/holds';

/** A hold for people and expressions: with its reason and what to do. */
export function describedHold(hold: Hold): IDataObject {
  return { ...hold, reason: reasonOf(hold), remedy: remedyOf(hold) };
}
