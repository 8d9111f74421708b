import { z } from 'zod';

const milliseconds = z.number().int().min(0).max(600_000);
const count = z.number().int().min(0).max(1_000_000);

/** Every way in which these systems can be made as awkward as the real ones. All can be switched while they run. */
export const quirksSchema = z.strictObject({
  // Webhooks
  webhooks_off: z.boolean(),
  deliver_twice: z.boolean(), // the same event id, both at once
  deliver_late_ms: milliseconds,
  deliver_out_of_order: z.boolean(),
  group_events_ms: milliseconds, // collect events this long and send them in one delivery
  partial_payloads: z.boolean(), // `record` carries the id and the changed fields only
  lose_next: count, // so many deliveries vanish
  // Values
  send_nulls: z.boolean(), // unset fields are sent as null, else left out
  reformat_phones: z.boolean(), // into display form
  reformat_emails: z.boolean(), // trimmed, lower case
  append_on_write: z.string().nullable(), // path of a text field that gains " *" at each API write
  reject_value: z.strictObject({ field: z.string(), value: z.json() }).nullable(), // the API answers 422 to it
  automation: z.boolean(), // the system changes another field because of a write
  automation_tags: z.boolean(), // ... and a field that is likely to be synced as well
  unique_email: z.boolean(), // a second record with an e-mail is refused with 409
  // Transport
  rate_limit: z.number().int().min(1).max(1_000_000), // API requests a second
  fail_next: z.strictObject({ count, status: z.number().int().min(400).max(599) }).nullable(),
  hang_next_write_ms: milliseconds, // the next API write is applied at once and answered this much later
  drop_response_next: count, // so many API writes are applied, then the connection is cut
  forbidden_ids: z.array(z.string()), // 403, and not listed
});

export type Quirks = Readonly<z.infer<typeof quirksSchema>>;

export const QUIET: Quirks = {
  webhooks_off: false,
  deliver_twice: false,
  deliver_late_ms: 0,
  deliver_out_of_order: false,
  group_events_ms: 0,
  partial_payloads: false,
  lose_next: 0,
  send_nulls: false,
  reformat_phones: false,
  reformat_emails: false,
  append_on_write: null,
  reject_value: null,
  automation: false,
  automation_tags: false,
  unique_email: false,
  rate_limit: 200,
  fail_next: null,
  hang_next_write_ms: 0,
  drop_response_next: 0,
  forbidden_ids: [],
};

/** The switches of one running system. Counting ones run down by themselves. */
export class QuirkBoard {
  private quirks: Quirks;

  constructor(private readonly defaults: Quirks) {
    this.quirks = defaults;
  }

  get now(): Quirks {
    return this.quirks;
  }

  set(changes: Partial<Quirks>): void {
    this.quirks = { ...this.quirks, ...changes };
  }

  reset(): void {
    this.quirks = this.defaults;
  }

  /** The status the next request must fail with, if any is left. */
  takeFailure(): number | null {
    const failure = this.quirks.fail_next;
    if (failure === null || failure.count === 0) return null;
    this.set({ fail_next: failure.count === 1 ? null : { ...failure, count: failure.count - 1 } });
    return failure.status;
  }

  takeHang(): number {
    const hang = this.quirks.hang_next_write_ms;
    if (hang > 0) this.set({ hang_next_write_ms: 0 });
    return hang;
  }

  takeDrop(): boolean {
    const left = this.quirks.drop_response_next;
    if (left > 0) this.set({ drop_response_next: left - 1 });
    return left > 0;
  }

  takeLoss(): boolean {
    const left = this.quirks.lose_next;
    if (left > 0) this.set({ lose_next: left - 1 });
    return left > 0;
  }
}
