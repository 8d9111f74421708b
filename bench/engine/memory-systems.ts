/**
 * Both business systems as tables in this process, in the place of n8n's HTTP Request node: what is left is what the sync and
 * n8n cost, with no network and no server in it. Each answers as the demo's systems do: whole record, status, ETag.
 */
import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { loadNodes } from '../../test/support/node-types';
import { crmContact, helpdeskTicket } from '../people';

type System = 'crm' | 'support';
interface Answer extends IDataObject {
  readonly statusCode: number;
  readonly headers: IDataObject;
  readonly body: IDataObject;
}

const HTTP = { type: 'n8n-nodes-base.httpRequest', version: 4.2 };
const URL_OF_RECORD = /\/api\/(contacts|tickets)\/([cs])(\d+)$/u;

export class MemorySystems {
  /** Records that differ from what everybody starts with. */
  readonly #kept = new Map<string, IDataObject>();
  readonly calls = { reads: 0, writes: 0 };
  /** Milliseconds spent in here, which a network would spend too. */
  spent = 0;

  userEdits(number: number, title: string): void {
    this.#kept.set(`c${String(number)}`, { ...this.#record('crm', number), job_title: title, etag: `"${title}"` });
  }

  /** What the helpdesk holds where the CRM's edits have to arrive. */
  titleInSupport(number: number): unknown {
    return this.#record('support', number)['title'];
  }

  #record(system: System, number: number): IDataObject {
    const id = `${system === 'crm' ? 'c' : 's'}${String(number)}`;
    return this.#kept.get(id) ?? { ...(system === 'crm' ? crmContact(number) : helpdeskTicket(number)) } as IDataObject;
  }

  answer(method: string, url: string, body: IDataObject | null): Answer {
    const [, collection, letter, digits] = URL_OF_RECORD.exec(url) ?? [];
    if (collection === undefined || letter === undefined || (method !== 'GET' && method !== 'PATCH')) throw new Error(`The bench has no ${method} ${url}.`);
    const number = Number(digits);
    const record = this.#record(letter === 'c' ? 'crm' : 'support', number);
    if (method === 'GET') {
      this.calls.reads += 1;
      return this.#answered(record);
    }
    this.calls.writes += 1;
    const written = { ...merged(record, body ?? {}), etag: `"${String(this.calls.writes)}"` };
    this.#kept.set(`${letter}${String(number)}`, written);
    return this.#answered(written);
  }

  #answered(record: IDataObject): Answer {
    return { statusCode: 200, headers: { etag: record['etag'] }, body: record };
  }

  /** From here on, every HTTP Request in this process asks these systems. */
  async replaceHttpRequest(): Promise<void> {
    const { types } = await loadNodes();
    const node = types.getByNameAndVersion(HTTP.type, HTTP.version);
    const ask = (method: string, url: string, body: IDataObject | null): Answer => {
      const started = performance.now();
      const answer = this.answer(method, url, body);
      this.spent += performance.now() - started;
      return answer;
    };
    node.execute = function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
      return Promise.resolve([this.getInputData().map((_, item) => {
        const text = (name: string): string => {
          const value = this.getNodeParameter(name, item);
          if (typeof value !== 'string') throw new Error(`HTTP Request: ${name} is no text.`);
          return value;
        };
        const method = text('method');
        const sent = method === 'GET' ? null : JSON.parse(text('jsonBody')) as IDataObject;
        return { json: ask(method, text('url'), sent), pairedItem: { item } };
      })]);
    };
  }
}

function merged(record: IDataObject, patch: IDataObject): IDataObject {
  const entries = Object.entries(patch).map(([name, value]) => {
    const held = record[name];
    const nested = isObject(value) && isObject(held);
    return [name, nested ? merged(held, value) : value] as const;
  });
  return { ...record, ...Object.fromEntries(entries) };
}

const isObject = (value: unknown): value is IDataObject => typeof value === 'object' && value !== null && !Array.isArray(value);
