import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_DECISIONS, readDecisions } from '../../core/review-decisions';

const shown = { crm: { city: 'Lyon' }, support: { city: 'Paris' } };
const winner = (review_id: string, system = 'crm') => ({ review_id, shown, decision: { kind: 'winner', system } });

describe('decisions from the review page', () => {
  it('reads one choice of the form and leaves "leave open" alone', () => {
    expect(readDecisions({ decision: ['', JSON.stringify(winner('r-1')), ''] }).decisions).toEqual([
      { review_id: 'r-1', kind: 'winner', winner: 'crm', value: {}, link_to: '', shown },
    ]);
  });

  it('reads a form with one select only', () => {
    expect(readDecisions({ decision: JSON.stringify(winner('r-1')) }).decisions).toHaveLength(1);
  });

  it('reads one choice for the whole page, and lets a choice for one record go before it', () => {
    const { decisions } = readDecisions({ decision: [JSON.stringify([winner('r-1'), winner('r-2')]), JSON.stringify(winner('r-2', 'support'))] });
    expect(decisions.map(({ review_id, winner: system }) => [review_id, system])).toEqual([['r-1', 'crm'], ['r-2', 'support']]);
  });

  it('reads what a program sends', () => {
    const sent = [{ review_id: 'r-1', shown, decision: { kind: 'value', value: { city: 'Nice' } } }, { review_id: 'r-2', shown, decision: { kind: 'link', native_id: 'T-1' } }];
    expect(readDecisions({ decisions: sent }).decisions).toMatchObject([{ kind: 'value', value: { city: 'Nice' } }, { kind: 'link', link_to: 'T-1' }]);
  });

  it('refuses the one that cannot be read and keeps the others', () => {
    const { decisions, refused } = readDecisions({ decisions: [winner('r-1'), { review_id: 'r-2', decision: { kind: 'winner' } }, winner('r-3')] });
    expect(decisions.map(({ review_id }) => review_id)).toEqual(['r-1', 'r-3']);
    expect(refused).toMatchObject([{ review_id: 'r-2' }]);
  });

  it('refuses more decisions than a person makes', () => {
    expect(readDecisions({ decisions: Array.from({ length: MOST_DECISIONS + 1 }, (_, index) => winner(`r-${index}`)) }).decisions).toEqual([]);
  });

  it('never throws, whatever was sent', () => {
    fc.assert(fc.property(fc.anything(), (body) => {
      expect(() => readDecisions(body)).not.toThrow();
      expect(() => readDecisions({ decisions: [body], decision: typeof body })).not.toThrow();
    }));
  });

  it('releases holds, from the button of the page or from a program', () => {
    expect(readDecisions({ release: '{"hold_id":"h-1","counted":7}' })).toEqual({ decisions: [], releases: [{ hold_id: 'h-1', counted: 7 }], refused: [] });
    const { releases, refused } = readDecisions({ releases: [{ hold_id: 'h-1', counted: 0 }, { hold_id: 'h-2' }], decisions: [] });
    expect(releases).toEqual([{ hold_id: 'h-1', counted: 0 }]);
    expect(refused).toMatchObject([{ reason: expect.stringContaining('the release cannot be read') as string }]);
  });

  it('C10 answers thousands of conflicts page by page, each page with one choice', () => {
    const pages = Array.from({ length: 50 }, (_, place) => Array.from({ length: 100 }, (__, index) => winner(`r-${place * 100 + index}`)));
    const decided = pages.flatMap((all) => readDecisions({ decision: [JSON.stringify(all), ...all.map(() => '')] }).decisions);
    expect(new Set(decided.map(({ review_id }) => review_id)).size).toBe(5000);
  });
});
