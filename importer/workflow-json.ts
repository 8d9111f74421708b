import { z } from 'zod';

const credentialReference = z.object({ id: z.string().nullable().optional(), name: z.string() });

const nodeSchema = z.looseObject({
  name: z.string(),
  type: z.string(),
  disabled: z.boolean().optional(),
  parameters: z.record(z.string(), z.unknown()),
  credentials: z.record(z.string(), credentialReference).optional(),
});

/** A workflow as a file holds it: what the importer has to know of it, and the rest as it is. */
export const workflowSchema = z.looseObject({
  id: z.string().min(1).max(21),
  name: z.string().min(1),
  description: z.string(),
  nodes: z.array(nodeSchema),
  connections: z.record(z.string(), z.unknown()),
  settings: z.looseObject({ errorWorkflow: z.string().optional() }),
  pinData: z.record(z.string(), z.array(z.unknown())),
  tags: z.array(z.object({ name: z.string() })),
});

export type WorkflowJson = z.infer<typeof workflowSchema>;
export type NodeJson = z.infer<typeof nodeSchema>;

export interface CredentialNeed {
  readonly type: string;
  readonly name: string;
}

/** Credentials that a workflow's nodes name. Those of switched-off nodes are the user's to choose. */
export function credentialsOf(workflow: WorkflowJson): readonly CredentialNeed[] {
  return workflow.nodes
    .filter(({ disabled }) => disabled !== true)
    .flatMap(({ credentials }) => Object.entries(credentials ?? {}).map(([type, { name }]) => ({ type, name })));
}
