import type { FieldChanges } from './field-values';
import type { StoredRecord } from './record-store';

export type Actor = 'api' | 'user';

export type RecordChange = {
  readonly type: 'created' | 'updated' | 'deleted';
  readonly by: Actor;
  readonly record: StoredRecord;
  readonly changes: FieldChanges;
};

type Listener = (changes: readonly RecordChange[]) => void;

/** Tells webhooks and open pages what happened. Several changes at once are one bulk job. */
export class ChangeFeed {
  private readonly listeners = new Set<Listener>();

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  publish(changes: readonly RecordChange[]): void {
    for (const listener of this.listeners) listener(changes);
  }
}
