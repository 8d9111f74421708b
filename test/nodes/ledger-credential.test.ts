/** The credential: its form, its Test button, and that no secret ever comes back. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ICredentialDataDecryptedObject, ICredentialTestFunctions, INodeCredentialTestResult } from 'n8n-workflow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ledgerSettings } from '../../nodes/shared/ledger-connection';
import { defaultLedgerFile } from '../../ledger/default-ledger-file';
import { loadNodes } from '../support/node-types';

let folder: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'ledger-credential-')); });
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

/** The Test button of the built node, as n8n presses it. */
async function press(data: ICredentialDataDecryptedObject): Promise<INodeCredentialTestResult> {
  const { methods } = (await loadNodes()).types.getByNameAndVersion('n8n-nodes-two-way-sync.ledgerCheck', 1);
  const test = methods?.credentialTest?.['testLedgerCredential'];
  return await test!.call({} as ICredentialTestFunctions, { id: '1', name: 'Ledger', type: 'syncLedgerApi', data });
}

describe('the Sync Ledger credential', () => {
  it('Test makes the file and its schema, and says so', async () => {
    expect(await press({ store: 'sqlite', file: join(folder, 'new', 'ledger.sqlite') })).toMatchObject({ status: 'OK' });
  });

  it('Test says in words what is wrong', async () => {
    const notAFolder = join(folder, 'file');
    writeFileSync(notAFolder, '');
    const result = await press({ store: 'sqlite', file: join(notAFolder, 'ledger.sqlite') });
    expect(result.status).toBe('Error');
    expect(result.message).not.toBe('');
  });

  it.each([
    ['PostgreSQL without a database', { store: 'postgres', host: 'db', user: 'joe', password: 'hunter2' }, '"Host", "Database" and "User"'],
    ['an empty connection string', { store: 'postgres', connectBy: 'connectionString' }, '"Connection String"'],
    ['a CA that nobody looks at', { store: 'postgres', host: 'db', database: 'd', user: 'joe', ca: 'PEM' }, 'CA certificate'],
    ['an impossible port', { store: 'postgres', host: 'db', database: 'd', user: 'joe', port: 0 }, 'field "port"'],
  ])('refuses %s by the name of the field, without its value', async (_title, data, message) => {
    const result = await press(data);
    expect(result).toMatchObject({ status: 'Error', message: expect.stringContaining(message) as string });
    expect(result.message).not.toContain('hunter2');
  });

  it('an empty file is the one in the n8n user folder', () => {
    expect(() => ledgerSettings({ store: 'sqlite', file: ':memory:' })).toThrow(/forgets everything/);
    expect(ledgerSettings({ store: 'sqlite', file: ' ' })).toEqual({ kind: 'sqlite', file: defaultLedgerFile() });
    expect(defaultLedgerFile({ N8N_USER_FOLDER: '/data' })).toBe(join('/data', '.n8n', 'two-way-sync', 'ledger.sqlite'));
  });

  it('fields of the form that is not shown are left alone', () => {
    expect(ledgerSettings({ store: 'postgres', connectBy: 'connectionString', connectionString: 'postgres://x/y', host: 'left over', sslMode: 'require', redisUrl: 'redis://r' }))
      .toEqual({ kind: 'postgres', connectionString: 'postgres://x/y', ssl: { mode: 'require' }, schema: 'public', redisUrl: 'redis://r' });
  });

  it('every secret of the form is a password field, and both ledger nodes offer the Test', async () => {
    const loaded = await loadNodes();
    const secret = loaded.credentialProperties('syncLedgerApi').filter(({ typeOptions }) => typeOptions?.password === true).map(({ name }) => name);
    expect(secret.sort()).toEqual(['connectionString', 'password', 'redisUrl', 'sealKey']);
    for (const type of ['ledgerCheck', 'ledgerCommit']) {
      const { description, methods } = loaded.types.getByNameAndVersion(`n8n-nodes-two-way-sync.${type}`, 1);
      expect(Object.keys(methods?.credentialTest ?? {})).toEqual([description.credentials?.[0]?.testedBy]);
    }
  });
});
