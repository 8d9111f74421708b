import { element, valueAt } from './dom.js';

/** The form of one record. It remembers what it showed, so that saving sends only what the person changed. */
export class RecordForm {
  constructor(container, specs, onInput) {
    this.container = container;
    this.specs = specs;
    this.controls = new Map();
    this.shown = new Map();
    for (const section of new Set(specs.map((spec) => spec.section))) this.addSection(section);
    container.addEventListener('input', () => {
      this.markDirty();
      onInput();
    });
  }

  addSection(section) {
    const fieldset = element('fieldset', {}, element('legend', {}, section));
    for (const spec of this.specs.filter((candidate) => candidate.section === section)) {
      const control = controlFor(spec);
      this.controls.set(spec.path, control);
      const hint = { tags: ' (comma-separated)', instant: ' (UTC)' }[spec.kind] ?? '';
      const label = element('label', { for: control.id }, spec.label + hint + (spec.required ? ' *' : ''));
      const wide = spec.kind === 'multiline' || spec.kind === 'tags';
      fieldset.append(element('div', { class: wide ? 'field wide' : 'field' }, label, control));
    }
    this.container.append(fieldset);
  }

  show(record) {
    for (const spec of this.specs) this.showField(spec, record);
    this.markDirty();
    this.fault(null);
  }

  /** The record changed elsewhere: follow it, but never under the hands of the person who is typing. */
  follow(record) {
    for (const spec of this.specs) {
      const before = this.shown.get(spec.path);
      if (this.isDirty(spec.path)) continue;
      this.showField(spec, record);
      if (this.shown.get(spec.path) !== before) flash(this.controls.get(spec.path));
    }
    this.markDirty();
  }

  showField(spec, record) {
    const control = this.controls.get(spec.path);
    control.value = shownText(spec, valueAt(record, spec.path));
    // Read back: a textarea turns CRLF into LF, which must not count as an edit.
    this.shown.set(spec.path, control.value);
  }

  changes() {
    const changes = {};
    for (const spec of this.specs) {
      if (this.isDirty(spec.path)) setAt(changes, spec.path, typedValue(spec, this.controls.get(spec.path).value));
    }
    return changes;
  }

  dirtyCount() {
    return this.specs.filter((spec) => this.isDirty(spec.path)).length;
  }

  fault(path) {
    for (const [name, control] of this.controls) control.parentElement.classList.toggle('faulty', name === path);
    this.controls.get(path)?.focus();
  }

  isDirty(path) {
    return this.controls.get(path).value !== this.shown.get(path);
  }

  markDirty() {
    for (const [path, control] of this.controls) control.parentElement.classList.toggle('dirty', this.isDirty(path));
  }
}

export function flash(node) {
  node.classList.remove('flash');
  // Without a layout in between the browser sees no change and starts no animation.
  void node.offsetWidth;
  node.classList.add('flash');
}

const INPUT_TYPES = { email: 'text', phone: 'tel', url: 'url', date: 'date', instant: 'datetime-local', integer: 'number', number: 'number' };

function controlFor(spec) {
  const names = { id: `field-${spec.path}`, name: spec.path, 'data-testid': `field-${spec.path}` };
  if (spec.kind === 'multiline') return element('textarea', names);
  if (spec.kind === 'choice') return select(names, spec.choices.map((choice) => [choice, choice]));
  if (spec.kind === 'boolean') return select(names, [['true', 'Yes'], ['false', 'No']]);
  const step = { number: 'any', integer: '1', instant: '0.001' }[spec.kind];
  return element('input', { ...names, type: INPUT_TYPES[spec.kind] ?? 'text', ...(step === undefined ? {} : { step }) });
}

function select(names, options) {
  const unset = element('option', { value: '' }, '–');
  return element('select', names, unset, ...options.map(([value, label]) => element('option', { value }, label)));
}

function shownText(spec, value) {
  if (value === null || value === undefined) return '';
  if (spec.kind === 'tags') return value.join(', ');
  if (spec.kind === 'instant') return value.replace(/Z$/, '');
  return String(value);
}

function typedValue(spec, text) {
  if (spec.kind === 'tags') return text.split(',').map((tag) => tag.trim()).filter((tag) => tag !== '');
  if (text === '') return null;
  if (spec.kind === 'boolean') return text === 'true';
  if (spec.kind === 'number' || spec.kind === 'integer') return Number(text);
  if (spec.kind === 'instant') return new Date(`${text}Z`).toISOString();
  if (spec.kind === 'country') return text.trim().toUpperCase();
  return text;
}

function setAt(target, path, value) {
  const keys = path.split('.');
  const last = keys.pop();
  let at = target;
  for (const key of keys) at = at[key] ??= {};
  at[last] = value;
}
