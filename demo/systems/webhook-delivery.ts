import type { RequestLog } from './request-log';
import type { Timers } from './timers';

export type WebhookTarget = {
  readonly url: string;
  readonly header: string | null;
  readonly secret: string | null;
  /** Whoever answers later gets the delivery once more. */
  readonly answerWithinMs?: number;
};

const ATTEMPTS = 10;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
const ANSWER_WITHIN_MS = 15_000;
/** Deliveries start in order but don't wait for each other's answers, or one slow workflow would hold up all the rest. */
const IN_FLIGHT = 10;

type Attempt = { readonly body: string; readonly number: number };

/** Sends webhook bodies until they are accepted: an n8n that was killed gets them when it is back. */
export class WebhookDelivery {
  private waiting: Attempt[] = [];
  private inFlight = 0;
  private unsettled = 0;
  private abort = new AbortController();

  constructor(
    private readonly target: () => WebhookTarget | null,
    private readonly log: RequestLog,
    private readonly timers: Timers,
  ) {}

  /** Neither accepted nor given up yet: waiting, under way, or pausing before another attempt. */
  get pending(): number {
    return this.unsettled;
  }

  send(body: string): void {
    this.unsettled += 1;
    this.enqueue({ body, number: 1 });
  }

  /** Forgets all deliveries, those under way included. */
  stop(): void {
    this.waiting = [];
    this.unsettled = 0;
    this.abort.abort();
    this.abort = new AbortController();
  }

  private enqueue(attempt: Attempt): void {
    this.waiting.push(attempt);
    this.next();
  }

  private next(): void {
    if (this.inFlight >= IN_FLIGHT) return;
    const attempt = this.waiting.shift();
    if (attempt === undefined) return;
    this.inFlight += 1;
    void this.run(attempt, this.abort.signal).finally(() => {
      this.inFlight -= 1;
      this.next();
    });
  }

  private async run(attempt: Attempt, stopped: AbortSignal): Promise<void> {
    // Read at each attempt: a webhook that was registered anew meanwhile gets the old events too.
    const target = this.target();
    if (stopped.aborted) return;
    if (target === null) {
      this.unsettled -= 1;
      return;
    }
    const outcome = await post(target, attempt.body, stopped);
    if (outcome === 'stopped') return;
    this.log.count(outcome === 'accepted' ? 'webhooks_sent' : 'webhooks_failed');
    if (outcome === 'accepted' || attempt.number >= ATTEMPTS) {
      this.unsettled -= 1;
      return;
    }
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (attempt.number - 1), LONGEST_PAUSE_MS);
    this.timers.after(pause, () => this.enqueue({ ...attempt, number: attempt.number + 1 }));
  }
}

async function post(target: WebhookTarget, body: string, stopped: AbortSignal): Promise<'accepted' | 'failed' | 'stopped'> {
  const headers = new Headers({ 'content-type': 'application/json' });
  if (target.header !== null) headers.set(target.header, target.secret ?? '');
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(target.answerWithinMs ?? ANSWER_WITHIN_MS)]);
  try {
    const response = await fetch(target.url, { method: 'POST', headers, body, signal });
    await response.arrayBuffer();
    return response.ok ? 'accepted' : 'failed';
  } catch {
    // Refused, reset or too slow: all the same to the sender, which tries again.
    return stopped.aborted ? 'stopped' : 'failed';
  }
}
