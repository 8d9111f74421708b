import { ChangeFeed } from './change-feed';
import { IdempotencyMemory } from './idempotency-memory';
import type { JsonObject } from './json';
import { QuirkBoard } from './quirks';
import { RecordDesk } from './record-desk';
import { storedSeed } from './record-json';
import { RecordStore } from './record-store';
import { RequestLog } from './request-log';
import type { SystemDefinition } from './system-definition';
import { Timers } from './timers';
import { WebhookDelivery, type WebhookTarget } from './webhook-delivery';
import { WebhookSender } from './webhook-sender';

/** Everything one running system remembers. In memory on purpose: a restart is a clean system. */
export class SystemState {
  readonly feed = new ChangeFeed();
  readonly timers = new Timers();
  readonly answered = new IdempotencyMemory();
  readonly board: QuirkBoard;
  readonly log: RequestLog;
  webhook: WebhookTarget | null;
  private currentStore: RecordStore;
  private currentDesk: RecordDesk;
  private readonly sender: WebhookSender;
  private readonly delivery: WebhookDelivery;

  constructor(
    readonly definition: SystemDefinition,
    readonly clock: () => number,
    seedRecords: readonly JsonObject[],
    webhook: WebhookTarget | null,
  ) {
    this.webhook = webhook;
    this.board = new QuirkBoard(definition.quirks);
    this.log = new RequestLog(clock);
    this.delivery = new WebhookDelivery(() => this.webhook, this.log, this.timers);
    this.sender = new WebhookSender(definition, this.board, this.delivery, this.timers);
    this.feed.subscribe((changes) => this.sender.announce(changes));
    this.currentStore = this.filledStore(seedRecords);
    this.currentDesk = this.newDesk();
  }

  get pendingDeliveries(): number {
    return this.delivery.pending;
  }

  get store(): RecordStore {
    return this.currentStore;
  }

  get desk(): RecordDesk {
    return this.currentDesk;
  }

  /** Back to a seeded system. Only the registered webhook stays: it belongs to the wiring, not to the data. */
  reset(seedRecords: readonly JsonObject[]): void {
    this.timers.cancelAll();
    this.sender.reset();
    this.board.reset();
    this.log.clear();
    this.answered.clear();
    this.currentStore = this.filledStore(seedRecords);
    this.currentDesk = this.newDesk();
    // Says nothing to webhooks, and makes open pages look again.
    this.feed.publish([]);
  }

  close(): void {
    this.timers.close();
    this.sender.reset();
  }

  private filledStore(seedRecords: readonly JsonObject[]): RecordStore {
    const store = new RecordStore(this.definition.idOf, this.definition.firstOrdinal);
    for (const seed of seedRecords) store.load(storedSeed(this.definition, seed, this.clock()));
    return store;
  }

  private newDesk(): RecordDesk {
    return new RecordDesk(this.definition, this.currentStore, this.board, this.feed, this.clock);
  }
}
