import { randomBytes } from 'node:crypto';
import { DEFAULT_TOKEN } from './systems/business-system';

/** Made anew at every start: nothing of the demo is a standing secret. */
export interface DemoSecrets {
  readonly crmWebhook: string;
  readonly supportWebhook: string;
  readonly reviewPassword: string;
}

const secret = (): string => randomBytes(12).toString('hex');

export function newSecrets(): DemoSecrets {
  return { crmWebhook: secret(), supportWebhook: secret(), reviewPassword: secret() };
}

/** Connection string of a PostgreSQL database for the ledger; null: the SQLite file in n8n's user folder. */
export type DemoLedger = string | null;

export interface DemoCredential {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** With the ids that the shipped workflows name. */
export function demoCredentials(secrets: DemoSecrets, ledger: DemoLedger): readonly DemoCredential[] {
  const store = ledger === null ? { store: 'sqlite', file: '' } : { store: 'postgres', connectBy: 'connectionString', connectionString: ledger };
  return [
    { id: 'twsLedger', name: 'Sync ledger', type: 'syncLedgerApi', data: store },
    { id: 'twsCrmApi', name: 'CRM API', type: 'httpBearerAuth', data: { token: DEFAULT_TOKEN } },
    { id: 'twsSupportApi', name: 'Support API', type: 'httpBearerAuth', data: { token: DEFAULT_TOKEN } },
    { id: 'twsCrmWebhook', name: 'CRM webhook', type: 'httpHeaderAuth', data: { name: 'X-Sync-Secret', value: secrets.crmWebhook } },
    { id: 'twsSupportWebhook', name: 'Support webhook', type: 'httpHeaderAuth', data: { name: 'X-Sync-Secret', value: secrets.supportWebhook } },
    { id: 'twsReviewPage', name: 'Review page', type: 'httpBasicAuth', data: { user: 'reviewer', password: secrets.reviewPassword } },
  ];
}
