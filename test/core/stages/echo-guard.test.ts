import { describe, expect, it } from 'vitest';
import { canonicalRecord } from '../../../core/json/canonical-record';
import { fingerprint } from '../../../core/json/fingerprint';
import { formatStamp } from '../../../core/origin-stamp';
import { decideEcho } from '../../../core/stages/echo-guard';
import { intent, present, row, RUN, snapshot } from '../../support/decisions';

const SETTINGS = { origin_stamp: { on: true, sentinel: 'n8n-sync' }, write_hash: { on: true }, suppression_window: { on: true, seconds: 60, alternations: 3 } };
const V2 = { phone: 'v2' };
const of = (fields: Record<string, string>) => fingerprint(canonicalRecord(Object.entries(fields)));
const stamp = (fields: Record<string, string>) => formatStamp({ sync: 'test', record_key: 'contact_1', fencing_token: 7, value_hash: of(fields) });
const latest = (fields: Record<string, string>) => ({ direction: 'b-to-a', field_hash: of(fields) });

describe('Echo Guard', () => {
  it('E3 knows what was written last by its content, however late it comes back', () => {
    expect(decideEcho(SETTINGS, RUN, { observation: present('a', V2), row: row(snapshot(V2), snapshot(V2), { latest: latest(V2) }), full: false })).toMatchObject({ kind: 'Echo', proof: 'write_hash' });
  });

  it('lets pass what equals the value that was synced and not its own snapshot: the snapshot has to be put right [law 14]', () => {
    const known = row(snapshot({ phone: '(v2)' }), snapshot(V2), { latest: latest(V2) });
    for (const over of [{}, { stamp: stamp(V2) }]) expect(decideEcho(SETTINGS, RUN, { observation: present('a', V2, over), row: known, full: false }).kind).toBe('Genuine');
  });

  it('E1 a value set back on a stamped record is an edit, though the old stamp was written with that very value', () => {
    const known = row(snapshot(V2), snapshot(V2), { latest: latest(V2) });
    expect(decideEcho(SETTINGS, RUN, { observation: present('a', { phone: 'v1' }, { stamp: stamp({ phone: 'v1' }) }), row: known, full: false }).kind).toBe('Genuine');
  });

  it('E4 an edit of another field beside a stamp is an edit', () => {
    const known = row(snapshot(V2), snapshot(V2));
    expect(decideEcho(SETTINGS, RUN, { observation: present('a', { ...V2, city: 'Ulm' }, { stamp: stamp(V2) }), row: known, full: false }).kind).toBe('Genuine');
  });

  it('stands aside when both sides must be compared: a Recheck, an open intent', () => {
    const known = row(snapshot({ phone: 'v1' }), snapshot(V2), { latest: latest(V2) });
    expect(decideEcho(SETTINGS, RUN, { observation: present('a', V2), row: known, full: true }).kind).toBe('Genuine');
    expect(decideEcho(SETTINGS, RUN, { observation: present('a', V2), row: { ...known, intents: [intent('a', 7, V2, V2)] }, full: false }).kind).toBe('Genuine');
  });

  it('E12 holds a field that keeps changing sides, and names it', () => {
    const recent = ['b-to-a', 'a-to-b', 'b-to-a'].map((direction) => ({ direction, field_hash: 'v1:x', fields: ['phone'], at: '2026-01-01T00:00:00.000Z' }));
    const held = decideEcho(SETTINGS, RUN, { observation: present('a', { phone: 'v9' }), row: row(snapshot(V2), snapshot(V2), { recent }), full: false });
    expect(held).toMatchObject({ kind: 'Held', held_fields: ['phone'] });
    const two = decideEcho(SETTINGS, RUN, { observation: present('a', { phone: 'v9' }), row: row(snapshot(V2), snapshot(V2), { recent: recent.slice(1) }), full: false });
    expect(two.kind).toBe('Genuine');
  });
});
