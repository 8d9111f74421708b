import type { RunContext } from '../../core/model';
import type { ReadItem } from './item-loop';

/** Items of one run. A batch has one run as a rule; a Merge node in front may bring several together. */
export interface RunGroup<T> {
  readonly run: RunContext;
  readonly items: readonly ReadItem<T>[];
}

/** One ledger call answers for one run, so a batch costs as many calls as it has runs. */
export function byRun<T extends { readonly run: RunContext }>(items: readonly ReadItem<T>[]): readonly RunGroup<T>[] {
  const groups = new Map<string, { readonly run: RunContext; readonly items: ReadItem<T>[] }>();
  for (const item of items) {
    const { run } = item.value;
    const group = groups.get(run.run_id);
    if (group === undefined) groups.set(run.run_id, { run, items: [item] });
    else group.items.push(item);
  }
  return [...groups.values()];
}
