/** No error of a store says what was typed into the credential, and none waits for ever. */
import { chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SyncError } from '../../core/sync-error';
import { openLedger, testLedger, type LedgerSettings, type PostgresSettings } from '../../ledger/open-ledger';
import { startPostgres, type PostgresServer } from '../../tools/postgres';
import { startRequest } from '../ledger/items';
import { OTHER_AUTHORITY, SERVER_CERTIFICATE, SERVER_KEY } from './tls-fixture';

const SECRET = 'hunter2-topsecret';

/** What a person is told; the whole error goes through the check for secrets, stack and cause included. */
async function told(settings: LedgerSettings): Promise<string> {
  const error: unknown = await testLedger(settings).then(() => null, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  const hint = error instanceof SyncError ? error.hint : '';
  const all = [hint, String(error), error instanceof Error ? `${error.stack ?? ''} ${JSON.stringify(error)} ${String(error.cause)}` : ''].join('\n');
  expect(all).not.toContain(SECRET);
  expect(all).not.toMatch(/postgres(?:ql)?:\/\/|redis:\/\//u);
  return `${String(error)} ${hint}`;
}

describe('PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
    const client = new Client({ connectionString: server.connectionString() });
    await client.connect();
    const folder = (await client.query<{ path: string }>(`SELECT current_setting('data_directory') AS path`)).rows[0]?.path ?? '';
    // PostgreSQL takes a key only from its own user, and from nobody else's reach.
    const write = (name: string, text: string): void => {
      const [file, { uid, gid }] = [join(folder, name), statSync(folder)];
      writeFileSync(file, `${text.trim()}\n`, { mode: 0o600 });
      chownSync(file, uid, gid);
    };
    await client.query(`CREATE ROLE locked LOGIN PASSWORD '${SECRET}'`);
    write('server.key', SERVER_KEY);
    write('server.crt', SERVER_CERTIFICATE);
    write('pg_hba.conf', 'host all locked 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust');
    await client.query('ALTER SYSTEM SET ssl = on');
    await client.query('SELECT pg_reload_conf()');
    await client.end();
  });
  afterAll(() => server.stop());

  const settings = (more: Partial<PostgresSettings>): PostgresSettings => ({ kind: 'postgres', host: server.host, port: server.port, database: 'postgres', user: 'postgres', schema: 'secrets', ...more });
  const connecting = (query: string, mode: 'disable' | 'require' | 'verify'): PostgresSettings =>
    ({ kind: 'postgres', connectionString: `postgres://postgres:${SECRET}@${server.host}:${server.port}/postgres${query}`, ssl: { mode }, schema: 'secrets' });

  it('a wrong password is told without it', async () => {
    expect(await told(settings({ user: 'locked', password: `${SECRET}-wrong` }))).toContain('refused the login');
    expect(await told({ kind: 'postgres', connectionString: `postgres://locked:${SECRET}-wrong@${server.host}:${server.port}/postgres`, schema: 'secrets' })).toContain('refused the login');
  });

  it('a server whose certificate nobody vouches for is refused, and so is one of another authority', async () => {
    expect(await told(settings({ ssl: { mode: 'verify' }, password: SECRET }))).toContain('certificate');
    expect(await told(settings({ ssl: { mode: 'verify', ca: OTHER_AUTHORITY }, password: SECRET }))).toContain('certificate');
    expect(await testLedger(settings({ ssl: { mode: 'verify', ca: SERVER_CERTIFICATE } }))).toContain('ready');
  });

  it.each([
    ['?sslmode=disable', 'verify'], ['?sslmode=no-verify', 'verify'], ['?sslmode=require', 'disable'], ['?application_name=x&sslmode=prefer', 'disable'], ['?sslmode=disable&sslmode=verify-full', 'verify'],
  ] as const)('%s in the connection string does not go before "%s" of the credential', async (query, mode) => {
    expect(await told(connecting(query, mode))).toContain('different things about encryption');
  });

  it.each(['ssl=0', 'ssl=true', 'sslrootcert=/etc/passwd', 'sslkey=/etc/shadow', 'sslcert=/etc/passwd', 'uselibpqcompat=true'])('%s in the connection string is refused: it reads files, or weakens the check', async (option) => {
    expect(await told(connecting(`?${option}`, 'verify'))).toContain(option.split('=')[0]);
  });

  it('a connection string that says the same as the credential is taken, and is what it says', async () => {
    expect(await testLedger(connecting('?sslmode=require', 'require'))).toContain('ready');
    expect(await told(connecting('?sslmode=verify-full', 'verify'))).toContain('certificate');
  });

  it('a connection string that is none is refused without being quoted', async () => {
    for (const connectionString of [`postgres://u:${SECRET}@[bad/db`, `postgres://u:${SECRET}@host:notaport/db`, `not a string ${SECRET}`]) await told({ kind: 'postgres', connectionString, ssl: { mode: 'disable' }, schema: 'secrets' });
  });

  it('a Redis that is not there is never told, whatever its address holds: the ledger works without it', async () => {
    const store = openLedger(settings({ redisUrl: `redis://user:${SECRET}@127.0.0.1:1/0` }));
    expect((await store.start(startRequest('c1'))).noted).toHaveLength(1);
    await store.close();
    const nonsense = openLedger(settings({ redisUrl: `:::${SECRET}` }));
    expect((await nonsense.start(startRequest('c1'))).noted).toHaveLength(1);
    await nonsense.close();
  });
});

describe('SQLite', () => {
  let folder: string;
  beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'two-way-sync-secrets-')); });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const notADatabase = (): string => {
    const file = join(folder, 'notes.txt');
    writeFileSync(file, 'a file that somebody needs\n'.repeat(200));
    return file;
  };

  it.each([
    ['a path in /proc', () => '/proc/ledger.sqlite'],
    ['a path in a process', () => '/proc/self/ledger.sqlite'],
    ['a folder below /proc', () => '/proc/self/fd/9999/ledger.sqlite'],
    ['a folder', () => folder],
    ['a device that is always full', () => '/dev/full'],
    ['a file of something else', notADatabase],
    ['a path with NUL', () => join(folder, 'a\0b.sqlite')],
    ['a name that is too long', () => join(folder, 'a'.repeat(300))],
  ])('%s is refused at once, in words', async (_title, file) => {
    expect(await told({ kind: 'sqlite', file: file() })).toMatch(/SQLite ledger ".*" cannot be used/u);
  });
});
