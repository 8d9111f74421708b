import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { startCrm } from '../../demo/systems/crm';
import { startHelpdesk } from '../../demo/systems/helpdesk';
import type { BusinessSystem, SystemOptions } from '../../demo/systems/business-system';
import { isJsonObject, type Json, type JsonObject } from '../../demo/systems/json';

export type Answer = { readonly status: number; readonly headers: Headers; readonly body: JsonObject; readonly list: readonly Json[] };

/** Talks to one system as the sync would (`api`) and as a test that plays a person would (`admin`). */
export class DemoClient {
  constructor(readonly system: BusinessSystem) {}

  api(method: string, path: string, body?: Json, headers: { readonly [name: string]: string } = {}): Promise<Answer> {
    return send(method, this.system.collectionUrl + path, body, { authorization: `Bearer ${this.system.apiToken}`, ...headers });
  }

  admin(method: string, path: string, body?: Json): Promise<Answer> {
    return send(method, `${this.system.url}${path}`, body, {});
  }

  async quirks(quirks: JsonObject): Promise<void> {
    const { status } = await this.admin('PATCH', '/admin/quirks', quirks);
    if (status !== 200) throw new Error(`The quirks were refused with ${status}.`);
  }

  async counters(): Promise<JsonObject> {
    return (await this.admin('GET', '/admin/counters')).body;
  }
}

async function send(method: string, url: string, body: Json | undefined, headers: { readonly [name: string]: string }): Promise<Answer> {
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  const type: { readonly [name: string]: string } = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(url, { method, headers: { ...headers, ...type }, ...content });
  const text = await response.text();
  const parsed: unknown = text === '' ? {} : JSON.parse(text);
  return { status: response.status, headers: response.headers, body: isJsonObject(parsed) ? parsed : {}, list: z.array(z.json()).catch([]).parse(parsed) };
}

export async function openCrm(options: SystemOptions = {}): Promise<DemoClient> {
  return opened(await startCrm(options));
}

export async function openHelpdesk(options: SystemOptions = {}): Promise<DemoClient> {
  return opened(await startHelpdesk(options));
}

function opened(system: BusinessSystem): DemoClient {
  onTestFinished(() => system.close());
  return new DemoClient(system);
}

const deliverySchema = z.object({
  event_id: z.string(),
  events: z.array(z.object({ type: z.string(), id: z.string(), changed: z.record(z.string(), z.json()), record: z.record(z.string(), z.json()), occurred_at: z.string() })),
});
export type Delivery = z.infer<typeof deliverySchema>;

/** Takes the place of n8n: keeps what it is sent. */
export class WebhookReceiver {
  readonly deliveries: Delivery[] = [];
  readonly headers: IncomingHttpHeaders[] = [];
  /** Answers to give first, before all is well. */
  failures: number[] = [];
  /** So many deliveries are taken and never answered. */
  unanswered = 0;
  private server: Server | null = null;

  async listen(port = 0): Promise<number> {
    const server = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      request.on('end', () => {
        const failure = this.failures.shift();
        if (failure === undefined) {
          this.deliveries.push(deliverySchema.parse(JSON.parse(text)));
          this.headers.push(request.headers);
        }
        if (this.unanswered > 0) this.unanswered -= 1;
        else response.writeHead(failure ?? 200).end();
      });
    });
    this.server = server;
    onTestFinished(() => this.close());
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The receiver has no port.');
    return address.port;
  }

  close(): void {
    this.server?.closeAllConnections();
    this.server?.close();
    this.server = null;
  }

  get events(): readonly Delivery['events'][number][] {
    return this.deliveries.flatMap((delivery) => delivery.events);
  }
}

export async function receiverFor(client: DemoClient): Promise<WebhookReceiver> {
  const receiver = new WebhookReceiver();
  const port = await receiver.listen();
  client.system.setWebhook({ url: `http://127.0.0.1:${port}/hook`, header: 'x-demo-secret', secret: 's3cret' });
  return receiver;
}
