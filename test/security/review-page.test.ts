/** The review page shows values of foreign systems: whatever they are, the page's own tags and attributes are the only ones. */
import { expect, it } from 'vitest';
import { canonicalRecord } from '../../core/json/canonical-record';
import type { ReviewItem } from '../../core/model';
import { renderReviewPage } from '../../core/review-page';

const page = (text: string, kind: ReviewItem['kind'] = 'conflict'): string => {
  const values = canonicalRecord([[text, text], ['list', [text, { [text]: text }]], ['candidates', [text]]]);
  return renderReviewPage({
    title: text, systems: [text, `${text} `], total: 60, limit: 25, offset: 25, notices: [text], holds: [],
    items: ['r-1', 'r-2'].map((id) => ({ id: `${id}${text}`, record_key: text, kind, subject: text, fields: [text, 'list'], reason: text, values: { [text]: values, [`${text} `]: values }, base: { [text]: values, [`${text} `]: values }, status: 'open', decision: null })),
  });
};

/** Tags with the names of their attributes, as a browser would see them. Attribute values are always in double quotes. */
function structure(html: string): readonly string[] {
  const style = html.indexOf('</style>');
  return [...html.slice(style).matchAll(/<(\/?[a-z0-9]+)((?:\s+[a-z-]+(?:="[^"<>]*")?)*)\s*>/giu)].map(([, tag = '', attributes = '']) => `${tag} ${[...attributes.matchAll(/\s([a-z-]+)(?:="[^"]*")?/giu)].map(([, name]) => name).join(' ')}`.trim());
}

const attributeOf = (html: string, name: string): readonly string[] => [...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'gu'))].map(([, value = '']) => value);

it.each([
  ['a script', '</td></table><script>alert(1)</script>'],
  ['an image with a handler', '<img src=x onerror=alert(1)>'],
  ['the end of an attribute', '" onfocus="alert(1)" autofocus x="'],
  ['the end of an attribute in single quotes', "' onclick='alert(1)"],
  ['the end of an option', '</option></select><form action="https://evil.example/">'],
  ['an address that runs script', 'javascript:alert(document.cookie)'],
  ['a data address', 'data:text/html,<script>alert(1)</script>'],
  ['a style', '</style><style>body{background:url(https://evil.example/)}'],
  ['a comment', '<!-- --><base href="https://evil.example/">'],
  ['entities', '&lt;script&gt;&#60;script&#62;&quot;'],
  ['a refresh', '<meta http-equiv=refresh content="0;url=https://evil.example/">'],
  ['another encoding', '+ADw-script+AD4-alert(1)+ADw-/script+AD4-'],
  ['NUL and half a pair', '<\u0000script>\ud800</\u0000script>'],
  ['a template', '{{ $env.PASSWORD }} ${7*7} <%= 1 %>'],
])('%s is text', (_title, text) => {
  for (const kind of ['conflict', 'ambiguous', 'delete'] as const) {
    const html = page(text, kind);
    expect(structure(html)).toEqual(structure(page('harmless', kind)));
    expect(attributeOf(html, 'href')).toEqual(attributeOf(page('harmless', kind), 'href'));
    expect(attributeOf(html, 'action')).toEqual(['?']);
    for (const character of ['<', '>', '"', "'"]) if (text.includes(character)) expect(html).not.toContain(text);
  }
});

it('lets a browser load and run nothing, even if a value slipped through', () => {
  expect(page('x')).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"`);
  expect(page('x')).not.toMatch(/<script|<link|<img|<iframe/u);
});
