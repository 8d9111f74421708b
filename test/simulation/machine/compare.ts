/** Both sides are read: Diff Engine and Conflict Router over the whole batch. */
import type { Difference, Hint, Observation } from '../../../core/model';
import { checkBatch, decideRoute } from '../../../core/stages/conflict-router';
import { computeDifference } from '../../../core/stages/diff-engine';
import { indexTargets, pairTarget } from '../../../core/stages/pair-targets';
import { unseen } from '../../../core/stages/normalize';
import { assertNever } from '../../../core/sync-error';
import { issueOf } from './read-source';
import type { Compared, MachineSettings, Pass, Planned } from './run-state';

interface Found {
  readonly item: Compared;
  readonly difference: Difference;
}

export function compareBatch(settings: MachineSettings, pass: Pass): Pass {
  const found: Found[] = [];
  let next: Pass = { ...pass, target_read: [] };
  const targets = indexTargets(pass.target_read.flatMap(({ item, target }) => (target === null ? [] : [{ observation: target, answers: item.record_key }])));
  const sources = new Map(pass.target_read.map(({ item }) => [item.source.native_id, item.source]));
  for (const { item } of pass.target_read) {
    const unpaired = { run: pass.run, ...item };
    // Without a search key no read is made; the canvas leaves that to a listing, and so does the machine.
    const paired = pairTarget(targets.schema === null ? { ...targets, schema: schemaOf(settings, pass.run.target) } : targets, unpaired, false);
    if (paired.kind === 'Unread') {
      next = { ...next, ended: [...next.ended, issueOf(pass.run.source, item.source.native_id, 'failed_step', [paired.reason], true, { record_key: item.record_key, hints: [] })] };
      continue;
    }
    const verdict = computeDifference(settings.diff, pass.run, { ...item, target: paired.target, sources });
    switch (verdict.kind) {
      case 'Changed':
        found.push({ item, difference: verdict.difference });
        break;
      case 'Unchanged':
        next = { ...next, ended: [...next.ended, { record_key: verdict.record_key, hints: hintsOf(item.source, paired.target), outcome: 'unchanged', issues: [] }] };
        break;
      case 'Recheck':
        next = { ...next, wait_seconds: Math.max(next.wait_seconds, verdict.retry_after_seconds ?? 0), again: [...next.again, { hints: verdict.read, full: true, as_record_key: verdict.record_key, from_target: verdict.from_target, attempt: pass.run.attempt + 1 }] };
        break;
      default:
        assertNever(verdict);
    }
  }
  return route(settings, next, found);
}

const schemaOf = (settings: MachineSettings, system: string) => {
  const mapping = settings.mappings[system];
  if (mapping === undefined) throw new Error(`No mapping of ${system}`);
  return unseen(mapping).schema;
};

const hintsOf = (...sides: readonly Observation[]): readonly Hint[] => sides.flatMap(({ system, native_id }) => (native_id === null ? [] : [{ system, native_id }]));

function route(settings: MachineSettings, pass: Pass, found: readonly Found[]): Pass {
  const facts = checkBatch(settings.rules, found.map(({ difference }) => difference), new Date(settings.now));
  let next = pass;
  for (const { item, difference } of found) {
    const { kind, plan } = decideRoute(settings.rules, pass.run, difference, facts);
    const planned: Planned = { plan, row: item.row, source: difference.source, target: difference.target, fencing_token: null, writes: [] };
    switch (kind) {
      case 'Write':
        next = { ...next, to_reserve: [...next.to_reserve, planned] };
        break;
      case 'Converged':
        next = { ...next, converged: [...next.converged, planned] };
        break;
      case 'Review':
        next = { ...next, questions: [...next.questions, planned] };
        break;
      default:
        assertNever(kind);
    }
  }
  return next;
}
