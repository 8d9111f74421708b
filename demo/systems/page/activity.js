import { byId, call, element } from './dom.js';

const CHANGES_SHOWN = 5;
const TEXT_SHOWN = 60;

export async function showActivity() {
  const entries = await call('GET', '/ui/activity');
  const items = entries.map(item);
  byId('activity').replaceChildren(...(items.length === 0 ? [element('li', { class: 'none' }, 'Nothing has changed yet.')] : items));
}

function item(entry) {
  const time = element('time', { datetime: entry.at, title: entry.at }, entry.at.slice(11, 19));
  const who = element('span', { class: `who ${entry.by}` }, entry.by === 'api' ? 'API' : 'User');
  const what = element('div', { class: 'what' }, who, element('strong', {}, entry.record_id), element('span', {}, verb(entry)), time);
  return element('li', { 'data-testid': `activity-${entry.n}` }, what, ...changeLines(entry));
}

function verb(entry) {
  if (entry.method === 'DELETE') return 'deleted';
  if (entry.path.endsWith('/restore')) return 'restored';
  if (entry.method === 'POST') return 'created';
  return Object.keys(entry.changed).length === 0 ? 'saved, nothing changed' : 'changed';
}

function changeLines(entry) {
  if (entry.method !== 'PATCH') return [];
  const changes = Object.entries(entry.changed);
  const lines = changes.slice(0, CHANGES_SHOWN).map(([path, [from, to]]) =>
    element('p', { class: 'change' }, `${path}: `, element('del', {}, shown(from)), ' → ', element('ins', {}, shown(to))),
  );
  if (changes.length > CHANGES_SHOWN) lines.push(element('p', { class: 'change' }, `and ${changes.length - CHANGES_SHOWN} more`));
  return lines;
}

function shown(value) {
  if (value === null) return 'unset';
  const text = Array.isArray(value) ? value.join(', ') || 'none' : String(value);
  return text.length > TEXT_SHOWN ? `${text.slice(0, TEXT_SHOWN)}…` : text;
}
