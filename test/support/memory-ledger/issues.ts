import { canonicalJson } from '../../../core/json/canonical-json';
import type { Hint } from '../../../core/model';
import type { Issue, IssueDraft, SyncScope } from '../../../ledger/ledger-store';
import { keyOf } from './state';
import type { Step } from './step';
import type { Tables } from './tables';

const issueKey = (sync: string, { system, native_id, code }: Pick<IssueDraft, 'system' | 'native_id' | 'code'>): string => keyOf(sync, system, native_id ?? '', code);

/** The same issue with the same reasons leaves the ledger as it is (law 10). */
export function openIssues({ tables, run, now }: Step, drafts: readonly IssueDraft[]): void {
  for (const { record_key, system, native_id, code, reasons } of drafts) {
    const key = issueKey(run.sync, { system, native_id, code });
    const present = tables.issues.get(key);
    if (present === undefined) {
      tables.issues.put(key, { sync: run.sync, seq: tables.nextNumber(), id: tables.newId('issue'), record_key, system, native_id, code, reasons: [...reasons], opened_at: now, seen: 1 });
    } else if (canonicalJson(present.reasons) !== canonicalJson(reasons)) {
      tables.issues.put(key, { ...present, reasons: [...reasons], record_key: record_key ?? present.record_key, seen: present.seen + 1 });
    }
  }
}

/** What has gone through by now is no issue any more, unless this very step says it again. */
export function closeIssues({ tables, run }: Step, hints: readonly Hint[], codes: readonly string[], except: readonly IssueDraft[]): void {
  for (const { system, native_id } of hints) {
    for (const code of codes) {
      if (except.some((draft) => draft.system === system && draft.native_id === native_id && draft.code === code)) continue;
      tables.issues.remove(issueKey(run.sync, { system, native_id, code }));
    }
  }
}

export function newestIssues(tables: Tables, scope: SyncScope, limit: number): readonly Issue[] {
  return Object.values(tables.issues.rows).filter((issue) => issue.sync === scope.sync).sort((a, b) => b.seq - a.seq).slice(0, limit)
    .map(({ sync: _sync, seq: _seq, ...issue }) => issue);
}
