/** Fixed ids, so that references hold wherever the files are imported, and the names that people see. */
import type { Credential } from './canvas';

export const SYNC = { name: 'contacts', recordType: 'contact' } as const;
export const TAGS = ['two-way sync'] as const;

export const ID = {
  crmToSupport: 'twsCrmToSupport',
  supportToCrm: 'twsSupportToCrm',
  reconcile: 'twsReconcile',
  noteHints: 'twsNoteHints',
  drain: 'twsDrain',
  ingestCrm: 'twsIngestCrm',
  ingestSupport: 'twsIngestSupport',
  diff: 'twsDiffEngine',
  router: 'twsRouter',
  decide: 'twsReviewDecide',
  writeCrm: 'twsWriteCrm',
  writeSupport: 'twsWriteSupport',
  errors: 'twsErrors',
} as const;

export const LEDGER: Credential = { type: 'syncLedgerApi', id: 'twsLedger', name: 'Sync ledger' };
export const REVIEWERS: Credential = { type: 'httpBasicAuth', id: 'twsReviewPage', name: 'Review page' };

/** One of the two systems, as far as the workflows know it. Another system is other values here, and another mapping. */
export interface SystemSide {
  readonly key: 'crm' | 'support';
  readonly title: string;
  readonly record: string;
  readonly collectionUrl: string;
  readonly emailQuery: string;
  readonly api: Credential;
  readonly webhook: Credential;
  readonly ingest: string;
  readonly writer: string;
}

export const CRM: SystemSide = {
  key: 'crm',
  title: 'CRM',
  record: 'contact',
  collectionUrl: 'http://localhost:4010/api/contacts',
  emailQuery: 'email',
  api: { type: 'httpBearerAuth', id: 'twsCrmApi', name: 'CRM API' },
  webhook: { type: 'httpHeaderAuth', id: 'twsCrmWebhook', name: 'CRM webhook' },
  ingest: ID.ingestCrm,
  writer: ID.writeCrm,
};

export const SUPPORT: SystemSide = {
  key: 'support',
  title: 'Support',
  record: 'ticket',
  collectionUrl: 'http://localhost:4020/api/tickets',
  emailQuery: 'email',
  api: { type: 'httpBearerAuth', id: 'twsSupportApi', name: 'Support API' },
  webhook: { type: 'httpHeaderAuth', id: 'twsSupportWebhook', name: 'Support webhook' },
  ingest: ID.ingestSupport,
  writer: ID.writeSupport,
};

export interface Direction {
  readonly id: string;
  readonly otherId: string;
  readonly source: SystemSide;
  readonly target: SystemSide;
}

export const CRM_TO_SUPPORT: Direction = { id: ID.crmToSupport, otherId: ID.supportToCrm, source: CRM, target: SUPPORT };
export const SUPPORT_TO_CRM: Direction = { id: ID.supportToCrm, otherId: ID.crmToSupport, source: SUPPORT, target: CRM };
