/** A delivery whose hints are noted before anything else: an execution costs n8n more than the note, and most deliveries need none. */
import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { z } from 'zod';
import { parsePath, type Path } from '../../core/json/path';
import { hintedIds } from '../../core/stages/hinted-ids';
import { SyncError } from '../../core/sync-error';
import type { NoteRequest } from '../../ledger/ledger-store';
import { orderSeconds } from '../shared/drain-order';
import { failureOf } from '../shared/error-mapping';
import { connectLedger } from '../shared/ledger-connection';
import { guarded } from '../shared/parameters';
import { filledIn, syncScopeOf } from '../shared/sync-scope-properties';
import { answer } from './sync-webhook-request';

/** @returns an execution only where a drain has to be started, or where the hints could not be kept (then with a `verdict`). */
export async function noteDelivery(context: IWebhookFunctions): Promise<IWebhookResponseData> {
  try {
    const { request, wait_seconds } = readDelivery(context);
    if (request.hints.length === 0) return answer(context, 400, 'This delivery names no record.');
    const { noted, order } = await (await connectLedger(context)).note(request);
    const answered = answer(context, 202, 'Noted.');
    return order ? { ...answered, workflowData: [[{ json: { wait_seconds, noted } }]] } : answered;
  } catch (error) {
    const { reason, hint } = failureOf(error);
    return { ...answer(context, 503, 'Not noted. Deliver it again.'), workflowData: [[{ json: { verdict: { kind: 'Failed', reason, hint } } }]] };
  }
}

function readDelivery(context: IWebhookFunctions): { readonly request: NoteRequest; readonly wait_seconds: number } {
  const text = (name: string, label: string): string => filledIn(context.getNodeParameter(name, ''), label);
  const scope = syncScopeOf(text);
  const system = text('recordSystem', 'Record System');
  if (system !== scope.source && system !== scope.target) {
    throw new SyncError('bad_setting', `The parameter "Record System" is "${system}": neither the source ("${scope.source}") nor the target ("${scope.target}").`, 'Use one of the two names.');
  }
  const wait_seconds = guarded(context.getNodeParameter('waitSeconds'), 'Wait for More (Seconds)', z.number().min(0).max(300));
  const events = context.getNodeParameter('eventsPath', '');
  const paths = { events: events === '' ? [] : pathOf(events, 'Events Path'), id: pathOf(context.getNodeParameter('idPath', ''), 'ID Path') };
  const hints = hintedIds(context.getBodyData(), paths).map((native_id) => ({ system, native_id }));
  return { request: { ...scope, hints, order_seconds: orderSeconds(wait_seconds) }, wait_seconds };
}

function pathOf(value: unknown, label: string): Path {
  const path = parsePath(filledIn(value, label));
  if (path === null) throw new SyncError('bad_setting', `The parameter "${label}" is no path.`, 'Write the names from the outside in with dots between, like event.record.id.');
  return path;
}
