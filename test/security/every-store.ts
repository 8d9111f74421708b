/** The three stores, each empty, for promises that hold on all of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import type { LedgerStore } from '../../ledger/ledger-store';
import { openLedger } from '../../ledger/open-ledger';
import { startPostgres, type PostgresServer } from '../../tools/postgres';
import { MemoryLedger } from '../support/memory-ledger/memory-ledger';

/** Opens an empty ledger of its own. */
export type OpenStore = () => LedgerStore;

export function onEveryStore(title: string, promises: (open: OpenStore) => void): void {
  describe(title, () => {
    let folder: string;
    let server: PostgresServer;
    let opened = 0;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'two-way-sync-security-'));
      server = await startPostgres();
    });
    afterAll(async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    describe('in memory', () => { promises(() => new MemoryLedger(() => new Date())); });
    describe('SQLite', () => { promises(() => openLedger({ kind: 'sqlite', file: join(folder, `${(opened += 1)}.sqlite`) })); });
    describe('PostgreSQL', () => { promises(() => openLedger({ kind: 'postgres', connectionString: server.connectionString(), schema: `security_${(opened += 1)}` })); });
  });
}
