import type { ApiAnswer } from './api-answer';

/**
 * Answers by Idempotency-Key. Only carried-out writes are remembered: a refusal may be retried under its key once its cause is
 * gone, as most providers allow. The key alone decides, whatever the body: a key that is used for another write swallows it.
 */
export class IdempotencyMemory {
  private readonly answers = new Map<string, ApiAnswer>();

  replay(key: string | null): ApiAnswer | null {
    const first = key === null ? undefined : this.answers.get(key);
    return first === undefined ? null : { ...first, headers: { ...first.headers, 'idempotent-replay': 'true' } };
  }

  remember(key: string | null, answer: ApiAnswer): void {
    if (key !== null && answer.status < 300) this.answers.set(key, answer);
  }

  clear(): void {
    this.answers.clear();
  }
}
