/** Timers that can be stopped all at once, so that a closed system leaves nothing behind. */
export class Timers {
  private readonly pending = new Map<NodeJS.Timeout, () => void>();
  private closed = false;

  after(milliseconds: number, action: () => void): void {
    this.start(milliseconds, action, () => undefined);
  }

  /** Resolves early, with false, when the timers are stopped. */
  sleep(milliseconds: number): Promise<boolean> {
    return new Promise((resolve) => {
      this.start(
        milliseconds,
        () => resolve(true),
        () => resolve(false),
      );
    });
  }

  cancelAll(): void {
    for (const [timer, onCancel] of this.pending) {
      clearTimeout(timer);
      onCancel();
    }
    this.pending.clear();
  }

  close(): void {
    this.closed = true;
    this.cancelAll();
  }

  private start(milliseconds: number, action: () => void, onCancel: () => void): void {
    if (this.closed) {
      onCancel();
      return;
    }
    const timer = setTimeout(() => {
      this.pending.delete(timer);
      action();
    }, milliseconds);
    this.pending.set(timer, onCancel);
  }
}
