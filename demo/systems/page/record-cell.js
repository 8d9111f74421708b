import { element } from './dom.js';

/** One value in the list. `dir=auto` sets an Arabic name right to left without turning the table round. */
export function valueCell(spec, value) {
  const attributes = { 'data-field': spec.path, dir: 'auto' };
  if (value === null) return element('td', { ...attributes, class: 'unset' }, '–');
  if (spec.kind === 'tags') return element('td', attributes, ...value.map((tag) => element('span', { class: 'tag' }, tag)));
  if (spec.kind === 'choice') return element('td', attributes, element('span', { class: 'pill' }, value));
  return element('td', { ...attributes, title: String(value) }, String(value));
}
