/** This package's nodes, with the settings that all workflows share. */
import type { JsonObject, NodeExtras } from './canvas';
import { LEDGER, SYNC } from './names';

const own = (name: string, version = 1): readonly [string, number] => [`n8n-nodes-two-way-sync.${name}`, version];

export const NORMALIZE = own('normalize');
export const LEDGER_CHECK = own('ledgerCheck');
export const LEDGER_COMMIT = own('ledgerCommit');
export const ECHO_GUARD = own('echoGuard');
export const DIFF_ENGINE = own('diffEngine');
export const CONFLICT_ROUTER = own('conflictRouter');
/** In the place of n8n's Webhook node, which keeps all headers with the execution, the secret among them. */
export const SYNC_WEBHOOK = own('syncWebhookTrigger', 2);

/** The ledger's own outputs tell what failed: one bad item stops no other. */
export const ledger: NodeExtras = { credential: LEDGER, onError: 'continueRegularOutput' };
/** Nothing can go on without the ledger: the workflow fails, and the error workflow tells. */
export const ledgerOrStop: NodeExtras = { credential: LEDGER };
export const ledgerOrError: NodeExtras = { credential: LEDGER, onError: 'continueErrorOutput' };

export const scope = (source: string, target: string): JsonObject => ({
  syncName: SYNC.name,
  sourceSystem: source,
  targetSystem: target,
  recordType: SYNC.recordType,
});

export const receive = (path: string): JsonObject => ({ whenDelivered: 'startWorkflow', httpMethod: 'POST', path, authentication: 'headerAuth' });
export const receiveHints = (path: string, source: string, target: string, sender: string): JsonObject => ({
  ...receive(path), whenDelivered: 'noteHints', ...scope(source, target), recordSystem: sender, eventsPath: 'events', idPath: 'id', waitSeconds: 2,
});
/** Of one `event` of a delivery: whether it says which record. Another delivery of one that doesn't would say no more. */
export const NAMES_RECORD = "['string', 'number'].includes(typeof event?.id) && event.id !== ''";
export const start = (source: string, target: string, more: JsonObject): JsonObject => ({ resource: 'record', operation: 'start', ...scope(source, target), maxAttempts: 5, ...more });
export const take = (source: string, target: string, more: JsonObject): JsonObject => ({ resource: 'burst', operation: 'take', ...scope(source, target), batchSize: 500, holdSeconds: 120, drainsAtOnce: 1, ...more });
export const CHECK: JsonObject = { resource: 'record', operation: 'check', recentSeconds: 60, sentinel: 'n8n-sync' };
/** What passes without a person, in one place for all workflows. */
export const GUARDS: JsonObject = { sentinel: 'n8n-sync', guardLimits: { deletes: 100, deletesPercent: 10, missingPercent: 50, writtenPercent: 50, writes: 5000, recordWrites: 10 } };
export const RESERVE: JsonObject = { resource: 'record', operation: 'reserve', leaseSeconds: 120, guards: true, ...GUARDS };
export const COMMIT: JsonObject = { resource: 'record', operation: 'commit' };
export const FINISH: JsonObject = { resource: 'record', operation: 'finish' };
export const QUEUE_REVIEW: JsonObject = { resource: 'review', operation: 'queueReview' };

/** Items of this package say themselves what was wrong; others only have a verdict. */
export const REPORT: JsonObject = {
  resource: 'record',
  operation: 'reportIssue',
  reason: "={{ $json.rejected ? '' : ($json.verdict?.reason ?? 'no reason was given') }}",
};

export const ECHO: JsonObject = { originStamp: true, sentinel: 'n8n-sync', writeHash: true, suppressionWindow: true, windowSeconds: 60, alternations: 3 };
