import type { IDataObject } from 'n8n-workflow';
import { ENVELOPE_KEYS } from '../../core/envelope';
import { isPlainObject } from '../../core/json/json-value';
import type { Difference, Hint, LedgerRow, Observation, Plan, RunContext, WriteResult } from '../../core/model';
import { SyncError } from '../../core/sync-error';
import {
  differenceShape, hintShape, observationShape, planShape, reservationShape, rowShape, runShape, verdictShape, writesShape,
  type Reservation, type Verdict,
} from './envelope-shapes';

/** An item's json as it comes in: nothing about it is believed yet. */
export type IncomingJson = { readonly [key: string]: unknown };

/** The part of zod that is needed here: says yes with the value, or no. */
interface Shape<T> {
  safeParse(value: unknown): { readonly success: true; readonly data: T } | { readonly success: false };
}

function required<T>(json: IncomingJson, key: string, shape: Shape<T>, remedy: string): T {
  const value = json[key];
  if (value === undefined || value === null) throw new SyncError('bad_item', `\`${key}\` is missing.`, remedy);
  const parsed = shape.safeParse(value);
  if (!parsed.success) throw new SyncError('bad_item', `\`${key}\` is not as the nodes of this package make it.`, remedy);
  return parsed.data;
}

function optional<T>(json: IncomingJson, key: string, shape: Shape<T>, remedy: string): T | null {
  return json[key] === undefined || json[key] === null ? null : required(json, key, shape, remedy);
}

const START = 'Connect this node behind Sync Ledger Check, operation Start.';
const NORMALIZE = 'Connect this node behind Normalize.';
const CHECK = 'Connect this node behind Sync Ledger Check, operation Check.';
const DIFF = 'Connect this node behind Diff Engine.';
const ROUTER = 'Connect this node behind Conflict Router.';
const WRITER = 'A writer gives back `writes`: a list of { system, outcome }.';
const HINT = 'A hint names one record of one system: { system, native_id }.';

export const runOf = (json: IncomingJson): RunContext => required(json, 'sync', runShape, START);
export const runIfAny = (json: IncomingJson): RunContext | null => optional(json, 'sync', runShape, START);
export const hintIfAny = (json: IncomingJson): Hint | null => optional(json, 'hint', hintShape, HINT);
export const observationOf = (json: IncomingJson): Observation => required(json, 'observation', observationShape, NORMALIZE);
export const observationIfAny = (json: IncomingJson): Observation | null => optional(json, 'observation', observationShape, NORMALIZE);
export const sourceOf = (json: IncomingJson): Observation => required(json, 'source', observationShape, CHECK);
export const sideIfAny = (json: IncomingJson, key: 'source' | 'target'): Observation | null => optional(json, key, observationShape, CHECK);
export const rowOf = (json: IncomingJson): LedgerRow | null => optional(json, 'row', rowShape, CHECK);
export const differenceOf = (json: IncomingJson): Difference => required(json, 'difference', differenceShape, DIFF);
export const planOf = (json: IncomingJson): Plan => required(json, 'plan', planShape, ROUTER);
export const reservationOf = (json: IncomingJson): Reservation | null => optional(json, 'reservation', reservationShape, 'Connect this node behind Sync Ledger Commit, operation Reserve.');
export const writesOf = (json: IncomingJson): readonly WriteResult[] => optional(json, 'writes', writesShape, WRITER) ?? [];
export const verdictOf = (json: IncomingJson): Verdict | null => optional(json, 'verdict', verdictShape, 'Leave `verdict` as the nodes of this package made it.');

/** Whether an earlier node failed on this item. Asked by every node of every item, most of which have no verdict: nothing else about it is read. */
export function hasFailed({ verdict }: IncomingJson): boolean {
  return isPlainObject(verdict) && verdict['kind'] === 'Failed';
}

/** For messages only: whose record this item is about, as far as the item says. */
export function recordKeyOf(json: IncomingJson): string | null {
  return typeof json['record_key'] === 'string' ? json['record_key'] : null;
}

/** What Diff Engine emits for people and expressions goes along too, so that it is still there beside the plan. */
const KEPT = new Set<string>([...ENVELOPE_KEYS, 'direction', 'change_set', 'new_hash', 'full_record', 'idempotency_keys']);

/** The envelope's keys of an item, without the raw record that may travel beside them: fields nobody mapped go no further. */
export function carried(json: IncomingJson): IDataObject {
  const kept: IDataObject = {};
  for (const key of Object.keys(json)) {
    const value = json[key];
    if (KEPT.has(key) && isCarriable(value)) kept[key] = value;
  }
  return kept;
}

const isCarriable = (value: unknown): value is object | string | number | boolean | null =>
  value !== undefined && typeof value !== 'function' && typeof value !== 'symbol' && typeof value !== 'bigint';
