/** What stops a Reserve before it looks at a record: holds that are open, and guards that trip on this very batch. */
import type { RecordKey } from '../../core/model';
import { RECORD_WINDOW_SECONDS, RELEASE_SECONDS, type GuardSettings } from '../../core/policies/guard-settings';
import { decideGuard, decideRecordGuard, enoughRecords, guardTests, type Counter, type GuardTest } from '../../core/policies/guards';
import { holdsOneRecord, type Hold, type HoldFacts } from '../../core/policies/holds';
import type { ReserveItem } from '../ledger-store';
import type { Step } from './step';

export interface BatchHolds {
  /** Stops every item. */
  readonly all: Hold | null;
  /** Stops the items of one record. */
  readonly records: ReadonlyMap<RecordKey, Hold>;
}

export function guardBatch(step: Step, items: readonly ReserveItem[], guards: GuardSettings | undefined): BatchHolds {
  const found = guards === undefined ? [] : tripped(step, items, guards);
  // A dry run says what would be held, and stores nothing.
  const opened = found.map((facts) => (step.run.dry_run ? { ...facts, id: '', by: null, said: null, opened_at: step.now } : step.tables.openHold(facts)));
  const open = step.run.dry_run ? [...step.tables.openHolds(), ...opened] : step.tables.openHolds();
  return {
    all: open.find((hold) => !holdsOneRecord(hold)) ?? null,
    records: new Map(open.filter(holdsOneRecord).map((hold) => [hold.subject, hold])),
  };
}

function tripped(step: Step, items: readonly ReserveItem[], guards: GuardSettings): readonly HoldFacts[] {
  const batch = guardTests(guards, items).flatMap((test) => tripsOn(step, items, test) ?? []);
  // Records are looked at only where the batch may go on: a hold of the whole sync says enough.
  return batch.length > 0 ? batch : items.flatMap((item) => tripsOnRecord(step, item, guards) ?? []);
}

function isRepeated({ tables, run, now }: Step, item: ReserveItem): boolean {
  const row = tables.row(item.record_key);
  return row?.lease?.run_id === run.run_id && row.lease.expires_at > now && row.version === item.version + 1;
}

function tripsOn(step: Step, items: readonly ReserveItem[], test: GuardTest): HoldFacts | null {
  const { tables, now } = step;
  const { counter } = test;
  const decided = (earlier: number): HoldFacts | null => {
    const most = enoughRecords(test, earlier);
    return decideGuard(test, {
      earlier,
      known: most === 0 ? 0 : tables.knownRecords(most),
      released: tables.releasedSince(test.guard, test.subject, ago(now, RELEASE_SECONDS)),
      sequence: tables.currentNumber(),
    });
  };
  if (counter === null) return decided(0);
  const earlier = tables.countedSince(counter, ago(now, test.window_seconds));
  const facts = decided(earlier);
  // A node that is run again asks for what it has: that was counted when it got it.
  return facts === null ? null : decided(earlier - plannedAgain(step, items, counter));
}

function plannedAgain(step: Step, items: readonly ReserveItem[], counter: Counter): number {
  const intents = items.filter((item) => isRepeated(step, item)).flatMap((item) => item.intents);
  return counter === 'planned_write' ? intents.length : intents.filter(({ op }) => op === 'delete').length;
}

function tripsOnRecord(step: Step, item: ReserveItem, guards: GuardSettings): HoldFacts | null {
  const { tables, now } = step;
  if (guards.writes_per_record === null || isRepeated(step, item)) return null;
  const released = tables.releasedSince('writes_per_record', item.record_key, ago(now, RELEASE_SECONDS));
  return decideRecordGuard(guards, item, tables.writesSince(item.record_key, ago(now, RECORD_WINDOW_SECONDS)), released);
}

function ago(now: string, seconds: number): string {
  return new Date(Date.parse(now) - seconds * 1000).toISOString();
}
