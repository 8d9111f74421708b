import { byId, call, element } from './dom.js';

const SWITCH = 'switch';
const NUMBER = 'number';
const TEXT = 'text';

/** What each quirk is called here, and how its value is edited. */
const GROUPS = [
  ['Values', [
    ['send_nulls', 'Send unset fields as null', SWITCH],
    ['reformat_phones', 'Reformat phones', SWITCH],
    ['reformat_emails', 'Trim and lower-case e-mails', SWITCH],
    ['automation', 'Automation: urgent → escalation', SWITCH],
    ['automation_tags', 'Automation: urgent adds a tag', SWITCH],
    ['unique_email', 'E-mail must be unique', SWITCH],
    ['append_on_write', 'Append “ *” to field', TEXT],
    ['reject_value', 'Reject value', 'rejection'],
  ]],
  ['Webhooks', [
    ['webhooks_off', 'Webhooks off', SWITCH],
    ['deliver_twice', 'Deliver twice', SWITCH],
    ['deliver_out_of_order', 'Out of order', SWITCH],
    ['partial_payloads', 'Partial payloads', SWITCH],
    ['deliver_late_ms', 'Deliver late (ms)', NUMBER],
    ['group_events_ms', 'Group events (ms)', NUMBER],
    ['lose_next', 'Lose next', NUMBER],
  ]],
  ['Transport', [
    ['rate_limit', 'Requests per second', NUMBER],
    ['fail_next', 'Fail next (count, status)', 'failure'],
    ['hang_next_write_ms', 'Hang next write (ms)', NUMBER],
    ['drop_response_next', 'Drop next responses', NUMBER],
    ['forbidden_ids', 'Forbidden ids', 'ids'],
  ]],
];

/** How each kind of quirk is shown in text inputs, and read back from them. */
const KINDS = {
  number: { inputs: ['0'], show: (value) => [String(value)], read: ([text]) => ({ value: Number(text) }) },
  text: { inputs: ['field'], show: (value) => [value ?? ''], read: ([text]) => ({ value: text === '' ? null : text }) },
  ids: { inputs: ['id, id'], show: (value) => [value.join(', ')], read: ([text]) => ({ value: text.split(',').map((id) => id.trim()).filter((id) => id !== '') }) },
  failure: {
    inputs: ['count', '503'],
    show: (value) => (value === null ? ['', ''] : [String(value.count), String(value.status)]),
    read: ([count, status]) => (count === '' ? { value: null } : { value: { count: Number(count), status: Number(status === '' ? '503' : status) } }),
  },
  rejection: {
    inputs: ['field', 'value'],
    show: (value) => (value === null ? ['', ''] : [value.field, typeof value.value === 'string' ? value.value : JSON.stringify(value.value)]),
    read: ([field, value]) => (field === '' ? { value: null } : { value: { field, value } }),
  },
};

export async function startQuirkPanel() {
  const defaults = await call('GET', '/admin/quirks');
  const controls = new Map();
  const show = (quirks) => {
    for (const control of controls.values()) control.show(quirks);
    const changed = Object.keys(quirks).filter((name) => JSON.stringify(quirks[name]) !== JSON.stringify(defaults[name]));
    byId('quirks-on').textContent = changed.length === 0 ? '' : `${changed.length} changed`;
  };
  const set = async (name, value) => show(await call('PATCH', '/admin/quirks', { [name]: value }).catch(() => call('GET', '/admin/quirks')));
  for (const [title, quirks] of GROUPS) {
    byId('quirk-form').append(element('h3', {}, title));
    for (const [name, label, kind] of quirks) {
      const control = kind === SWITCH ? toggle(name, label, set) : inputs(name, label, KINDS[kind], set);
      controls.set(name, control);
      byId('quirk-form').append(control.row);
    }
  }
  byId('quirk-form').addEventListener('submit', (event) => event.preventDefault());
  show(defaults);
  // Counting quirks run down by themselves; the panel shows the truth when it is opened.
  byId('quirks').addEventListener('toggle', async () => show(await call('GET', '/admin/quirks')));
  byId('touch-all').addEventListener('click', () => call('POST', '/admin/touch-all'));
  byId('reset').addEventListener('click', async () => {
    await call('POST', '/admin/reset', {});
    show(await call('GET', '/admin/quirks'));
  });
}

function toggle(name, label, set) {
  const box = element('input', { type: 'checkbox', role: 'switch', id: `quirk-${name}`, 'data-testid': `quirk-${name}` });
  box.addEventListener('change', () => set(name, box.checked));
  const row = element('div', { class: 'quirk' }, element('label', { for: box.id }, label), box);
  return { row, show: (quirks) => { box.checked = quirks[name]; } };
}

function inputs(name, label, kind, set) {
  const wide = kind.inputs.length === 1 && kind.inputs[0] !== '0' ? 'wide' : '';
  const boxes = kind.inputs.map((placeholder, i) => {
    const id = i === 0 ? `quirk-${name}` : `quirk-${name}-${i}`;
    return element('input', { type: 'text', class: wide, id, 'data-testid': id, placeholder, 'aria-label': `${label}: ${placeholder}` });
  });
  for (const box of boxes) box.addEventListener('change', () => set(name, kind.read(boxes.map((each) => each.value)).value));
  const row = element('div', { class: 'quirk' }, element('span', {}, label), element('div', { class: 'inputs' }, ...boxes));
  const show = (quirks) => kind.show(quirks[name]).forEach((text, i) => { boxes[i].value = text; });
  return { row, show };
}
