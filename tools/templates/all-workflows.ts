import type { JsonObject } from './canvas';
import { diffWorkflow } from './diff';
import { drainWorkflow } from './drain';
import { errorsWorkflow } from './errors';
import { ingestWorkflow } from './ingest';
import { CRM, CRM_TO_SUPPORT, SUPPORT, SUPPORT_TO_CRM } from './names';
import { noteHintsWorkflow } from './note-hints';
import { parentWorkflow } from './parent';
import { reconcileWorkflow } from './reconcile';
import { reviewWorkflow } from './review';
import { routerWorkflow } from './router';
import { DIFF_SAMPLE, ERROR_SAMPLE, INGEST_SAMPLES, ROUTER_SAMPLE, WRITER_SAMPLES } from './samples';
import { writerWorkflow } from './writer';

/** File name → workflow, in reading order. */
export function allWorkflows(): ReadonlyMap<string, JsonObject> {
  return new Map([
    ['sync-crm-to-support', parentWorkflow(CRM_TO_SUPPORT)],
    ['sync-support-to-crm', parentWorkflow(SUPPORT_TO_CRM)],
    ['sync-reconcile', reconcileWorkflow()],
    ['sync-note-hints', noteHintsWorkflow()],
    ['sync-drain', drainWorkflow()],
    ['sync-errors', errorsWorkflow(ERROR_SAMPLE)],
    ['ingest-normalize-crm-record', ingestWorkflow(CRM, INGEST_SAMPLES.crm)],
    ['ingest-normalize-support-record', ingestWorkflow(SUPPORT, INGEST_SAMPLES.support)],
    ['diff-engine-compute-changes', diffWorkflow(DIFF_SAMPLE)],
    ['router-human-review-queue', routerWorkflow(ROUTER_SAMPLE)],
    ['review-decide', reviewWorkflow()],
    ['writer-update-crm-record', writerWorkflow(CRM, 'Writer - Update CRM Record', WRITER_SAMPLES.crm)],
    ['writer-update-support-ticket', writerWorkflow(SUPPORT, 'Writer - Update Support Ticket', WRITER_SAMPLES.support)],
  ]);
}
