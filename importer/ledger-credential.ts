import { ImportError } from './import-error';
import { credentialKey } from './rewire';

export const LEDGER = { type: 'syncLedgerApi', name: 'Sync ledger' } as const;
export const LEDGER_URL = 'SYNC_LEDGER_URL';

/** The one credential that can be made without asking: it holds nothing of the two systems. */
export function ledgerCredential(store: 'sqlite' | 'postgres' | undefined, env: Readonly<Record<string, string | undefined>>): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  if (store === undefined) return new Map();
  return new Map([[credentialKey(LEDGER), store === 'sqlite' ? { store, file: '' } : postgres(env[LEDGER_URL])]]);
}

/** From the environment: a password on a command line can be read by every user of the machine. */
function postgres(connectionString: string | undefined): Readonly<Record<string, unknown>> {
  if (connectionString === undefined || connectionString === '') {
    throw new ImportError(`--ledger postgres needs a connection string in ${LEDGER_URL}.`, `Set ${LEDGER_URL}=postgres://user:password@host/database, or make the credential "${LEDGER.name}" in n8n.`);
  }
  return { store: 'postgres', connectBy: 'connectionString', connectionString, sslMode: 'disable', schema: 'public' };
}
