import { errorAnswer, type ApiAnswer } from './api-answer';
import type { QuirkBoard } from './quirks';

const WINDOW_MS = 1000;

/** What stands before every API request: the token, the rate limit, and failures that were ordered. */
export class ApiGate {
  private windowStart = Number.NEGATIVE_INFINITY;
  private inWindow = 0;

  constructor(
    private readonly apiToken: string,
    private readonly board: QuirkBoard,
  ) {}

  refuse(authorization: string | undefined): ApiAnswer | null {
    if (authorization !== `Bearer ${this.apiToken}`) return refusal(401, 'unauthorized', 'Send the header Authorization: Bearer <token>.');
    if (this.isOverLimit()) return tooMany(this.secondsLeft());
    const failure = this.board.takeFailure();
    if (failure === null) return null;
    return failure === 429 ? tooMany(1) : refusal(failure, 'unavailable', 'The service is temporarily unavailable.');
  }

  /** Real time, not the system's clock: a test that stops the clock must not run into the limit. */
  private isOverLimit(): boolean {
    const now = performance.now();
    if (now - this.windowStart >= WINDOW_MS) {
      this.windowStart = now;
      this.inWindow = 0;
    }
    this.inWindow += 1;
    return this.inWindow > this.board.now.rate_limit;
  }

  private secondsLeft(): number {
    return Math.max(1, Math.ceil((this.windowStart + WINDOW_MS - performance.now()) / 1000));
  }
}

function refusal(status: number, code: string, message: string): ApiAnswer {
  return errorAnswer({ status, code, message, field: null }, null);
}

function tooMany(seconds: number): ApiAnswer {
  return errorAnswer({ status: 429, code: 'rate_limited', message: 'Too many requests.', field: null }, null, { 'retry-after': String(seconds) });
}
