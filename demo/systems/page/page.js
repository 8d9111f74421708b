import { showActivity } from './activity.js';
import { byId, call, element, valueAt } from './dom.js';
import { startQuirkPanel } from './quirk-panel.js';
import { valueCell } from './record-cell.js';
import { flash, RecordForm } from './record-form.js';

const definition = await call('GET', '/ui/definition');
const labels = new Map(definition.fields.map((spec) => [spec.path, spec]));
const form = new RecordForm(byId('fields'), definition.fields, showDirty);
const view = { query: '', page: 1, openId: null, flashes: new Set(), timer: null };

function dress() {
  document.title = definition.title;
  document.documentElement.style.setProperty('--brand', definition.color);
  byId('title').textContent = definition.title;
  byId('subtitle').textContent = definition.record_type === 'contact' ? 'Contacts' : 'Standing tickets';
  byId('mark').textContent = definition.title.replace('Demo ', '')[0];
  byId('create').textContent = `New ${definition.record_type}`;
  byId('head').append(element('th', { scope: 'col' }, 'ID'), ...definition.columns.map((path) => element('th', { scope: 'col' }, labels.get(path).label)));
}

// The list

async function showRecords() {
  const query = new URLSearchParams({ q: view.query, page: String(view.page) });
  const { rows, total, page, pages } = await call('GET', `/ui/records?${query}`);
  view.page = page;
  byId('total').textContent = `${total} ${definition.record_type}${total === 1 ? '' : 's'}`;
  byId('page').textContent = `Page ${page} of ${pages}`;
  byId('previous').disabled = page <= 1;
  byId('next').disabled = page >= pages;
  byId('empty').hidden = total > 0;
  const focused = document.activeElement?.closest('tbody tr')?.dataset.id;
  byId('rows').replaceChildren(...rows.map(row));
  if (focused !== undefined) [...byId('rows').children].find((tr) => tr.dataset.id === focused)?.focus();
  view.flashes.clear();
}

function row(record) {
  const cells = definition.columns.map((path) => {
    const cell = valueCell(labels.get(path), valueAt(record, path));
    if (view.flashes.has(`${record.id} ${path}`) || view.flashes.has(`${record.id} *`)) flash(cell);
    return cell;
  });
  const tr = element('tr', { 'data-testid': `row-${record.id}`, 'data-id': record.id, tabindex: '0' }, element('td', { class: 'id' }, record.id), ...cells);
  tr.setAttribute('aria-selected', String(record.id === view.openId));
  tr.addEventListener('click', () => openRecord(record.id));
  tr.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') openRecord(record.id);
  });
  return tr;
}

/** Many changes at once, such as a bulk job, redraw the list once. */
function showSoon() {
  view.timer ??= setTimeout(() => {
    view.timer = null;
    void showRecords();
    void showActivity();
  }, 120);
}

// The form

async function openRecord(id) {
  const record = await call('GET', `/ui/records/${encodeURIComponent(id)}`);
  openForm(id, record);
}

function openForm(id, record) {
  view.openId = id;
  form.show(record);
  showError(null);
  byId('drawer').hidden = false;
  byId('delete').hidden = id === null;
  showFacts(record);
  showDirty();
  for (const tr of byId('rows').children) tr.setAttribute('aria-selected', String(tr.dataset.id === id));
  byId('drawer-title').focus();
}

function showFacts(record) {
  const isNew = view.openId === null;
  const name = definition.columns.slice(0, 2).map((path) => valueAt(record, path)).filter((part) => part !== null).join(' ');
  byId('drawer-title').textContent = isNew ? `New ${definition.record_type}` : name || view.openId;
  byId('drawer-facts').textContent = isNew ? 'Fields with * are required' : `${view.openId} · updated ${record.updated_at.replace('T', ' ').slice(0, 19)} UTC`;
}

function closeForm() {
  view.openId = null;
  byId('drawer').hidden = true;
  for (const tr of byId('rows').children) tr.setAttribute('aria-selected', 'false');
}

async function save() {
  const changes = form.changes();
  try {
    if (view.openId === null) await call('POST', '/ui/records', changes);
    else if (form.dirtyCount() > 0) await call('PATCH', `/ui/records/${encodeURIComponent(view.openId)}`, changes);
    closeForm();
  } catch (error) {
    showError(error);
  }
}

async function remove() {
  const id = view.openId;
  // Closed first, or the page would follow the record into the bin.
  closeForm();
  await call('DELETE', `/ui/records/${encodeURIComponent(id)}`);
}

function showError(error) {
  byId('form-error').hidden = error === null;
  byId('form-error').textContent = error?.message ?? '';
  form.fault(error?.field ?? null);
}

function showDirty() {
  const count = form.dirtyCount();
  byId('dirty').textContent = count === 0 ? '' : `${count} changed field${count === 1 ? '' : 's'}`;
}

async function followOpenRecord() {
  try {
    const record = await call('GET', `/ui/records/${encodeURIComponent(view.openId)}`);
    form.follow(record);
    showFacts(record);
  } catch (error) {
    showError(error);
  }
}

// Live

function listen() {
  const source = new EventSource('/ui/events');
  source.addEventListener('open', () => setLive(true));
  source.addEventListener('error', () => setLive(false));
  source.addEventListener('counters', (event) => {
    for (const [name, count] of Object.entries(JSON.parse(event.data))) {
      const counter = document.querySelector(`[data-testid="counter-${name}"]`);
      if (counter !== null) counter.textContent = String(count);
    }
  });
  source.addEventListener('changes', (event) => {
    const changes = JSON.parse(event.data);
    for (const { type, id, fields } of changes) {
      if (type === 'created') view.flashes.add(`${id} *`);
      for (const path of fields) view.flashes.add(`${id} ${path}`);
    }
    const open = changes.findLast(({ id }) => id === view.openId);
    if (open?.type === 'deleted') showError(new Error(`${open.id} was deleted.`));
    else if (open !== undefined) void followOpenRecord();
    showSoon();
  });
}

function setLive(on) {
  byId('live').dataset.on = String(on);
  byId('live').textContent = on ? 'live' : 'offline';
  // What happened while the page was away was not told to it.
  if (on) showSoon();
}

function attach() {
  byId('search').addEventListener('input', (event) => {
    view.query = event.target.value;
    view.page = 1;
    showSoon();
  });
  byId('previous').addEventListener('click', () => {
    view.page -= 1;
    void showRecords();
  });
  byId('next').addEventListener('click', () => {
    view.page += 1;
    void showRecords();
  });
  byId('create').addEventListener('click', () => openForm(null, {}));
  byId('close').addEventListener('click', closeForm);
  byId('delete').addEventListener('click', remove);
  byId('record-form').addEventListener('submit', (event) => {
    event.preventDefault();
    void save();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !byId('drawer').hidden) closeForm();
  });
}

dress();
attach();
await startQuirkPanel();
await showRecords();
await showActivity();
listen();
