/**
 * The page on which a person decides what no rule may guess: per review the last agreed value, what both sides hold now,
 * and the choices. Plain HTML without script: each choice carries, as JSON, the review and the values that were shown, so
 * that a decision never applies to anything else than what the person saw.
 *
 * Every value on it comes from a foreign system, so nothing is written that did not pass `escapeHtml`.
 */
import { isSealed } from './json/seal';
import type { CanonicalRecord, JsonValue, Pair, ReviewDecision, ReviewItem, ReviewKind, SystemName } from './model';
import { reasonOf, remedyOf, type Hold } from './policies/holds';
import { answersTo } from './policies/review-answers';
import { assertNever } from './sync-error';

export interface ReviewPage {
  /** Heading: the sync's name. */
  readonly title: string;
  readonly systems: readonly [SystemName, SystemName];
  readonly items: readonly ReviewItem[];
  /** What stops the sync, or records of it; above everything else. */
  readonly holds: readonly Hold[];
  /** Of all open reviews, not of this page. */
  readonly total: number;
  readonly limit: number;
  readonly offset: number;
  /** What became of the decisions that were just sent, one sentence each. */
  readonly notices: readonly string[];
}

/** What the button of a hold sends: the hold, and what was shown of it. */
export interface OfferedRelease {
  readonly hold_id: string;
  readonly counted: number;
}

/** What a chosen option sends: without `by`, which is whoever logged in. */
export interface OfferedDecision {
  readonly review_id: string;
  readonly decision: Offer;
  readonly shown: Pair<CanonicalRecord>;
}

type Unsigned<T> = T extends unknown ? Omit<T, 'by'> : never;
/** An undo is asked for at the ledger node, for a whole run. */
type Offer = Unsigned<Exclude<ReviewDecision, { readonly kind: 'undo' }>>;

const LONGEST_VALUE = 400;

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
  ['`', '&#96;'],
]);

/** Safe between tags and inside a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/gu, (character) => ENTITIES.get(character) ?? '');
}

export function renderReviewPage(page: ReviewPage): string {
  const { title, items, total, notices } = page;
  const waiting = total === 1 ? '1 decision waits' : `${total} decisions wait`;
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta name="referrer" content="no-referrer"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"><title>${escapeHtml(title)}: review</title><style>${STYLE}</style></head><body><main>`,
    `<h1>${escapeHtml(title)}</h1><p class="count">${waiting}.</p>`,
    ...(notices.length === 0 ? [] : [`<ul class="notices" role="status">${notices.map((notice) => `<li>${escapeHtml(notice)}</li>`).join('')}</ul>`]),
    ...page.holds.map(heldCard),
    items.length === 0 ? '<p>Nothing to decide on this page.</p>' : form(page),
    pager(page),
    '</main></body></html>',
  ].join('\n');
}

/** A form of its own: releasing a hold decides nothing else. */
function heldCard(hold: Hold): string {
  const offer: OfferedRelease = { hold_id: hold.id, counted: hold.counted };
  return [
    '<section class="held"><form method="post" action="?">',
    `<h2>Held since ${escapeHtml(hold.opened_at)} <small>nothing is written meanwhile</small></h2>`,
    `<p class="reason">${escapeHtml(reasonOf(hold))}</p><p>${escapeHtml(remedyOf(hold))}</p>`,
    `<button type="submit" name="release" value="${escapeHtml(JSON.stringify(offer))}">Release</button> It is released only if no more is held by then.`,
    '</form></section>',
  ].join('\n');
}

function form(page: ReviewPage): string {
  return [
    '<form method="post" action="?">',
    bulkChoice(page),
    ...page.items.map((item) => card(item, page.systems)),
    '<p class="send"><button type="submit">Apply decisions</button> A decision is applied only while both sides still hold what stands here.</p>',
    '</form>',
  ].join('\n');
}

/** One select for the whole page: thousands of conflicts after a bulk edit are one decision, not thousands. */
function bulkChoice({ items, systems }: ReviewPage): string {
  const open = items.filter((item) => item.status === 'open' && item.kind !== 'ambiguous');
  if (open.length < 2) return '';
  const all = (decision: Offer): string => option(open.map((item) => offered(item, decision)), `${label(decision)} (all ${open.length} on this page)`);
  const offers: readonly Offer[] = [...systems.map((system) => ({ kind: 'winner' as const, system })), { kind: 'keep_apart' }];
  return `<p class="bulk"><label>For all on this page <select name="decision"><option value="">one by one</option>${offers.map(all).join('')}</select></label></p>`;
}

function card(item: ReviewItem, systems: ReviewPage['systems']): string {
  const choices = offersFor(item, systems).map((decision) => option(offered(item, decision), label(decision)));
  const choose = item.status === 'decided'
    ? '<p class="decided">Decided; it is applied with the next run.</p>'
    : `<label>Decision <select name="decision"><option value="">leave open</option>${choices.join('')}</select></label>`;
  return [
    `<section><h2>${escapeHtml(item.record_key)} <small>${escapeHtml(item.subject === '*' ? 'whole record' : item.subject)}</small></h2>`,
    `<p class="reason">${escapeHtml(KINDS[item.kind])}: ${escapeHtml(item.reason)}</p>`,
    table(item, systems),
    choose,
    '</section>',
  ].join('\n');
}

function table(item: ReviewItem, systems: ReviewPage['systems']): string {
  const head = systems.map((system) => `<th scope="col">${escapeHtml(system)} was</th><th scope="col">${escapeHtml(system)} is</th>`).join('');
  const rows = fieldsOf(item).map((field) => {
    const cells = systems.map((system) => `<td>${shownValue(item.base[system], field)}</td><td class="now">${shownValue(item.values[system], field)}</td>`);
    return `<tr><th scope="row">${escapeHtml(field)}</th>${cells.join('')}</tr>`;
  });
  return `<table><thead><tr><th scope="col">Field</th>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function fieldsOf(item: ReviewItem): readonly string[] {
  if (item.fields.length > 0) return item.fields;
  const records = [...Object.values(item.values), ...Object.values(item.base)];
  return [...new Set(records.flatMap((record) => Object.keys(record)))].sort();
}

function shownValue(record: CanonicalRecord | undefined, field: string): string {
  if (record === undefined || !Object.hasOwn(record, field)) return '<em>not set</em>';
  const value = record[field];
  if (value === null || value === undefined) return '<em>empty</em>';
  // The same digits are the same value: a person sees which sides agree, and decides for a side.
  if (isSealed(value)) return `<em>hidden (${value.slice(-6)})</em>`;
  const text = wording(value);
  return escapeHtml(text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text);
}

function wording(value: Exclude<JsonValue, null>): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What can be chosen, of what answers the question. Another value is for programs: the page has no field to type one into. */
function offersFor(item: ReviewItem, systems: ReviewPage['systems']): readonly Offer[] {
  const winners: readonly Offer[] = systems.map((system) => ({ kind: 'winner', system }));
  const links: readonly Offer[] = candidatesOf(item).map((native_id) => ({ kind: 'link', native_id }));
  const answers = answersTo(item);
  return [...winners, ...links, { kind: 'keep_apart' } as const].filter(({ kind }) => answers.includes(kind));
}

/** The router lists them among the values, under `candidates`. */
function candidatesOf(item: ReviewItem): readonly string[] {
  if (item.kind !== 'ambiguous') return [];
  const lists = Object.values(item.values).map((record) => (Object.hasOwn(record, 'candidates') ? record['candidates'] : []));
  return lists.flatMap((list) => (Array.isArray(list) ? list.filter((entry) => typeof entry === 'string') : []));
}

function offered(item: ReviewItem, decision: Offer): OfferedDecision {
  return { review_id: item.id, decision, shown: item.values };
}

function option(value: OfferedDecision | readonly OfferedDecision[], text: string): string {
  return `<option value="${escapeHtml(JSON.stringify(value))}">${escapeHtml(text)}</option>`;
}

function label(decision: Offer): string {
  switch (decision.kind) {
    case 'winner':
      return `${decision.system} is right`;
    case 'link':
      return `It is ${decision.native_id}`;
    case 'value':
      return 'Another value';
    case 'keep_apart':
      return 'Leave both as they are';
    default:
      return assertNever(decision);
  }
}

function pager({ total, limit, offset }: ReviewPage): string {
  const link = (start: number, text: string): string => `<a href="?offset=${start}&amp;limit=${limit}">${text}</a>`;
  const links = [
    ...(offset > 0 ? [link(Math.max(0, offset - limit), 'Earlier')] : []),
    ...(offset + limit < total ? [link(offset + limit, 'More')] : []),
  ];
  return links.length === 0 ? '' : `<nav>${links.join(' ')}</nav>`;
}

const KINDS: { readonly [kind in ReviewKind]: string } = {
  conflict: 'Both sides changed it',
  delete: 'Deleted on one side',
  ambiguous: 'More than one match',
  oscillation: 'It goes back and forth',
  lone_edit: 'Changed by the side that does not own it',
  rejected_write: 'A system will not take the value',
  undo: 'What a run wrote is put back',
};

const STYLE = `
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
main{max-width:60rem;margin:2rem auto;padding:0 1rem}
section{border:1px solid #8884;border-radius:.5rem;padding:1rem;margin:1rem 0}
h2{font-size:1.1rem;margin:0}small{font-weight:400;opacity:.75}
table{border-collapse:collapse;width:100%;margin:.75rem 0}
th,td{text-align:left;padding:.35rem .5rem;border-top:1px solid #8883;overflow-wrap:anywhere;vertical-align:top}
td.now{font-weight:600}em{opacity:.65}
select,button{font:inherit;padding:.35rem .6rem;max-width:100%}
.held{border-color:#b30;border-width:2px}
.notices{border-left:.25rem solid #2a7;padding:.5rem 1.5rem;list-style:none}
nav a{margin-right:1rem}`;
