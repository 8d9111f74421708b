/** The two demo systems as their people see them: what a person does there, and what the systems' own logs say about it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { N8nRestError } from '../../tools/n8n-rest';
import type { DemoSecrets } from '../credentials';
import type { BusinessSystem } from '../systems/business-system';
import { startCrm } from '../systems/crm';
import { startHelpdesk } from '../systems/helpdesk';
import type { JsonObject } from '../systems/json';

export const SYSTEMS = ['crm', 'support'] as const;
export type SystemName = (typeof SYSTEMS)[number];

const logEntrySchema = z.object({
  n: z.number(),
  at: z.string(),
  method: z.string(),
  path: z.string(),
  record_id: z.string().nullable(),
  status: z.number(),
  by: z.enum(['api', 'user']),
  changed: z.record(z.string(), z.tuple([z.unknown(), z.unknown()])),
  idempotency_key: z.string().nullable(),
  if_match: z.string().nullable(),
  replayed: z.boolean(),
});
export type LogEntry = z.infer<typeof logEntrySchema>;
const deliveriesSchema = z.object({ pending: z.number() });
const stateSchema = z.object({ records: z.array(z.looseObject({ id: z.string(), deleted: z.boolean() })) });
export type SystemRecord = z.infer<typeof stateSchema>['records'][number];
const createdSchema = z.looseObject({ id: z.string() });
const hangSchema = z.object({ hang_next_write_ms: z.number() });

export const HEADER = 'X-Sync-Secret';

/** A run for each delivery, or a note that a drain works off. */
export type Way = 'direct' | 'drain';
export const webhookPath = (system: SystemName, way: Way): string => `/webhook/two-way-sync/${system}${way === 'drain' ? '/hints' : ''}`;

/**
 * A kept connection that the server closed at the same moment fails before the request was carried out, and a busy n8n
 * answers 503 for a moment ("Database is not ready!"). Asking again is safe for what is only read or may run twice.
 */
export async function askAgain<T>(ask: () => Promise<T>, times = 30): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const isPassing = error instanceof TypeError || (error instanceof N8nRestError && error.status === 503);
    if (times <= 1 || !isPassing) throw error;
    await sleep(500);
    return await askAgain(ask, times - 1);
  }
}

/** Writes of the sync that were carried out; one that was only repeated counts once. */
export const writesOf = (entries: readonly LogEntry[]): readonly LogEntry[] => entries.filter(({ by, method, status, replayed }) => by === 'api' && method !== 'GET' && status < 300 && !replayed);

export class BothSystems {
  private constructor(private readonly systems: Readonly<Record<SystemName, BusinessSystem>>) {}

  static async start(records: Readonly<Record<SystemName, readonly JsonObject[]>>, clock = Date.now): Promise<BothSystems> {
    return new BothSystems({ crm: await startCrm({ seedRecords: records.crm, clock }), support: await startHelpdesk({ seedRecords: records.support, clock }) });
  }

  get urls(): Readonly<Record<SystemName, string>> {
    return { crm: this.systems.crm.url, support: this.systems.support.url };
  }

  /** From now on both tell this n8n about every change. */
  tell(n8n: string, secrets: DemoSecrets, { way = 'direct', answerWithinMs }: { readonly way?: Way; readonly answerWithinMs?: number } = {}): void {
    for (const [name, secret] of [['crm', secrets.crmWebhook], ['support', secrets.supportWebhook]] as const) {
      this.systems[name].setWebhook({ url: `${n8n}${webhookPath(name, way)}`, header: HEADER, secret, ...(answerWithinMs === undefined ? {} : { answerWithinMs }) });
    }
  }

  /** From now on both tell nobody. */
  keepQuiet(): void {
    for (const name of SYSTEMS) this.systems[name].setWebhook(null);
  }

  async close(): Promise<void> {
    await Promise.all(SYSTEMS.map((name) => this.systems[name].close()));
  }

  private async admin(system: SystemName, method: 'GET' | 'POST' | 'PATCH', path: string, body?: object): Promise<unknown> {
    const send = (): Promise<Response> => fetch(`${this.systems[system].url}${path}`, { method, ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) });
    const answer = await (method === 'GET' ? askAgain(send) : send());
    if (!answer.ok) throw new Error(`${method} ${path} of ${system}: ${answer.status} ${await answer.text()}`);
    return await answer.json();
  }

  /** A person edits a record on the system's page. */
  async edit(system: SystemName, id: string, changes: JsonObject): Promise<void> {
    await this.admin(system, 'POST', '/admin/users/edit', { id, changes });
  }

  async create(system: SystemName, fields: JsonObject): Promise<string> {
    return createdSchema.parse(await this.admin(system, 'POST', '/admin/users/create', { fields })).id;
  }

  async remove(system: SystemName, id: string): Promise<void> {
    await this.admin(system, 'POST', '/admin/users/delete', { id });
  }

  async restore(system: SystemName, id: string): Promise<void> {
    await this.admin(system, 'POST', '/admin/users/restore', { id });
  }

  async malform(system: SystemName, id: string): Promise<void> {
    await this.admin(system, 'POST', '/admin/malform', { id });
  }

  async touchAll(system: SystemName): Promise<void> {
    await this.admin(system, 'POST', '/admin/touch-all', {});
  }

  async quirks(system: SystemName, quirks: object): Promise<void> {
    await this.admin(system, 'PATCH', '/admin/quirks', quirks);
  }

  /** Whether the write that was to hang has come. */
  async hasHung(system: SystemName): Promise<boolean> {
    return hangSchema.parse(await this.admin(system, 'GET', '/admin/quirks')).hang_next_write_ms === 0;
  }

  /** Deleted ones, too. */
  async records(system: SystemName): Promise<readonly SystemRecord[]> {
    return stateSchema.parse(await this.admin(system, 'GET', '/admin/state')).records;
  }

  async living(system: SystemName): Promise<readonly SystemRecord[]> {
    return (await this.records(system)).filter(({ deleted }) => !deleted);
  }

  async record(system: SystemName, id: string): Promise<SystemRecord> {
    const found = (await this.records(system)).find((record) => record.id === id);
    if (found === undefined) throw new Error(`${system} has no record ${id}.`);
    return found;
  }

  async log(system: SystemName, since = 0): Promise<readonly LogEntry[]> {
    return z.array(logEntrySchema).parse(await this.admin(system, 'GET', `/admin/log?since=${since}`));
  }

  /** Deliveries that were not answered yet. */
  async deliveries(): Promise<number> {
    const pending = await Promise.all(SYSTEMS.map(async (system) => deliveriesSchema.parse(await this.admin(system, 'GET', '/admin/deliveries')).pending));
    return pending.reduce((sum, count) => sum + count, 0);
  }

  /** What both have counted, as a text that stays the same while they are asked nothing. */
  async counters(): Promise<string> {
    return JSON.stringify(await Promise.all(SYSTEMS.map((system) => this.admin(system, 'GET', '/admin/counters'))));
  }
}
