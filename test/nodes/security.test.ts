/** What hostile items, sealed fields and an erasure come to on the canvas. */
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withoutSecrets } from '../../nodes/shared/error-mapping';
import { absent, contact, SYNC } from './contacts';
import { LedgerOnCanvas } from './ledger-on-canvas';
import { jsonOf, runNode } from './node-run';

const SSN = '123-45-6789';
const KEY = 'a long random text, made once';
const goOn = { onError: 'continueRegularOutput' } as const;

describe('sealed fields', () => {
  const mapping = { system: 'crm', record_type: 'contact', record_key: { path: 'id' }, native_id_path: 'id', fields: [{ name: 'ssn', path: 'ssn', type: 'text', sealed: true }] };
  const parameters = { operation: 'normalize', itemHolds: 'record', defineBy: 'json', mappingJson: JSON.stringify(mapping) };
  const keyed = (sealKey: string): ReadonlyMap<string, ICredentialDataDecryptedObject> => new Map([['ledger', { store: 'sqlite', file: '', sealKey }]]);

  it('are sealed with the key of the ledger credential, which is in no item', async () => {
    const run = await runNode('normalize', parameters, [{ id: '1', ssn: SSN }, { id: '2', ssn: [1] }, { id: '3', ssn: SSN }], { credentials: keyed(KEY), ...goOn });
    expect(run.counts).toEqual({ Valid: 2, Rejected: 1 });
    const [item] = jsonOf(run.on['Valid']);
    expect(item).toMatchObject({ observation: { record: { ssn: expect.stringMatching(/^sealed:v1:/u) as string }, plain: { ssn: SSN } } });
    expect(JSON.stringify(run.on)).not.toContain(KEY);
  });

  it('without a credential, or with a short key, stop before the first item and say what to do', async () => {
    expect((await runNode('normalize', parameters, [{ id: '1', ssn: SSN }])).error?.message).toContain('no Sync Ledger credential');
    const short = await runNode('normalize', parameters, [{ id: '1', ssn: SSN }], { credentials: keyed('short-key') });
    expect(short.error?.message).toContain('fewer than 16');
    expect(short.error?.message).not.toContain('short-key');
  });
});

describe('the ledger nodes', () => {
  let ledger: LedgerOnCanvas;
  beforeEach(() => { ledger = new LedgerOnCanvas(); });
  afterEach(() => { ledger.remove(); });

  it('refuse an id without measure and one that no system can be asked for, and note the others', async () => {
    const started = await ledger.check('start', SYNC, [{ native_id: '1' }, { native_id: 'x'.repeat(100_000) }, { native_id: '\ud800' }, { native_id: '2' }], goOn);
    expect(started.counts).toEqual({ Started: 2, 'Given Up': 2 });
    expect(jsonOf((await ledger.check('listPending', SYNC, [{}])).on['Pending'])).toHaveLength(2);
  });

  it('refuse names that JavaScript or a direction keeps for itself', async () => {
    for (const [name, value] of [['sourceSystem', '__proto__'], ['targetSystem', 'constructor'], ['sourceSystem', 'a-to-b'], ['syncName', 'x\ny'], ['recordType', 'toString']] as const) {
      expect((await ledger.check('start', { ...SYNC, [name]: value }, [{ native_id: '1' }])).error?.message, value).toContain('The parameter');
    }
  });

  it('refuse a value for a sealed field, and for one that was not in question: the ledger would keep it', async () => {
    const seal = `sealed:v1:${'a'.repeat(64)}`;
    const decide = async (value: object): Promise<string> => {
      const run = await ledger.commit('decideReview', { ...SYNC, reviewId: 'r1', decision: 'value', decidedBy: 'ann', value: JSON.stringify(value), shown: JSON.stringify({ crm: { ssn: seal, city: 'Lyon' }, support: { ssn: seal, city: 'Paris' } }) }, [{}], goOn);
      return JSON.stringify(run.on['Failed'] ?? []) + JSON.stringify(run.counts);
    };
    expect(await decide({ ssn: SSN })).toContain('is sealed');
    expect(await decide({ note: SSN })).toContain('not in question');
    expect(await decide({ city: 'Nice' })).toContain('"Not Found":1');
  });

  it('D7 erase what a record held once it is gone in both systems, refuse one that lives, and answer for each', async () => {
    const lives = [contact('crm', '1', { email: 'a@example.com' }), contact('support', 'T-1', { email: 'a@example.com' })] as const;
    const dies = [contact('crm', '2', { email: 'erase.me@example.com' }), contact('support', 'T-2', { email: 'erase.me@example.com' })] as const;
    await ledger.sync([lives, dies]);
    await ledger.sync([[absent('crm', 'gone', '2'), absent('support', 'gone', 'T-2')]]);
    const erased = await ledger.commit('erase', { ...SYNC, recordKey: '={{ $json.record_key }}' }, [{ record_key: 'contact_2' }, { record_key: 'contact_1' }, { record_key: 'nobody' }, { record_key: '' }], goOn);
    expect(erased.counts).toEqual({ Erased: 1, Refused: 2, Failed: 1 });
    expect(jsonOf(erased.on['Refused']).map((item) => item['verdict'])).toMatchObject([{ kind: 'Alive', reason: expect.stringContaining('crm and support') as string }, { kind: 'Unknown' }]);
    const history = async (recordKey: string): Promise<number> => jsonOf((await ledger.check('listHistory', { ...SYNC, recordKey, limit: 10 }, [{}])).on['History']).length;
    expect([await history('contact_1'), await history('contact_2')]).toEqual([1, 0]);
  });
});

it('what stands in a foreign error is struck out', () => {
  const text = withoutSecrets(`connect postgres://joe:${KEY.replaceAll(' ', '')}@db/x and redis://:${SSN}@r:1 with password=${SSN}, PWD: ${SSN}`);
  expect(text).not.toContain(SSN);
  expect(text).not.toContain(KEY.replaceAll(' ', ''));
});
