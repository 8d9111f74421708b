import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CanonicalRecord, ReviewItem } from '../../core/model';
import { escapeHtml, renderReviewPage, type ReviewPage } from '../../core/review-page';

const review = (over: Partial<ReviewItem> = {}): ReviewItem => ({
  id: 'r-1',
  record_key: 'contact_4829',
  kind: 'conflict',
  subject: 'city',
  fields: ['city'],
  reason: 'both sides changed it',
  values: { crm: { city: 'Lyon' }, support: { city: 'Paris' } },
  base: { crm: { city: 'Nice' }, support: { city: 'Nice' } },
  status: 'open',
  decision: null,
  ...over,
});

const page = (over: Partial<ReviewPage> = {}): string =>
  renderReviewPage({ title: 'contacts', systems: ['crm', 'support'], items: [review()], holds: [], total: 1, limit: 25, offset: 0, notices: [], ...over });

/** What a browser would send for the option with this text. */
function optionValue(html: string, text: string): unknown {
  const option = [...html.matchAll(/<option value="([^"]*)">([^<]*)<\/option>/gu)].find((match) => match[2] === text);
  const decoded = (option?.[1] ?? '').replace(/&(amp|lt|gt|quot|#39|#96);/gu, (entity) => ({ '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&#96;': '`' })[entity] ?? entity);
  return JSON.parse(decoded);
}

const HOSTILE = `</td><script>alert('x')</script><img src=x onerror="alert(1)">\`&"'`;

describe('the review page', () => {
  it('shows the last agreed value and what both sides hold now', () => {
    for (const value of ['Nice', 'Lyon', 'Paris', 'contact_4829']) expect(page()).toContain(value);
  });

  it('sends with a choice the values that were shown', () => {
    expect(optionValue(page(), 'crm is right')).toEqual({
      review_id: 'r-1',
      decision: { kind: 'winner', system: 'crm' },
      shown: { crm: { city: 'Lyon' }, support: { city: 'Paris' } },
    });
  });

  it('decides a whole page in one choice, leaving ambiguous matches out', () => {
    const items = [review(), review({ id: 'r-2' }), review({ id: 'r-3', kind: 'ambiguous' })];
    expect(optionValue(page({ items }), 'support is right (all 2 on this page)')).toMatchObject([{ review_id: 'r-1' }, { review_id: 'r-2' }]);
  });

  it('offers the candidates of an ambiguous match, and no winner', () => {
    const html = page({ items: [review({ kind: 'ambiguous', subject: '*', values: { crm: {}, support: { candidates: ['T-1', 'T-2'] } } })] });
    expect(optionValue(html, 'It is T-2')).toMatchObject({ decision: { kind: 'link', native_id: 'T-2' } });
    expect(html).not.toContain('crm is right');
  });

  it('offers for a deletion which side is right or to leave both, and nothing else', () => {
    const html = page({ items: [review({ kind: 'delete', subject: '*' })] });
    const offered = [...html.matchAll(/<option value="[^"]*">([^<]*)<\/option>/gu)].map((match) => match[1]);
    expect(offered).toEqual(['leave open', 'crm is right', 'support is right', 'Leave both as they are']);
  });

  it('asks nothing any more about a decided review', () => {
    expect(page({ items: [review({ status: 'decided' })] })).not.toContain('leave open');
  });

  it('tells absent, empty and empty text apart', () => {
    const html = page({ items: [review({ fields: ['a', 'b', 'c'], values: { crm: { b: null, c: '' }, support: {} } })] });
    expect(html).toContain('<em>not set</em>');
    expect(html).toContain('<em>empty</em>');
    expect(html).toContain('<td class="now"></td>');
  });

  it('links to the neighbouring pages only where there are some', () => {
    expect(page({ total: 60, offset: 25 })).toContain('href="?offset=0&amp;limit=25"');
    expect(page({ total: 60, offset: 25 })).toContain('href="?offset=50&amp;limit=25"');
    expect(page()).not.toContain('<nav>');
  });

  it('holds no script and writes hostile text as text', () => {
    const hostile: CanonicalRecord = { [HOSTILE]: HOSTILE, __proto__: HOSTILE, tags: [HOSTILE] };
    const items = [review({ id: HOSTILE, record_key: HOSTILE, subject: HOSTILE, fields: [HOSTILE, 'tags', 'constructor'], reason: HOSTILE, values: { crm: hostile, support: hostile } })];
    const html = page({ title: HOSTILE, systems: [HOSTILE, 'support'], items, notices: [HOSTILE] });
    expect(html).not.toMatch(/<script|<img|onerror="/u);
    expect(html).not.toContain(HOSTILE);
  });

  it('draws the same tags whatever the values are', () => {
    const tags = (html: string): string => html.replace(/<style>.*?<\/style>/su, '').match(/<[^>]*>/gu)?.map((tag) => tag.replace(/"[^"]*"/gu, '""')).join('') ?? '';
    const drawn = (text: string): string => tags(page({ title: text, items: [review({ id: text, record_key: text, reason: text, values: { crm: { city: text }, support: { city: 'x' } } })], notices: [text] }));
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      expect(drawn(text)).toBe(drawn('plain'));
    }));
  });

  it('escapes every character that could end a text or an attribute', () => {
    expect(escapeHtml(`<>&"'\``)).toBe('&lt;&gt;&amp;&quot;&#39;&#96;');
  });

  it('shows what holds the sync above the questions, as text, and offers to release exactly what it shows', () => {
    const hold = { id: 'h-1', guard: 'paused', subject: '', counted: 7, allowed: 0, known: null, by: '<b>ann</b>', said: 'moving', opened_at: '2026-03-01T10:00:00.000Z' } as const;
    const html = page({ holds: [hold] });
    expect(html).toContain('Paused by &lt;b&gt;ann&lt;/b&gt;: moving');
    expect(html.indexOf('Paused by')).toBeLessThan(html.indexOf('Apply decisions'));
    expect(html).toContain('name="release" value="{&quot;hold_id&quot;:&quot;h-1&quot;,&quot;counted&quot;:7}"');
    expect(page()).not.toContain('name="release"');
  });
});
