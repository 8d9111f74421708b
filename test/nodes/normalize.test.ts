import { createServer, type Server } from 'node:http';
import type { IDataObject, INode, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseStamp } from '../../core/origin-stamp';
import { runWorkflow, type WorkflowJson, type WorkflowRun } from '../support/engine';
import { CRM_MAPPING, rawContact } from '../support/mappings';

type Wire = readonly [from: string, to: string];

const node = (name: string, type: string, typeVersion: number, parameters: INodeParameters = {}, more: Partial<INode> = {}): INode =>
  ({ id: name, name, type, typeVersion, position: [0, 0], parameters, ...more });
const start = node('Start', 'n8n-nodes-base.manualTrigger', 1);
const normalize = (parameters: INodeParameters, more: Partial<INode> = {}): INode =>
  node('Normalize', 'n8n-nodes-two-way-sync.normalize', 1, { defineBy: 'json', mappingJson: JSON.stringify(CRM_MAPPING), ...parameters }, more);

function workflow(nodes: readonly INode[], wires: readonly Wire[]): WorkflowJson {
  return { name: 'normalize', nodes, connections: Object.fromEntries(wires.map(([from, to]) => [from, { main: [[{ node: to, type: 'main', index: 0 }]] }])) };
}

async function outputsOf(parameters: INodeParameters, inputItems: readonly IDataObject[], more: Partial<INode> = {}): Promise<readonly (readonly INodeExecutionData[])[]> {
  const run = await runWorkflow(workflow([start, normalize(parameters, more)], [['Start', 'Normalize']]), { inputItems });
  if (run.error !== undefined) throw run.error;
  return run.byNode.get('Normalize') ?? [];
}
const plain = (items: readonly INodeExecutionData[] | undefined): IDataObject[] => (items ?? []).map(({ json }) => structuredClone(json));
const containing = (text: string): unknown => expect.stringContaining(text);
const record = (more: object = {}): IDataObject => (({ ...structuredClone(rawContact), ...more }));

const sync = { sync: 'contacts', record_type: 'contact', source: 'support', target: 'crm', run_id: 'r1', read_token: 5, dry_run: false, attempt: 0 };
const patch = { system: 'crm', op: 'update', native_id: '4829', fields: { phone: '+12015550199', priority: 'low' }, from: {}, if_match: '"7"', idempotency_key: 'contact_4829-v7', match_key: null, echo_fingerprint: null };
const plan = (patches: readonly object[]): IDataObject => ({ record_key: 'contact_4829', situation: 'linked', patches, links: {}, next: {}, bases: {}, open_reviews: [], close_reviews: [], overrides: [], used_intents: [], reasons: {}, look_again: false });
const reservation = { fencing_token: 17, version: 8, lease_expires_at: '2026-01-01T00:00:00Z' };
const reserved = (patches: readonly object[]): IDataObject => ({ sync, record_key: 'contact_4829', plan: plan(patches), reservation, raw: 'not ours' });

describe('Normalize node', () => {
  let server: Server;
  let url: string;
  const received: { readonly method: string; readonly body: string; readonly ifMatch: string | undefined }[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => { body += chunk.toString(); });
      request.on('end', () => {
        received.push({ method: request.method ?? '', body, ifMatch: request.headers['if-match'] });
        const status = request.url === '/contacts/4829' ? 200 : request.url === '/contacts/busy' ? 429 : 404;
        response.writeHead(status, { 'content-type': 'application/json', etag: '"8"', 'retry-after': '7' });
        response.end(JSON.stringify(status === 200 ? { ...rawContact, ...(JSON.parse(body === '' ? '{}' : body) as object) } : { error: { message: 'no' } }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  });
  afterAll(() => server.close());

  const request = (name: string, parameters: INodeParameters): INode =>
    node(name, 'n8n-nodes-base.httpRequest', 4.2, { options: { response: { response: { fullResponse: true, neverError: true } } }, ...parameters });

  it('G11 places a bad item in the middle on Rejected with every reason, keeps links, and lets nothing unmapped out', async () => {
    const outputs = await outputsOf({ itemHolds: 'record' }, [record({ sync }), record({ email: 'nobody', priority: '9' }), record({ id: 4830 })]);
    expect(outputs.map((items) => items.length)).toEqual([2, 1]);
    expect(plain(outputs[0])).toMatchObject([{ sync, observation: { native_id: '4829', record: { phone: '+12015550123' } } }, { observation: { native_id: '4830' } }]);
    expect(plain(outputs[1])).toMatchObject([{ sync, rejected: { code: 'unmapped_value', system: 'crm', native_id: '4829', retryable: false, reasons: [expect.stringContaining('email'), expect.stringContaining('priority')] } }]);
    expect(outputs.flat().map(({ pairedItem }) => pairedItem)).toMatchObject([{ item: 0 }, { item: 2 }, { item: 1 }]);
    expect(JSON.stringify(outputs)).not.toContain('never mapped');
  });

  it('G11 an empty input gives empty outputs', async () => {
    expect((await outputsOf({ itemHolds: 'record' }, [])).flat()).toEqual([]);
  });

  it('the form makes the same observation as JSON', async () => {
    const field = (name: string, type: string, options: INodeParameters = {}): INodeParameters => ({ name, path: name === 'revenue' ? 'annual_revenue' : name, type, options });
    const fields: INodeParameters = {
      field: [
        field('first_name', 'text', { cleanUp: ['trim'] }), field('last_name', 'text', { cleanUp: ['trim'], required: true }), field('email', 'email', { required: true }),
        field('phone', 'phone', { region: 'US', regionPath: 'country', allowClearing: true }), field('city', 'text'), field('newsletter', 'boolean'), field('tags', 'set'),
        field('priority', 'choice', { values: { pair: CRM_MAPPING.fields[7].values.map(({ system_value, canonical }) => ({ systemValue: system_value, canonical })) } }),
        field('revenue', 'decimal', { decimals: 2 }), field('score', 'number', { direction: 'in' }),
      ],
    };
    const form = { defineBy: 'form', itemHolds: 'record', system: 'crm', recordType: 'contact', matchField: 'email', stampPath: 'custom.sync_origin', updatedAtPath: 'updated_at', versionFrom: 'header', fields };
    const [[byForm] = []] = await outputsOf(form, [record()]);
    const [[byJson] = []] = await outputsOf({ itemHolds: 'record' }, [record()]);
    expect(byForm?.json).toEqual(byJson?.json);
  });

  it('D6 F4 reads through a real HTTP Request: present, gone, and not now', async () => {
    const hint = (native_id: string): IDataObject => ({ sync, hint: { system: 'crm', native_id } });
    const run = await runWorkflow(
      workflow(
        [start, request('Read contact', { url: `=${url}/contacts/{{ $json.hint.native_id }}` }), normalize({ envelope: "={{ $('Start').item.json }}", run: "={{ $('Start').first().json.sync }}" })],
        [['Start', 'Read contact'], ['Read contact', 'Normalize']],
      ),
      { inputItems: [hint('4829'), hint('busy'), hint('4711')] },
    );
    expect(run.error).toBeUndefined();
    expect(plain(run.byNode.get('Normalize')?.[0])).toMatchObject([
      { sync, hint: { native_id: '4829' }, observation: { presence: 'present', etag: '"8"' } },
      { sync, observation: { presence: 'gone', native_id: '4711' } },
    ]);
    expect(plain(run.byNode.get('Normalize')?.[1])).toMatchObject([{ hint: { native_id: 'busy' }, rejected: { code: 'read_failed', retryable: true, retry_after_seconds: 7 } }]);
  });

  it('denormalizes, writes through a real HTTP Request and normalizes the result', async () => {
    received.length = 0;
    const write = request('Update contact', {
      method: 'PATCH', url: `=${url}/contacts/{{ $json.request.native_id }}`, sendHeaders: true,
      headerParameters: { parameters: [{ name: 'If-Match', value: '={{ $json.request.if_match }}' }] },
      sendBody: true, specifyBody: 'json', jsonBody: '={{ $json.request.body }}',
    });
    const run = await runWorkflow(
      workflow(
        [start, { ...normalize({ operation: 'denormalize' }), name: 'To CRM', id: 'd' }, write, normalize({ itemHolds: 'write_result', envelope: "={{ $('To CRM').item.json }}" })],
        [['Start', 'To CRM'], ['To CRM', 'Update contact'], ['Update contact', 'Normalize']],
      ),
      { inputItems: [reserved([patch]), reserved([{ ...patch, native_id: '4711' }])] },
    );
    expect(run.error).toBeUndefined();
    const [sent] = received;
    expect(sent?.ifMatch).toBe('"7"');
    const body = JSON.parse(sent?.body ?? '{}') as { custom: { sync_origin: string } };
    expect(body).toEqual({ phone: '+12015550199', priority: '4', custom: { sync_origin: body.custom.sync_origin } });
    expect(parseStamp(body.custom.sync_origin)).toMatchObject({ sync: 'contacts', record_key: 'contact_4829', fencing_token: 17 });
    expect(plain(run.byNode.get('Normalize')?.[0])).toMatchObject([
      { sync, plan: { record_key: 'contact_4829' }, reservation, writes: [{ system: 'crm', outcome: { kind: 'written', observation: { record: { phone: '+12015550199', priority: 'low' } } } }] },
      { writes: [{ system: 'crm', outcome: { kind: 'refused' } }] },
    ]);
  });

  it('Denormalize tells apart what can be written, what cannot, and what is for another system', async () => {
    const outputs = await outputsOf({ operation: 'denormalize' }, [reserved([patch]), reserved([{ ...patch, fields: { priority: 'whenever' } }]), reserved([{ ...patch, system: 'support' }])]);
    expect(outputs.map((items) => items.length)).toEqual([1, 1, 1]);
    expect(plain(outputs[0])[0]).not.toHaveProperty('raw');
    expect(plain(outputs[1])).toMatchObject([{ rejected: { code: 'rejected_write', retryable: false }, reservation, writes: [{ system: 'crm', outcome: { kind: 'rejected', reason: containing('whenever') } }] }]);
    expect(plain(outputs[2])[0]).not.toHaveProperty('request');
  });

  it('a write result that says nothing stays on the way to Commit, as unknown', async () => {
    const outputs = await outputsOf({ itemHolds: 'write_result' }, [{ ...reserved([patch]), error: { message: 'socket hang up' }, request: { op: 'update', native_id: '4829' } }, { sync, body: {} }]);
    expect(outputs.map((items) => items.length)).toEqual([2, 0]);
    expect(plain(outputs[0])).toMatchObject([{ writes: [{ outcome: { kind: 'unknown', reason: containing('socket hang up') } }] }, { writes: [{ outcome: { kind: 'unknown' } }] }]);
  });

  it('Continue On Fail puts the failed item on Rejected, never on Valid', async () => {
    const outputs = await outputsOf({ operation: 'denormalize' }, [reserved([patch]), { sync }, reserved([patch])], { onError: 'continueRegularOutput' });
    expect(outputs.map((items) => items.length)).toEqual([2, 1, 0]);
    expect(JSON.stringify(plain(outputs[1]))).toContain('Item 1: `plan` is missing');
  });

  it.each<[string, INodeParameters, RegExp]>([
    ['a mapping that cannot be right', { mappingJson: JSON.stringify({ ...CRM_MAPPING, match_field: 'nickname' }) }, /Match Field: "nickname" is no mapped field/u],
    ['JSON that is none', { mappingJson: '{' }, /"Mapping" cannot be used: not JSON/u],
    ['a blank name in the form', { defineBy: 'form', system: ' ', recordType: 'contact' }, /"System" is empty/u],
  ])('refuses %s before the first item, naming the parameter', async (_case, parameters, message) => {
    const run: WorkflowRun = await runWorkflow(workflow([start, normalize({ itemHolds: 'record', ...parameters })], [['Start', 'Normalize']]), { inputItems: [record()] });
    expect(run.error?.message).toMatch(message);
  });
});
