/** What must be true after the storm, read from the systems' own logs and from the ledger. Each check returns its violations in words. */
import { z } from 'zod';
import type { Override, ReviewItem } from '../../core/model';
import { type LogEntry, type SystemRecord, writesOf } from '../../demo/tour/both-systems';
import { SCOPE } from '../../demo/tour/world';
import type { StormWorld } from './storm-world';
import { at, FIELDS, type Side, SIDES, type SyncedField } from './synced-fields';

/** One record as both systems hold it. */
export interface LinkedPair {
  readonly key: string;
  readonly ids: Readonly<Record<Side, string>>;
  readonly records: Readonly<Record<Side, SystemRecord>>;
}

const linkRow = z.object({ record_key: z.string(), system: z.enum(SIDES), native_id: z.string() });
const countRow = z.tuple([z.object({ n: z.coerce.number() })]);
const executionRow = z.object({ name: z.string(), status: z.string() });

export async function linkedPairs(world: StormWorld): Promise<readonly LinkedPair[]> {
  const links = z.array(linkRow).parse(await world.query('ledger', 'SELECT record_key, system, native_id FROM sync_links ORDER BY record_key'));
  const [crm, support] = await Promise.all([world.systems.living('crm'), world.systems.living('support')]);
  return [...new Set(links.map(({ record_key }) => record_key))].map((key) => {
    const side = (system: Side, records: readonly SystemRecord[]): SystemRecord => {
      const id = links.find((link) => link.record_key === key && link.system === system)?.native_id;
      const record = records.find((one) => one.id === id);
      if (record === undefined) throw new Error(`${key} has no living record in ${system}.`);
      return record;
    };
    const records = { crm: side('crm', crm), support: side('support', support) };
    return { key, ids: { crm: records.crm.id, support: records.support.id }, records };
  });
}

const meaningIn = (field: SyncedField, { records }: LinkedPair, side: Side): string | null => {
  const country = at(records[side], side === 'crm' ? 'country' : 'address.country');
  return field.meaning(at(records[side], field.path[side]), side, typeof country === 'string' ? country : '');
};

/** A value of the ledger: canonical already, so it means what the helpdesk's words mean. */
const canonicalMeaning = (field: SyncedField, value: unknown): string | null => field.meaning(value, 'support', '');

/** Every difference is an open question that shows what both sides hold now. */
export function disagreements(pairs: readonly LinkedPair[], open: readonly ReviewItem[]): readonly string[] {
  return pairs.flatMap((pair) => FIELDS.flatMap((field) => {
    const now = { crm: meaningIn(field, pair, 'crm'), support: meaningIn(field, pair, 'support') };
    if (now.crm === now.support) return [];
    const asked = open.some(({ record_key, fields, values }) =>
      record_key === pair.key && fields.includes(field.name) && SIDES.every((side) => canonicalMeaning(field, values[side]?.[field.name]) === now[side]));
    return asked ? [] : [`${pair.key}.${field.name}: crm has ${now.crm ?? 'nothing'}, support has ${now.support ?? 'nothing'}, and no open question shows both`];
  }));
}

interface Change {
  readonly at: string;
  readonly side: Side;
  readonly by: 'api' | 'user';
  readonly key: string;
  readonly field: SyncedField;
  readonly from: string | null;
  readonly to: string | null;
}

function changesOf(pairs: readonly LinkedPair[], logs: Readonly<Record<Side, readonly LogEntry[]>>): readonly Change[] {
  const all = SIDES.flatMap((side) => logs[side].flatMap((entry) => {
    const pair = pairs.find(({ ids }) => ids[side] === entry.record_id);
    if (pair === undefined) return [];
    return FIELDS.flatMap((field) => {
      const change = entry.changed[field.path[side]];
      return change === undefined ? [] : [{ at: entry.at, side, by: entry.by, key: pair.key, field, from: field.meaning(change[0], side, ''), to: field.meaning(change[1], side, '') }];
    });
  }));
  return all.sort((a, b) => (a.at < b.at ? -1 : 1));
}

/**
 * A user's value may go in four ways only: a user of the same system replaced it; it only took an edit back before the system was read
 * again (E5); the other system had it too before it was replaced, by itself or by the sync, so the replacement is a later edit; or the
 * ledger's history names it as lost.
 */
export function lostEdits(pairs: readonly LinkedPair[], logs: Readonly<Record<Side, readonly LogEntry[]>>, overrides: ReadonlyMap<string, readonly Override[]>): { readonly lost: readonly string[]; readonly overridden: number } {
  const changes = changesOf(pairs, logs);
  const lost: string[] = [];
  let overridden = 0;
  for (const edit of changes) {
    if (edit.by !== 'user') continue;
    const alike = changes.filter(({ key, field }) => key === edit.key && field === edit.field);
    const here = alike.filter(({ side }) => side === edit.side);
    const there = alike.filter(({ side }) => side !== edit.side);
    const place = here.indexOf(edit);
    const next = here[place + 1];
    if (next?.by !== 'api') continue;
    if (takesBack(here.slice(0, place), edit, readsOf(pairs, logs, edit)) || wasHeld(there, edit, next)) continue;
    const recorded = (overrides.get(edit.key) ?? []).some(({ system, field, lost: value }) => system === edit.side && field === edit.field.name && canonicalMeaning(edit.field, value) === edit.to);
    if (recorded) overridden += 1;
    else lost.push(`${edit.key}.${edit.field.name}: ${edit.to ?? 'nothing'} of ${edit.side} was replaced by ${next.to ?? 'nothing'}, and no history says so`);
  }
  return { lost, overridden };
}

/** When the sync has asked this system for the record, alone or in a list. */
function readsOf(pairs: readonly LinkedPair[], logs: Readonly<Record<Side, readonly LogEntry[]>>, { key, side }: Change): readonly string[] {
  const id = pairs.find((pair) => pair.key === key)?.ids[side];
  return logs[side].filter(({ by, method, record_id }) => by === 'api' && method === 'GET' && (record_id === null || record_id === id)).map(({ at: when }) => when);
}

/** Whether an edit leads back, by users alone, to what one of these earlier changes had replaced, and nobody read the record in between. */
function takesBack(earlier: readonly Change[], edit: Change, reads: readonly string[]): boolean {
  const byUsers = earlier.slice(earlier.findLastIndex(({ by }) => by === 'api') + 1);
  return byUsers.some((change) => change.from === edit.to && !reads.some((when) => when > change.at && when < edit.at));
}

/** Whether the other system, of which these are the changes, held the edit's value at some moment before it was replaced. */
function wasHeld(there: readonly Change[], edit: Change, next: Change): boolean {
  const before = there.findLast(({ at: when }) => when < edit.at);
  const after = there.filter(({ at: when }) => when > edit.at);
  const held = before === undefined ? after[0]?.from : before.to;
  return held === edit.to || after.some(({ to, at: when }) => to === edit.to && when < next.at);
}

export async function overridesOf(world: StormWorld, pairs: readonly LinkedPair[]): Promise<ReadonlyMap<string, readonly Override[]>> {
  return new Map(await Promise.all(pairs.map(async ({ key }) => [key, (await world.ledger.history(SCOPE, key, 1000)).entries.flatMap(({ overrides }) => overrides)] as const)));
}

export interface Effort {
  readonly key: string;
  readonly edits: number;
  readonly writes: number;
}

export function effortOf(pairs: readonly LinkedPair[], logs: Readonly<Record<Side, readonly LogEntry[]>>): readonly Effort[] {
  return pairs.map(({ key, ids }) => {
    const entries = SIDES.flatMap((side) => logs[side].filter(({ record_id }) => record_id === ids[side]));
    return { key, edits: entries.filter(({ by, changed }) => by === 'user' && Object.keys(changed).length > 0).length, writes: writesOf(entries).length };
  });
}

/** Both systems give an ETag, so no change may be asked for without it. */
export function blindWrites(logs: Readonly<Record<Side, readonly LogEntry[]>>): readonly string[] {
  return SIDES.flatMap((side) => logs[side].filter((entry) => entry.by === 'api' && ['PATCH', 'DELETE'].includes(entry.method) && entry.if_match === null).map(({ method, path }) => `${method} ${path} of ${side}`));
}

export function duplicates(records: readonly SystemRecord[], side: Side): readonly string[] {
  const emails = records.map((record) => String(at(record, side === 'crm' ? 'email' : 'requester.email')).toLowerCase());
  return emails.filter((email, index) => emails.indexOf(email) !== index);
}

/** What a sweep must not leave in the ledger. */
export async function leftovers(world: StormWorld): Promise<Readonly<Record<string, number>>> {
  const count = async (what: string): Promise<number> => countRow.parse(await world.query('ledger', `SELECT count(*) AS n FROM ${what}`))[0].n;
  return {
    notes: await count('sync_notes WHERE hint_seq > handled_seq'),
    intents: await count('sync_intents WHERE NOT superseded'),
    leases: await count('sync_records WHERE lease_run IS NOT NULL'),
    waiting: (await world.ledger.pending(SCOPE, 1000)).hints.length,
  };
}

/** Executions that never ended, or ended badly. What a killed worker held is among them; one that succeeded is not kept, and its row says nothing more. */
export async function unfinished(world: StormWorld): Promise<readonly string[]> {
  const rows = z.array(executionRow).parse(await world.query('n8n', `SELECT w.name, e.status FROM execution_entity e JOIN workflow_entity w ON w.id = e."workflowId" WHERE e.status <> 'success' AND e."deletedAt" IS NULL ORDER BY e.id`));
  return rows.map(({ name, status }) => `${name}: ${status}`);
}
