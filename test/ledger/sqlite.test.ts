import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openLedger, testLedger } from '../../ledger/open-ledger';
import { LEDGER_TABLES, ledgerContract } from './contract';
import { checkItem, scope, startRequest } from './items';

let folder: string;
let files = 0;
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'two-way-sync-ledger-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));

const newFile = (): string => join(folder, `${(files += 1)}`, 'ledger.sqlite');

function dumpOf(file: string): unknown {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('sync_sequence', 'sync_runs', 'sync_migrations') ORDER BY name").all();
    return tables.map(({ name }) => [name, database.prepare(`SELECT * FROM "${String(name)}" ORDER BY rowid`).all()]);
  } finally {
    database.close();
  }
}

function sizesOf(file: string): { readonly [table: string]: number } {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return Object.fromEntries(LEDGER_TABLES.map((table) => [table, Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'])]));
  } finally {
    database.close();
  }
}

ledgerContract('SQLite', (clock) => {
  const file = newFile();
  return Promise.resolve({ store: openLedger({ kind: 'sqlite', file }, { clock }), dump: () => Promise.resolve(dumpOf(file)), sizes: () => Promise.resolve(sizesOf(file)) });
});

it('a ledger that was closed and opened again remembers', async () => {
  const file = newFile();
  const first = openLedger({ kind: 'sqlite', file });
  await first.start(startRequest('c1'));
  await first.close();
  const second = openLedger({ kind: 'sqlite', file });
  expect((await second.pending(scope, 10)).hints).toEqual([{ system: 'crm', native_id: 'c1' }]);
  await second.close();
});

it('the test of a credential says what it found, or why the file cannot be used', async () => {
  expect(await testLedger({ kind: 'sqlite', file: newFile() })).toContain('ready');
  await writeFile(join(folder, 'a-file'), '');
  await expect(testLedger({ kind: 'sqlite', file: join(folder, 'a-file', 'ledger.sqlite') })).rejects.toMatchObject({ code: 'ledger_unreachable' });
});

it('a file that another process is just making a ledger of is waited for: SQLite refuses to change its journal while another one writes', async () => {
  const file = join(folder, 'made.sqlite');
  const other = new Worker(`
    const database = new (require('node:sqlite').DatabaseSync)(${JSON.stringify(file)});
    database.exec('CREATE TABLE made (id); BEGIN IMMEDIATE');
    require('node:worker_threads').parentPort.postMessage('writes');
    setTimeout(() => database.exec('COMMIT'), 200);
  `, { eval: true });
  await once(other, 'message');
  const store = openLedger({ kind: 'sqlite', file });
  await store.migrate();
  expect(await store.start(startRequest())).toHaveProperty('run');
  await store.close();
  await other.terminate();
});

it('two processes on one file: every commit is a compare-and-swap, and none is lost', async () => {
  const file = newFile();
  const worker = (name: string): Promise<{ stdout: string }> => promisify(execFile)(process.execPath, ['--import', 'tsx', join(__dirname, 'sqlite-worker.ts'), file, name]);
  const wins = (await Promise.all([worker('one'), worker('two')])).map(({ stdout }) => Number(stdout));
  expect(wins).toEqual([20, 20]);
  const store = openLedger({ kind: 'sqlite', file });
  const { run } = await store.start(startRequest());
  expect(await store.check(run, [checkItem({ full: true })])).toMatchObject([{ row: { version: 40, committed_version: 40 } }]);
  await store.close();
}, 60_000);
