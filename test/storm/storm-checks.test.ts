/** The storm is only as good as what would fail it. */
import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../demo/tour/both-systems';
import { blindWrites, disagreements, duplicates, effortOf, type LinkedPair, lostEdits } from './storm-checks';
import type { Side } from './synced-fields';

const pair = (crm: object = {}, support: object = {}): LinkedPair => ({
  key: 'contact_1',
  ids: { crm: '1', support: 'T-1' },
  records: { crm: { id: '1', deleted: false, ...crm }, support: { id: 'T-1', deleted: false, ...support } },
});
const NOTHING: LogEntry = { n: 0, at: '', method: 'PATCH', path: '/x', record_id: null, status: 200, by: 'user', changed: {}, idempotency_key: null, if_match: null, replayed: false };
const title = (side: Side, at: number, by: 'api' | 'user', to: string, from: string | null = null): LogEntry => ({ ...NOTHING, at: `2026-01-01T00:00:0${at}Z`, by, record_id: side === 'crm' ? '1' : 'T-1', changed: { [side === 'crm' ? 'job_title' : 'title']: [from, to] }, if_match: '"1"' });
const logs = (crm: readonly LogEntry[], support: readonly LogEntry[]) => ({ crm, support });

describe('the checks of the storm', () => {
  const theirs = title('support', 1, 'user', 'Theirs');
  const covered = title('support', 3, 'api', 'Ours');

  it('name an edit that the sync wrote over and nobody remembers', () => {
    expect(lostEdits([pair()], logs([title('crm', 2, 'user', 'Ours')], [theirs, covered]), new Map()).lost).toEqual(['contact_1.job_title: Theirs of support was replaced by Ours, and no history says so']);
  });

  it('let it go when the history names it, when it had travelled, or when a user of the same system replaced it', () => {
    const override = { system: 'support', field: 'job_title', lost: 'Theirs', won: 'Ours', rule: 'owner crm' };
    expect(lostEdits([pair()], logs([], [theirs, covered]), new Map([['contact_1', [override]]]))).toEqual({ lost: [], overridden: 1 });
    expect(lostEdits([pair()], logs([title('crm', 2, 'api', 'Theirs')], [theirs, covered]), new Map()).lost).toEqual([]);
    expect(lostEdits([pair()], logs([], [theirs, title('support', 2, 'user', 'Again')]), new Map()).lost).toEqual([]);
  });

  it.each([
    ['a user of it had set it', [title('support', 1, 'user', 'Same'), title('support', 3, 'user', 'Later', 'Same')]],
    ['it had been so from the start', [title('support', 3, 'user', 'Later', 'Same')]],
  ])('let it go when the other system held the same value already: %s', (_title, support) => {
    const crm = [title('crm', 2, 'user', 'Same'), title('crm', 4, 'api', 'Later', 'Same')];
    expect(lostEdits([pair()], logs(crm, support), new Map()).lost).toEqual([]);
    expect(lostEdits([pair()], logs(crm, support.map((entry) => ({ ...entry, changed: { title: ['Other', 'Later'] } }))), new Map()).lost).toHaveLength(1);
  });

  describe('when an edit takes back an earlier one', () => {
    const set = title('crm', 1, 'user', 'Other', 'Base');
    const back = title('crm', 3, 'user', 'Base', 'Other');
    const over = title('crm', 4, 'api', 'Theirs', 'Base');
    const read = (at: number): LogEntry => ({ ...NOTHING, at: `2026-01-01T00:00:0${at}Z`, by: 'api', method: 'GET', record_id: '1' });
    const lostIn = (...crm: readonly LogEntry[]): readonly string[] => lostEdits([pair()], logs(crm, [title('support', 1, 'user', 'Theirs', 'Base')]), new Map()).lost;

    it('let both go if nobody read the record in between', () => {
      expect(lostIn(read(0), set, back, over)).toEqual([]);
    });

    it.each([
      ['the record was read in between', [set, read(2), back, over]],
      ['a list was read in between', [set, { ...read(2), record_id: null }, back, over]],
      ['the sync wrote in between', [set, title('crm', 2, 'api', 'Ours', 'Other'), title('crm', 3, 'user', 'Base', 'Ours'), over]],
      ['it leads to another value', [title('crm', 1, 'user', 'Other', 'First'), back, over]],
    ])('name it if %s', (_title, crm) => {
      expect(lostIn(...crm)).toContain('contact_1.job_title: Base of crm was replaced by Theirs, and no history says so');
    });
  });

  it('do not take another value for the one that the history names', () => {
    const other = { system: 'support', field: 'job_title', lost: 'Other', won: 'Ours', rule: 'owner crm' };
    expect(lostEdits([pair()], logs([], [theirs, covered]), new Map([['contact_1', [other]]])).lost).toHaveLength(1);
  });

  it('name a difference that no open question shows', () => {
    const apart = pair({ job_title: 'Buyer' }, { title: 'Founder' });
    const review = { id: 'r', record_key: 'contact_1', kind: 'conflict', subject: 'job_title', fields: ['job_title'], reason: '', base: { crm: {}, support: {} }, status: 'open', decision: null } as const;
    expect(disagreements([apart], [])).toEqual(['contact_1.job_title: crm has Buyer, support has Founder, and no open question shows both']);
    expect(disagreements([apart], [{ ...review, values: { crm: { job_title: 'Buyer' }, support: { job_title: 'Founder' } } }])).toEqual([]);
    expect(disagreements([apart], [{ ...review, values: { crm: { job_title: 'Seller' }, support: { job_title: 'Founder' } } }])).toHaveLength(1);
    expect(disagreements([pair({ priority: '1' }, { priority: 'urgent' })], [])).toEqual([]);
  });

  it('count edits and writes, and see a write without If-Match and a second record of a person', () => {
    expect(effortOf([pair()], logs([title('crm', 1, 'user', 'A')], [title('support', 2, 'api', 'A')]))).toEqual([{ key: 'contact_1', edits: 1, writes: 1 }]);
    expect(blindWrites(logs([{ ...NOTHING, by: 'api' }], [covered]))).toEqual(['PATCH /x of crm']);
    expect(duplicates([{ id: '1', deleted: false, email: 'a@x.org' }, { id: '2', deleted: false, email: 'A@x.org' }], 'crm')).toEqual(['a@x.org']);
  });
});
