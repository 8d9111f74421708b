import { computeDifference, type DiffVerdict } from '../../core/stages/diff-engine';
import { indexTargets, pairTarget, type TargetRead } from '../../core/stages/pair-targets';
import { soughtRecord } from '../../core/stages/sought-record';
import type { Observation } from '../../core/model';
import { assertNever } from '../../core/sync-error';
import { carried } from '../shared/envelope';
import type { ItemLoop, ReadItem } from '../shared/item-loop';
import type { RunGroup } from '../shared/run-groups';
import type { SourceItem } from './diff-engine-items';
import type { DiffEngineSettings } from './diff-engine-settings';

export const DIFF_OUTPUTS = ['Changed', 'Unchanged', 'Unread', 'Recheck'] as const;
export type DiffOutput = (typeof DIFF_OUTPUTS)[number];

/** One run's items: finds each record's other side among everything that was read, and compares. */
export function placeDifferences(loop: ItemLoop<DiffOutput>, settings: DiffEngineSettings, group: RunGroup<SourceItem>, listed: readonly ReadItem<TargetRead>[]): void {
  const { run, items } = group;
  const ofTarget = listed.filter(({ value }) => value.observation.system === run.target);
  const own = items.flatMap(({ value }): TargetRead[] => (value.target === null ? [] : [{ observation: value.target, answers: value.record_key }]));
  const targets = indexTargets([...ofTarget.map(({ value }) => value), ...own]);
  const sources = new Map(items.map(({ value }) => [value.source.native_id, value.source]));

  for (const { index, value } of items) {
    loop.attempt(index, () => {
      const paired = pairTarget(targets, value, settings.complete_listing);
      if (paired.kind === 'Unread') {
        placeUnread(loop, index, value, paired.reason);
        return;
      }
      const { target, position } = paired;
      const verdict = computeDifference(settings.diff, run, { ...value, target, sources });
      const listedAt = position === null ? undefined : ofTarget[position]?.index;
      placeVerdict(loop, index, target, verdict, listedAt);
    });
  }
}

function placeUnread(loop: ItemLoop<DiffOutput>, index: number, value: SourceItem, reason: string): void {
  loop.place('Unread', index, {
    ...carried(loop.json(index)),
    record_key: value.record_key,
    held_fields: value.held_fields,
    read_request: { ...soughtRecord(value.row, value.run.target, value.source) },
    verdict: { kind: 'Unread', reason },
  });
}

function placeVerdict(loop: ItemLoop<DiffOutput>, index: number, target: Observation, verdict: DiffVerdict, listedAt: number | undefined): void {
  const json = { ...carried(loop.json(index)), target };
  const also = listedAt === undefined ? [] : [{ item: listedAt, input: 1 }];
  switch (verdict.kind) {
    case 'Changed': {
      const { kind, difference, ...emitted } = verdict;
      loop.place('Changed', index, { ...json, record_key: difference.record_key, ...emitted, difference, verdict: { kind } }, also);
      return;
    }
    case 'Unchanged':
      loop.place('Unchanged', index, { ...json, record_key: verdict.record_key, verdict: { kind: 'Unchanged', reason: verdict.reason } }, also);
      return;
    case 'Recheck': {
      const { kind, reason, read, from_target, record_key, retry_after_seconds } = verdict;
      loop.place('Recheck', index, { ...json, record_key, verdict: { kind, reason, claimed_by: record_key, read, from_target, retry_after_seconds } }, also);
      return;
    }
    default:
      return assertNever(verdict);
  }
}
