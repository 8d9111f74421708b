import type { ICredentialDataDecryptedObject, IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod';
import { sealWith, type Seal } from '../../core/json/seal';
import { SyncError } from '../../core/sync-error';
import type { LedgerStore } from '../../ledger/ledger-store';
import { openLedger, type LedgerSettings } from '../../ledger/open-ledger';
import { defaultLedgerFile } from '../../ledger/default-ledger-file';

const text = z.string().default('').transform((value) => value.trim());

// n8n stores what the form showed when it was saved: fields of the other store may be missing or left over.
const credentialSchema = z.object({
  store: z.enum(['sqlite', 'postgres']),
  file: text,
  connectBy: z.enum(['fields', 'connectionString']).default('fields'),
  connectionString: text,
  host: text,
  port: z.coerce.number().int().min(1).max(65_535).default(5432),
  database: text,
  user: text,
  password: z.string().default(''),
  sslMode: z.enum(['disable', 'require', 'verify']).default('disable'),
  ca: text,
  schema: text,
  redisUrl: text,
  sealKey: z.string().default(''),
});
type LedgerCredential = z.infer<typeof credentialSchema>;

function refuse(message: string, hint: string): never {
  throw new SyncError('bad_setting', message, hint);
}

/** @throws SyncError `bad_setting`, naming the field of the credential and never its value. */
export function ledgerSettings(data: ICredentialDataDecryptedObject): LedgerSettings {
  const parsed = credentialSchema.safeParse(data);
  if (!parsed.success) refuse(`The Sync Ledger credential cannot be used: field "${parsed.error.issues[0]?.path.join('.') ?? ''}".`, 'Open the credential and correct this field.');
  const credential = parsed.data;
  const redis = credential.redisUrl === '' ? {} : { redisUrl: credential.redisUrl };
  switch (credential.store) {
    case 'sqlite':
      if (credential.file === ':memory:') refuse('A ledger in memory forgets everything when n8n is restarted.', 'Name a file, or leave "File" empty.');
      return { kind: 'sqlite', file: credential.file === '' ? defaultLedgerFile() : credential.file, ...redis };
    case 'postgres':
      return { ...postgresSettings(credential), ...redis };
  }
}

function postgresSettings(credential: LedgerCredential): LedgerSettings {
  const { sslMode, ca, connectionString, host, port, database, user, password } = credential;
  if (sslMode !== 'verify' && ca !== '') refuse('A CA certificate is given, but "SSL" does not verify it.', 'Set "SSL" to "Verify Certificate", or take the certificate out.');
  const shared = {
    kind: 'postgres',
    ssl: { mode: sslMode, ...(ca === '' ? {} : { ca }) },
    schema: credential.schema === '' ? 'public' : credential.schema,
  } as const;
  if (credential.connectBy === 'connectionString') {
    if (connectionString === '') refuse('"Connection String" of the Sync Ledger credential is empty.', 'Fill it in, or connect by host and database.');
    return { ...shared, connectionString };
  }
  if (host === '' || database === '' || user === '') refuse('"Host", "Database" and "User" of the Sync Ledger credential are all needed.', 'Open the credential and fill them in.');
  return { ...shared, host, port, database, user, password };
}

const SHORTEST_KEY = 16;

/** From the ledger's credential, so that every node of a sync seals alike. The key itself goes nowhere. */
export async function ledgerSeal(context: IExecuteFunctions): Promise<Seal> {
  if (context.getNode().credentials?.['syncLedgerApi'] === undefined) refuse('The mapping seals fields, but this node has no Sync Ledger credential.', 'Choose the credential of the ledger in this node.');
  const { sealKey } = z.object({ sealKey: z.string().default('') }).catch({ sealKey: '' }).parse(await context.getCredentials('syncLedgerApi'));
  if (sealKey.length < SHORTEST_KEY) refuse(`"Seal Key" of the Sync Ledger credential has fewer than ${SHORTEST_KEY} characters.`, 'Fill in a long random text, once: with another key, sealed fields are compared anew.');
  return sealWith(sealKey);
}

/** Opened once per process and credential; the store keeps its own small pool. */
export async function connectLedger(context: Pick<IExecuteFunctions, 'getCredentials'>): Promise<LedgerStore> {
  return openLedger(ledgerSettings(await context.getCredentials('syncLedgerApi')));
}
