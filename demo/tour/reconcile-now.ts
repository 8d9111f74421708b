import type { WorkflowFile } from '../../tools/n8n-rest';

export const reconcileNow = { path: 'two-way-sync/reconcile-now' } as const;

/** Sync - Reconcile starts by schedule, by hand or called by a workflow; the tour has neither time nor hands, so it calls. */
export const RECONCILE_NOW: WorkflowFile = {
  id: 'tourReconcileNow',
  name: 'Tour - Reconcile now',
  nodes: [
    {
      id: 'hook',
      name: 'Receive the order',
      type: 'n8n-nodes-two-way-sync.syncWebhookTrigger',
      typeVersion: 2,
      position: [0, 0],
      webhookId: 'tour-reconcile-now',
      parameters: { httpMethod: 'POST', path: reconcileNow.path, authentication: 'headerAuth' },
      credentials: { httpHeaderAuth: { id: 'twsCrmWebhook', name: 'CRM webhook' } },
    },
    {
      id: 'answer',
      name: 'Answer: it begins',
      type: 'n8n-nodes-base.respondToWebhook',
      typeVersion: 1,
      position: [240, 0],
      parameters: { respondWith: 'text', responseBody: 'Begun.', options: {} },
    },
    {
      id: 'call',
      name: 'Reconcile both systems',
      type: 'n8n-nodes-base.executeWorkflow',
      typeVersion: 1.2,
      position: [480, 0],
      parameters: {
        workflowId: { __rl: true, mode: 'id', value: 'twsReconcile' },
        workflowInputs: { mappingMode: 'defineBelow', value: { mode: '={{ $json.body.mode }}', dry_run: '={{ $json.body.dry_run }}' }, matchingColumns: [], schema: [
          { id: 'mode', displayName: 'mode', required: false, defaultMatch: false, display: true, canBeUsedToMatch: true, type: 'string' },
          { id: 'dry_run', displayName: 'dry_run', required: false, defaultMatch: false, display: true, canBeUsedToMatch: true, type: 'boolean' },
        ] },
        options: {},
      },
    },
  ],
  connections: {
    'Receive the order': { main: [[{ node: 'Answer: it begins', type: 'main', index: 0 }]] },
    'Answer: it begins': { main: [[{ node: 'Reconcile both systems', type: 'main', index: 0 }]] },
  },
  settings: { executionOrder: 'v1', callerPolicy: 'workflowsFromSameOwner' },
};
