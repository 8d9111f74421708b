import type { RecordChange } from './change-feed';
import { nestValues, type FieldChanges, type FieldValues } from './field-values';
import type { Json, JsonObject } from './json';
import type { QuirkBoard } from './quirks';
import { renderRecord } from './record-json';
import { SeededRandom } from './seeded-random';
import type { SystemDefinition } from './system-definition';
import type { Timers } from './timers';
import type { WebhookDelivery } from './webhook-delivery';

const EVENTS_A_DELIVERY = 50;
const REORDER_WINDOW_MS = 300;

/** Turns changes into deliveries, and makes a mess of them where a quirk says so. */
export class WebhookSender {
  private grouped: JsonObject[] = [];
  private held: string[] = [];
  private lastEvent = 0;
  private random = new SeededRandom(1);

  constructor(
    private readonly definition: SystemDefinition,
    private readonly board: QuirkBoard,
    private readonly delivery: WebhookDelivery,
    private readonly timers: Timers,
  ) {}

  announce(changes: readonly RecordChange[]): void {
    if (this.board.now.webhooks_off) return;
    const events = changes.map((change) => this.event(change));
    const groupFor = this.board.now.group_events_ms;
    if (groupFor === 0) {
      this.dispatch(events);
      return;
    }
    if (this.grouped.length === 0) this.timers.after(groupFor, () => this.dispatch(this.grouped.splice(0)));
    this.grouped.push(...events);
  }

  reset(): void {
    this.grouped = [];
    this.held = [];
    this.random = new SeededRandom(1);
    this.delivery.stop();
  }

  private event({ type, record, changes }: RecordChange): JsonObject {
    return {
      type: `${this.definition.recordType}.${type}`,
      id: record.id,
      changed: nestValues(newValues(changes), true),
      record: type === 'deleted' ? { id: record.id } : this.payload(record, changes),
      occurred_at: new Date(record.updatedAt).toISOString(),
    };
  }

  private payload(record: RecordChange['record'], changes: FieldChanges): Json {
    if (!this.board.now.partial_payloads) return renderRecord(record, this.board.now.send_nulls);
    return { id: record.id, ...nestValues(newValues(changes), true), updated_at: new Date(record.updatedAt).toISOString() };
  }

  private dispatch(events: readonly JsonObject[]): void {
    for (let start = 0; start < events.length; start += EVENTS_A_DELIVERY) {
      this.lastEvent += 1;
      const id = `evt_${this.definition.name}_${String(this.lastEvent).padStart(6, '0')}`;
      this.route(JSON.stringify({ event_id: id, events: events.slice(start, start + EVENTS_A_DELIVERY) }));
    }
  }

  private route(body: string): void {
    const quirks = this.board.now;
    if (this.board.takeLoss()) return;
    const copies = quirks.deliver_twice ? [body, body] : [body];
    if (quirks.deliver_out_of_order) this.hold(copies);
    else if (quirks.deliver_late_ms > 0) this.timers.after(quirks.deliver_late_ms, () => this.sendAll(copies));
    else this.sendAll(copies);
  }

  private hold(bodies: readonly string[]): void {
    if (this.held.length === 0) {
      const wait = REORDER_WINDOW_MS + this.board.now.deliver_late_ms;
      this.timers.after(wait, () => this.sendAll(this.random.shuffle(this.held.splice(0))));
    }
    this.held.push(...bodies);
  }

  private sendAll(bodies: readonly string[]): void {
    for (const body of bodies) this.delivery.send(body);
  }
}

function newValues(changes: FieldChanges): FieldValues {
  return new Map([...changes].map(([path, change]) => [path, change.to]));
}
