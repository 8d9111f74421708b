import type { IDataObject } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';
import type { LedgerRow } from '../../core/model';
import { formatStamp } from '../../core/origin-stamp';
import { fingerprint } from '../../core/json/fingerprint';
import { asJson, contact, runContext } from './contacts';
import { runNode } from './node-run';

const record = { email: 'ann@example.com', phone: '+1' };
const ann = contact('crm', '1', record);
const edited = contact('crm', '1', { ...record, phone: '+2' });
const goOn = { onError: 'continueRegularOutput' } as const;

function row(more: Partial<LedgerRow> = {}): LedgerRow {
  const { fingerprint: hash, schema } = ann;
  return {
    record_key: 'contact_1', version: 3, committed_version: 3, links: { crm: '1', support: 'T-1' }, intents: [], reviews: [], recent: [],
    snapshots: { crm: { presence: 'present', record, fingerprint: hash, mapping_fingerprint: schema.mapping_fingerprint }, support: null },
    latest: { direction: 'support-to-crm', field_hash: hash! }, ...more,
  };
}
const item = (source: object, held: LedgerRow | null, more: object = {}): IDataObject => asJson({ sync: runContext(), source, row: held, full: false, record_key: 'contact_1', ...more });

describe('Echo Guard', () => {
  it('names the proof of an echo, lets new content through, and blocks nobody for a bad item in the middle', async () => {
    const batch = [item(ann, row()), { sync: runContext() }, item(edited, row())];
    const run = await runNode('echoGuard', {}, batch, goOn);
    expect(run.counts).toEqual({ Genuine: 1, Echo: 1, Held: 1 });
    expect(run.on['Echo']?.[0]).toMatchObject({ json: { verdict: { kind: 'Echo', proof: 'write_hash' } }, pairedItem: { item: 0 } });
    expect(run.on['Genuine']?.[0]).toMatchObject({ json: { source: { record: { phone: '+2' } }, verdict: { kind: 'Genuine' } }, pairedItem: { item: 2 } });
    expect(run.on['Held']?.[0]).toMatchObject({ json: { verdict: { kind: 'Failed' } }, pairedItem: { item: 1 } });
    expect((await runNode('echoGuard', {}, batch)).error?.message).toContain('Item 1: `source` is missing');
  });

  it('a failed item on Held gets no further than Diff Engine', async () => {
    const held = await runNode('echoGuard', {}, [{ sync: runContext() }], goOn);
    const next = await runNode('diffEngine', {}, (held.on['Held'] ?? []).map(({ json }) => structuredClone(json)));
    expect(next.error).toBeUndefined();
    expect(next.counts).toEqual({ Unchanged: 1 });
  });

  it('takes our stamp for an echo only while every field is as we left it', async () => {
    const stamp = formatStamp({ sync: 'contacts', record_key: 'contact_1', fencing_token: 7, value_hash: fingerprint({ phone: '+1' }) });
    const stamped = { stamp, holds_stamps: true };
    const known = row({ latest: null });
    expect((await runNode('echoGuard', {}, [item(contact('crm', '1', record, stamped), known)])).on['Echo']?.[0]?.json).toMatchObject({ verdict: { proof: 'origin_stamp' } });
    expect((await runNode('echoGuard', {}, [item(contact('crm', '1', { ...record, phone: '+2' }, stamped), known)])).counts).toEqual({ Genuine: 1 });
    expect((await runNode('echoGuard', { originStamp: false }, [item(contact('crm', '1', record, stamped), known)])).counts).toEqual({ Genuine: 1 });
    expect((await runNode('echoGuard', { sentinel: 'other' }, [item(contact('crm', '1', record, stamped), known)])).counts).toEqual({ Genuine: 1 });
  });

  it('is a saving only: with every proof off everything goes on', async () => {
    const off = { originStamp: false, writeHash: false, suppressionWindow: false };
    expect((await runNode('echoGuard', off, [item(ann, row())])).counts).toEqual({ Genuine: 1 });
  });

  it('E12 holds a field that keeps alternating, and names it', async () => {
    const turn = (direction: string): LedgerRow['recent'][number] => ({ direction, field_hash: 'v1:x', fields: ['phone'], at: '2026-01-01T00:00:00.000Z' });
    const alternating = row({ latest: null, recent: ['support-to-crm', 'crm-to-support', 'support-to-crm'].map(turn) });
    const run = await runNode('echoGuard', {}, [item(edited, alternating)]);
    expect(run.on['Held']?.[0]?.json).toMatchObject({ held_fields: ['phone'], verdict: { kind: 'Held' } });
  });

  it.each([{ windowSeconds: 0 }, { alternations: 1 }, { sentinel: '={{ "" }}' }])('refuses %j before the first item, and then lets nothing through', async (wrong) => {
    expect((await runNode('echoGuard', wrong, [item(edited, row())])).error?.message).toContain('Echo Guard');
    expect((await runNode('echoGuard', wrong, [item(edited, row())], goOn)).counts).toEqual({ Held: 1 });
  });
});
